"""An async client of the debugger's socket: what the screen, the commands and the tests drive it with."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Self

from tracer.debug.errors import DebugError, Late
from tracer.debug.via import Far, Joined, Via, ended
from tracer.debug.wire import Decoder, Message, encode

__all__ = ["Client", "DebugError"]
Body = dict[str, Any]


class Client:
    """One connection. `on_event(name, body)` hears every event; or iterate over `events()`. `closed` once it is over.

    >>> async with Client(path) as client:
    ...     await client.start("me", breakpoints=["before_tool:calculator"])
    """

    def __init__(self, path: Path | str | Via | Joined, on_event: Callable[[str, Body], None] | None = None) -> None:
        self.path = path
        self.closed = False
        self.capabilities: Body = {}
        self._on_event = on_event
        self._seq = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._events: asyncio.Queue[tuple[str, Body] | None] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._process: Far | None = None

    async def connect(self) -> None:
        """Open the connection. Raises DebugError where nobody listens."""
        try:
            if isinstance(self.path, (Via, Joined)):
                ours, self._process = self.path.open()
                reader, self._writer = await asyncio.open_unix_connection(sock=ours)
            else:
                reader, self._writer = await asyncio.open_unix_connection(os.fspath(self.path))
        except OSError as error:
            raise DebugError(
                f"nobody answers on {self.path}: {error.strerror or error}", "is the session live?"
            ) from error
        self._reading = asyncio.create_task(self._read(reader))

    async def start(
        self, name: str = "tracer", *, breakpoints: list[str] | None = None, observe: bool = False, output: bool = True
    ) -> Body:
        """Connect if need be, then initialize, attach, set function breakpoints; open stops come as events after it.

        Returns the capabilities. Without `output` it does not hear what the agent says.
        """
        if self._writer is None:
            await self.connect()
        self.capabilities = await self.request("initialize", {"adapterID": "tracer", "clientName": name})
        await self.request("attach", {"observe": observe, "output": output})
        if breakpoints is not None:
            await self.request("setFunctionBreakpoints", {"breakpoints": [{"name": text} for text in breakpoints]})
        await self.request("configurationDone")
        return self.capabilities

    async def request(self, command: str, arguments: Body | None = None, timeout: float = 10) -> Body:
        """Ask, and return the response's body ({} without one). Raises DebugError: refused, gone, or Late (seconds)."""
        seq = next(self._seq)
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[seq] = future
        try:
            async with asyncio.timeout(timeout):
                await self._write({"seq": seq, "type": "request", "command": command, "arguments": arguments or {}})
                response = await future
        except TimeoutError:
            raise Late(f"{command}: no answer within {timeout:g} s", "is the program still there?") from None
        finally:
            self._waiting.pop(seq, None)
        if not response.get("success"):
            raise DebugError(str(response.get("message") or f"{command} failed"))
        body = response.get("body")
        return body if isinstance(body, dict) else {}

    async def _write(self, message: Message) -> None:
        if self._writer is None or self.closed:
            raise DebugError("the connection to the debugger is closed", "the program has ended, or has let go of it")
        try:
            self._writer.write(encode(message))
            await self._writer.drain()
        except ConnectionError as error:
            raise DebugError(f"the connection to the debugger broke: {error}") from error

    async def events(self) -> AsyncIterator[tuple[str, Body]]:
        """Events as they come, until the connection is over. Not together with `on_event`."""
        while (item := await self._events.get()) is not None:
            yield item
        self._events.put_nowait(None)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        decoder = Decoder()
        try:
            with contextlib.suppress(OSError, TypeError, ValueError):  # broken, or no DAP
                while data := await reader.read(1 << 16):
                    for message in decoder.feed(data):
                        self._took(message)
        finally:
            self._over()

    def _took(self, message: Message) -> None:
        if message.get("type") == "response":
            future = self._waiting.get(int(message.get("request_seq", 0)))
            if future is not None and not future.done():
                future.set_result(message)
        elif message.get("type") == "event":
            name, body = str(message.get("event")), message.get("body") or {}
            if self._on_event is not None:
                self._on_event(name, body)
            else:
                self._events.put_nowait((name, body))

    def _over(self) -> None:
        self.closed = True
        self._events.put_nowait(None)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(DebugError("the debugger closed the connection"))

    def hang_up(self) -> None:
        """End the connection here and now: what waits for an answer hears of it. `close` is still to come."""
        if self._writer is not None:
            self._writer.close()
        if not self.closed:
            self._over()

    async def close(self) -> None:
        """Hang up without a word (`request("disconnect")` says goodbye). Idempotent."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        self.hang_up()
        if self._process is not None:
            await asyncio.to_thread(ended, self._process)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
