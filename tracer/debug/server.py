"""The debugger's socket: a daemon thread with a loop of its own, many clients, none of whom can slow the agent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import weakref
from pathlib import Path
from typing import Any

from tracer.debug import acting, configuring, inspecting, journal  # noqa: F401 - they register their requests
from tracer.debug.board import Board
from tracer.debug.echo import Echo
from tracer.debug.listener import bind, peer_is_us
from tracer.debug.outbox import Outbox
from tracer.debug.session import Session
from tracer.debug.wire import Decoder, WireError
from tracer.errors import TracerError

_FAREWELL = 1.0  # seconds that a closing connection has for what is still to be sent


class Server:
    """Listens at `path` from `start` to `close`. `post` may be called from any thread."""

    def __init__(self, board: Board, path: Path) -> None:
        self.board = board
        self.path = path
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="tracer-debug", daemon=True)
        self._sessions: set[Session] = set()
        self._echo = Echo(board.recording.path, self._say)
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._socket: socket.socket | None = None
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._pid = os.getpid()

    def start(self) -> None:
        """Bind and listen. Raises TracerError where that cannot be done."""
        self._socket = bind(self.path)
        _servers.add(self)
        self._thread.start()
        self._ready.wait()
        if self._stop is None:
            raise TracerError(f"the debugger cannot listen on {self.path}", "its thread ended; see the log")
        self.board.tell = self.post

    def post(self, event: str, body: dict[str, Any]) -> None:
        """Send an event to every client that is there for it."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: no client is left to tell
            self._loop.call_soon_threadsafe(self._broadcast, event, body)

    def _broadcast(self, event: str, body: dict[str, Any]) -> None:
        self._echo.look()  # what was said before it is told before it
        for session in list(self._sessions):
            session.event(event, body)

    def _say(self, body: dict[str, Any]) -> None:
        for session in list(self._sessions):
            if session.listens:
                session.event("output", body)

    def _heed(self) -> None:
        self._echo.wanted(any(session.listens for session in self._sessions))

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        server = await asyncio.start_unix_server(self._connected, sock=self._socket)
        self._stop = asyncio.Event()
        self._ready.set()
        await self._stop.wait()
        server.close()
        self._broadcast("terminated", {})
        for session in list(self._sessions):
            session.done = True
        for connection in list(self._connections):
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections, timeout=_FAREWELL)

    def close(self) -> None:
        """Say goodbye to the clients, stop listening, remove the socket. Idempotent."""
        if self._stop is not None and self._thread.is_alive() and os.getpid() == self._pid:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout=3 * _FAREWELL)
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
        self.board.tell = lambda event, body: None

    def forked(self) -> None:
        """In a forked child there is no thread to answer: nothing may stop there, and the socket is the parent's."""
        self.board.lock = threading.RLock()
        self.board.closed, self.board.armed = True, False
        self.board.tell = lambda event, body: None
        if self._socket is not None and (number := self._socket.detach()) >= 0:
            os.close(number)  # detached first: the object must not close a number that is another file's by then
        with contextlib.suppress(OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        """Let go of the clients' connections. Their sockets belong to transports, so each number stays taken."""
        nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        for writer in list(self._writers):
            if (number := writer.get_extra_info("socket").fileno()) >= 0:
                os.dup2(nothing, number, inheritable=False)
        os.close(nothing)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._writers.add(writer)
        outbox = Outbox()
        sender = asyncio.ensure_future(outbox.drain(writer))
        session = Session(self.board, outbox.put)
        self._sessions.add(session)
        try:
            if peer_is_us(writer.get_extra_info("socket")):
                await self._talk(session, reader, sender)
        except (WireError, ConnectionError, asyncio.CancelledError):
            pass  # the other side's fault or our end: either way this connection is over, and told so below
        finally:
            self._sessions.discard(session)
            session.closed()
            self._heed()
            outbox.close()
            with contextlib.suppress(asyncio.CancelledError):  # it is at its end: asyncio would print a traceback
                await asyncio.wait([sender], timeout=_FAREWELL)
            sender.cancel()
            writer.transport.abort() if outbox.full else writer.close()
            self._writers.discard(writer)
            self._connections.discard(task)

    async def _talk(self, session: Session, reader: asyncio.StreamReader, sender: asyncio.Future[None]) -> None:
        decoder = Decoder()
        while not session.done and not sender.done():
            reading = asyncio.ensure_future(reader.read(1 << 16))
            both: list[asyncio.Future[Any]] = [reading, sender]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                reading.cancel()
                return
            if not (data := reading.result()):
                return
            for message in decoder.feed(data):
                session.handle(message)
            self._heed()


_servers: weakref.WeakSet[Server] = weakref.WeakSet()


def _forked() -> None:
    for server in list(_servers):
        server.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
