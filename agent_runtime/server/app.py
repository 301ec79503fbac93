"""The FastAPI app and its one route: from a request to an agent and its answer. How it is sent is in response."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from starlette.responses import Response

from agent_runtime.limits import checked
from agent_runtime.server.failures import log_failure
from agent_runtime.server.forms import form_for
from agent_runtime.server.request import SCHEMA, read
from agent_runtime.server.response import Answer

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {}, "text/event-stream": {}}, "description": "The answer, while it is made"},
    400: {"description": "The body is not JSON"},
    409: {"description": "The one agent that serves all is in the middle of another call"},
    413: {"description": "The body is too large"},
    415: {"description": "The body is not said to be JSON"},
    422: {"description": "A field is missing, unknown or of the wrong type"},
}


def build(agent_factory: Any, *, limits: Mapping[str, Any] | None, keep_alive: float, max_body: int) -> FastAPI:
    """See `agent_runtime.server.create_app`."""
    make, most = _maker(agent_factory), checked(limits)
    app = FastAPI(title="Agent")
    app.state.answers = answers = set[Answer]()

    @app.post("/stream", responses=_ANSWERS, openapi_extra={"requestBody": SCHEMA}, response_class=Response)
    async def stream(request: Request) -> Response:
        """Ask the agent."""
        asked = await read(request, max_body)
        agent = await _made(make, request)
        allowed = {**most, **{key: min(value, most.get(key, value)) for key, value in asked.limits.items()}}
        events = agent.stream_async(
            asked.prompt, invocation_state=asked.state, **({"limits": allowed} if allowed else {})
        )
        return Answer(events, form_for(request.headers.get("accept", "")), keep_alive, answers)

    return app


def _maker(factory: Any) -> Callable[[Request], Any]:
    if hasattr(factory, "stream_async") and not isinstance(factory, type):
        return lambda request: factory
    if not callable(factory):
        raise TypeError(f"create_app takes an agent or a function that makes one, not {type(factory).__qualname__}")
    try:
        parameters = inspect.signature(factory).parameters.values()
    except ValueError:  # built-in, so without a signature
        return lambda request: factory()
    needed = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if not needed:
        return lambda request: factory()
    if len(needed) > 1 or needed[0].kind is needed[0].KEYWORD_ONLY:
        names = ", ".join(p.name for p in needed)
        raise TypeError(
            f"the function that makes an agent is called with the request or with nothing, not with {names}"
        )
    made: Callable[[Request], Any] = factory
    return made


async def _made(make: Callable[[Request], Any], request: Request) -> Any:
    """The agent of a request. What goes wrong is for the log: the client is told that there is none."""
    try:
        made = make(request)
        if inspect.isawaitable(made):
            made = await made
        if not hasattr(made, "stream_async"):
            raise TypeError(f"an agent was to be made, and {type(made).__qualname__} is none")
    except HTTPException:
        raise
    except Exception as error:
        log_failure("no agent could be made for a request", error)
        raise HTTPException(500, "no agent could be made; the server's log says why") from error
    return made
