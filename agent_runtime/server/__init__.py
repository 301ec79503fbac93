"""An agent behind HTTP: `create_app` makes a FastAPI app. FastAPI is imported by that call and not before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

MAX_BODY = 1 << 20
KEEP_ALIVE = 15.0


def create_app(
    agent_factory: Callable[..., Any] | Any,
    *,
    limits: Mapping[str, Any] | None = None,
    keep_alive: float = KEEP_ALIVE,
    max_body: int = MAX_BODY,
) -> FastAPI:
    """A FastAPI app with `POST /stream`: `{"prompt": ...}` in, the agent's answer out while it is made.

    `agent_factory` makes the agent of a request: a function, also an async one, without parameters or with one, the
    request; an HTTPException of it is the answer. An agent in its place serves all: one call at a time, one
    conversation, and status 409 for who comes in between.

    The answer is text (`text/plain`), or each event as JSON where the client accepts `text/event-stream`. A client that
    leaves ends the run. `limits` (as `stream_async` takes them) are the most that a request may ask for, `keep_alive`
    the seconds of silence after which server-sent events carry a comment, `max_body` the largest request in bytes.
    A request's `traceparent`, `tracestate` and `conversation_id` go into `invocation_state`.

    Raises:
        ImportError: FastAPI is not installed.
        TypeError: `agent_factory` is neither an agent nor a function that can be called so.
        ValueError: a limit that there is not.
    """
    try:
        from agent_runtime.server.app import build
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("fastapi", "starlette"):
            raise
        raise ImportError(
            f"agent_runtime.server needs {error.name}: install the extra `server`, "
            "as in pip install 'agent-loop-tracer[server]'"
        ) from error
    return build(agent_factory, limits=limits, keep_alive=keep_alive, max_body=max_body)
