"""A real uvicorn in the test's own event loop, and a client that is a bare socket: it can read slowly, or be killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the signals are the test's


@contextlib.asynccontextmanager
async def serving(app: Any) -> AsyncIterator[int]:
    """Serve an ASGI app on a port of the loopback, which is given."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        server = _Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        running = asyncio.create_task(server.serve(sockets=[sock]))
        await until(lambda: server.started)
        try:
            yield sock.getsockname()[1]
        finally:
            server.should_exit = True
            await running


async def until(true: Callable[[], Any], seconds: float = 100) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


class Client:
    """One HTTP/1.1 request on a socket of its own; `text` is what came, headers and chunk sizes and all."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.raw = b""

    @property
    def text(self) -> str:
        return self.raw.decode()

    @property
    def body(self) -> str:
        """What came after the headers, without the sizes of its chunks."""
        rest, body = self.raw.partition(b"\r\n\r\n")[2], b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        return body.decode()

    async def until(self, words: str, seconds: float = 100) -> str:
        """Read until the words came; all that came."""
        async with asyncio.timeout(seconds):
            while words not in self.text:
                piece = await self._reader.read(1 << 16)
                assert piece, f"the connection ended before {words!r}: {self.text[-2000:]}"
                self.raw += piece
        return self.text

    async def end(self, seconds: float = 100) -> str:
        """Read to the end of the connection; all that came."""
        async with asyncio.timeout(seconds):
            self.raw += await self._reader.read()
        return self.text

    def kill(self) -> None:
        """Vanish, as a killed process does."""
        self._writer.transport.abort()


async def post(
    port: int, body: Any = None, accept: str = "text/plain", path: str = "/stream", **headers: str
) -> Client:
    """Send a request and do not wait for the answer; `body` becomes JSON."""
    raw = json.dumps({"prompt": "Hello"} if body is None else body).encode()
    fields = {
        "Host": f"127.0.0.1:{port}",
        "Content-Type": "application/json",
        "Content-Length": str(len(raw)),
        "Accept": accept,
        "Connection": "close",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    writer.write("\r\n".join(lines).encode() + raw)
    await writer.drain()
    return Client(reader, writer)
