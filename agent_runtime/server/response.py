"""An answer on its way: events are pulled from the agent as fast as the client reads; who leaves ends the run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

from fastapi.responses import JSONResponse
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from agent_runtime.models.describe import describe_error
from agent_runtime.server.failures import log_failure
from agent_runtime.server.forms import Form

_HEADERS = {"Cache-Control": "no-cache", "Vary": "Accept", "X-Accel-Buffering": "no"}

_TURN = 32  # events after which others come to their turn


class ServerStopped(Exception):
    """The server ends before the answer does."""


class _Left(Exception):
    """The client has gone."""


class Answer(Response):
    """Sends one call's events. What fails before the first event is a status of its own, later a clean last event."""

    def __init__(
        self, events: AsyncGenerator[dict[str, Any], None], form: Form, keep_alive: float, answers: set[Answer]
    ) -> None:
        self.media_type = form.media_type
        self.status_code = 200
        self.background = None
        self.init_headers(_HEADERS)
        self._events, self._form, self._keep_alive, self._answers = events, form, keep_alive, answers
        self._writing = asyncio.Lock()
        self._events_seen = 0
        self._written = 0  # pieces of the body
        self._begun = False
        self._speaking: asyncio.Task[None] | None = None
        self._stopped = False

    def stop(self) -> None:
        """End the run and tell the client so."""
        self._stopped = True
        if self._speaking is not None:
            self._speaking.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, until the end or until the client leaves; the agent has ended when this returns."""
        self._speaking = speaking = asyncio.create_task(self._speak(scope, receive, send))
        tasks: list[asyncio.Task[None]] = [speaking, asyncio.create_task(_left(receive))]
        if self._form.idle:
            tasks.append(asyncio.create_task(self._beat(send)))
        self._answers.add(self)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._answers.discard(self)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not speaking.cancelled():
            speaking.result()

    async def _speak(self, scope: Scope, receive: Receive, send: Send) -> None:
        error: BaseException | None = None
        try:
            async with contextlib.aclosing(self._events) as events:
                async for event in events:
                    await self._write(send, self._form.event(event))
        except asyncio.CancelledError:
            if not self._stopped:
                raise
            error = ServerStopped("the server was stopped")
        except _Left:
            return
        except Exception as raised:
            error = raised
        if error is not None and not self._begun:
            await _refusal(error)(scope, receive, send)
            return
        if error is not None and not self._stopped:
            log_failure("an agent failed", error)
        with contextlib.suppress(_Left):
            await self._write(send, b"" if error is None else self._form.error(error, self._written > 0))
            await self._send(send, {"type": "http.response.body", "body": b"", "more_body": False})

    async def _write(self, send: Send, piece: bytes) -> None:
        """Send a piece, the first one after the headers; an empty one only sees to these."""
        self._events_seen += 1
        if self._events_seen % _TURN == 0:
            await asyncio.sleep(0)  # a model that never waits, as one that was cached, holds up nobody else
        async with self._writing:
            if not self._begun:
                self._begun = True
                start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
                await self._send(send, start)
            if piece:
                await self._send(send, {"type": "http.response.body", "body": piece, "more_body": True})
                self._written += 1

    async def _send(self, send: Send, message: Message) -> None:
        try:
            await send(message)
        except OSError as error:  # how some servers tell that the client has gone
            raise _Left from error

    async def _beat(self, send: Send) -> None:
        """Say that we are there when nothing was said for a while: a way on which nobody listens is noticed so."""
        while True:
            before = self._written
            await asyncio.sleep(self._keep_alive)
            if self._begun and self._written == before and not self._writing.locked():
                await self._write(send, self._form.idle)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _refusal(error: BaseException) -> Response:
    """What the client is told where the call did not begin."""
    if type(error).__name__ == "ConcurrencyException":  # by name: the agent may be of stock Strands
        return JSONResponse({"detail": f"{error}"}, 409)
    if isinstance(error, TypeError | ValueError | KeyError):  # what agents raise over a prompt
        return JSONResponse({"detail": describe_error(error)}, 422)
    log_failure("an agent failed", error)
    return JSONResponse({"detail": describe_error(error)}, 503 if isinstance(error, ServerStopped) else 500)
