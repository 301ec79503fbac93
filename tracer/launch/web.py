"""The app that is served and the uvicorn that serves it. Needs the extra `server`; prints what uvicorn logs."""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware

from agent_runtime.server import create_app
from tracer.errors import TracerError
from tracer.launch.load import load_served, quieten
from tracer.launch.spec import Spec
from tracer.recorder import label
from tracer.text.safe import clean

if TYPE_CHECKING:
    from tracer.recorder import Recording

App: TypeAlias = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

_GRACE = 3  # seconds that requests have to end in
_LOCAL = ["localhost", "127.0.0.1", "::1", "[::1]"]
_LONGEST_LABEL = 200


def app_of(spec: Spec, recording: Recording, *, local: bool) -> Starlette:
    """The app that the spec names or that is made of its agent; `local`: only this machine is to reach it.

    Raises TracerError where it is none of these.
    """
    found = load_served(spec)
    if isinstance(found, Starlette):
        if spec.limits:
            raise TracerError(f"--limit is for agents, and {spec.app} is an app", "set limits where it calls its agent")
        app = found
    else:
        app = _made(spec, found, recording)
        if local:  # a page of another site may have its own name lead to this machine
            app.add_middleware(TrustedHostMiddleware, allowed_hosts=_LOCAL, www_redirect=False)
    app.add_middleware(Labelled)
    return app


def _made(spec: Spec, found: Any, recording: Recording) -> Starlette:
    try:
        app = create_app(found, limits=spec.limits or None)
    except TypeError as error:
        hint = "name an Agent, a function that makes one, or a FastAPI app"
        raise TracerError(f"{spec.app} cannot be served: {error}", hint) from error
    except ImportError as error:
        hint = "install the extra: pip install 'agent-loop-tracer[server]'"
        raise TracerError("`tracer serve` needs fastapi to serve an agent", hint) from error
    recording.on_watch(quieten)
    if hasattr(found, "stream_async") and not isinstance(found, type):
        recording.watch(found)
    return app


class Labelled:
    """Labels what runs in a request with the id that its X-Request-ID header gives."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Pass the request on."""
        given = Headers(raw=scope["headers"]).get("x-request-id", "") if "headers" in scope else ""
        if not given:
            await self._app(scope, receive, send)
            return
        with label(request_id=given[:_LONGEST_LABEL]):
            await self._app(scope, receive, send)


class Server(uvicorn.Server):
    """A uvicorn that tells the clients of open streams when it ends, and logs requests to standard error."""

    def __init__(self, app: Starlette, tracebacks: bool = False) -> None:
        _log_to_stderr(tracebacks)
        super().__init__(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=_GRACE))
        self._answers = getattr(app.state, "answers", ())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what runs, then the server."""
        for answer in list(self._answers):
            answer.stop()
        await super().shutdown(sockets)


class _Clean(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record), keep_newlines=True)


def _log_to_stderr(tracebacks: bool) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Clean("%(message)s"))
    handler.setLevel(logging.DEBUG if tracebacks else logging.INFO)
    if tracebacks:
        logging.getLogger("agent_runtime.server").setLevel(logging.DEBUG)
    logging.getLogger("uvicorn.access").setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
