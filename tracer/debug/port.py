"""A debug socket on a TCP port of this machine alone, for clients that know a token: it reads no more than that."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tracer.debug.errors import DebugError
from tracer.debug.wire import Decoder, WireError

_CHUNK = 1 << 16
FIRST = 1 << 14  # bytes that the first message may have
HURRY = 10.0  # seconds in which it has to come
CLIENTS = 16


async def listen(path: Path, port: int, token: str, tell: Callable[[int], None]) -> None:
    """Serve the socket at `path` on 127.0.0.1 until cancelled or the session is over; `tell(port)` once it listens.

    A connection whose first message is not an `initialize` with the token (its argument `token`, or `adapterID`, which
    editors let you set) is closed without an answer. Raises DebugError: the port is taken, or nobody answers.
    """
    door = _Door(path, token)
    try:
        server = await asyncio.start_server(door.came, "127.0.0.1", port)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise DebugError(f"cannot listen on port {port}: {why}", "name another, or 0 for any") from error
    try:
        tell(server.sockets[0].getsockname()[1])
        await _gone(path)
    finally:
        server.close()  # and no wait for who is connected: from Python 3.12 on it would last until they leave


async def _gone(path: Path) -> None:
    """Wait for the end of the session: a connection that says nothing ends with it."""
    reader, writer = await _connect(path)
    while await reader.read(_CHUNK):
        continue
    writer.close()


async def _connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_unix_connection(os.fspath(path))
    except OSError as error:
        raise DebugError(f"nobody answers on {path}: {error.strerror or error}", "is the session live?") from error


class _Door:
    def __init__(self, path: Path, token: str) -> None:
        self._path = path
        self._token = token.encode()
        self._inside = 0

    async def came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection: let in, or closed."""
        self._inside += 1
        try:
            if self._inside <= CLIENTS and (first := await self._first(reader)):
                await self._join(first, reader, writer)
        except (OSError, WireError, DebugError, TimeoutError):
            pass  # not for us, or over: either way it is closed below
        finally:
            self._inside -= 1
            writer.close()

    async def _first(self, reader: asyncio.StreamReader) -> bytes:
        """What came with the first message, if that has the token; else b"". Raises WireError, TimeoutError."""
        decoder, data = Decoder(), b""
        async with asyncio.timeout(HURRY):
            while len(data) < FIRST and (chunk := await reader.read(_CHUNK)):
                data += chunk
                if messages := decoder.feed(chunk):
                    return data if self._knows(messages[0]) else b""
        return b""

    def _knows(self, message: dict[str, Any]) -> bool:
        given = message.get("arguments")
        if message.get("command") != "initialize" or not isinstance(given, dict):
            return False
        said = (str(given.get(key, "")).encode("utf-8", "replace") for key in ("token", "adapterID"))
        return any(hmac.compare_digest(one, self._token) for one in said)

    async def _join(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up, down = await _connect(self._path)
        down.write(first)
        ways = [asyncio.ensure_future(_pump(reader, down)), asyncio.ensure_future(_pump(up, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            down.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
