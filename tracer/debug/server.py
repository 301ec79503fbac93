"""The debugger's socket: a daemon thread with a loop of its own, many clients, none of whom can slow the agent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
import sys
import threading
import weakref
from collections import deque
from pathlib import Path
from typing import Any

from tracer.debug import acting, inspecting  # noqa: F401 - they register their requests
from tracer.debug.board import Board
from tracer.debug.paths import check_length, listening, private_folder, sweep
from tracer.debug.session import Session
from tracer.debug.wire import Decoder, Message, WireError, encode
from tracer.errors import TracerError

BACKLOG_BYTES = 32 << 20
_FAREWELL = 1.0  # seconds that a closing connection has for what is still to be sent


class Outbox:
    """What waits to be sent to one client, bounded: first `output` events are left out, then the client is cut off."""

    def __init__(self) -> None:
        self._limit = BACKLOG_BYTES
        self._size = 0
        self._waiting: deque[tuple[bool, bytes]] = deque()
        self._more = asyncio.Event()
        self.dropped = 0
        self.full = False
        self.closing = False

    def put(self, message: Message) -> None:
        """Queue a message; never waits."""
        data = encode(message)
        light = message.get("event") == "output"
        if self._size + len(data) > self._limit:
            self._thin()
            if light:
                self.dropped += 1
                return
        if self._size + len(data) > self._limit:
            self.full = self.closing = True
        else:
            self._waiting.append((light, data))
            self._size += len(data)
        self._more.set()

    def _thin(self) -> None:
        kept = [item for item in self._waiting if not item[0]]
        self.dropped += len(self._waiting) - len(kept)
        self._waiting = deque(kept)
        self._size = sum(len(data) for _, data in kept)

    def close(self) -> None:
        """Send what is there, then end."""
        self.closing = True
        self._more.set()

    async def drain(self, writer: asyncio.StreamWriter) -> None:
        """Send until it is closed and empty, or full."""
        while not self.full:
            while self._waiting and not self.full:
                _, data = self._waiting.popleft()
                self._size -= len(data)
                writer.write(data)
                await writer.drain()
            if self.closing:
                return
            self._more.clear()
            await self._more.wait()


class Server:
    """Listens at `path` from `start` to `close`. `post` may be called from any thread."""

    def __init__(self, board: Board, path: Path) -> None:
        self.board = board
        self.path = path
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="tracer-debug", daemon=True)
        self._sessions: set[Session] = set()
        self._connections: set[asyncio.Task[None]] = set()
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
        for session in list(self._sessions):
            session.event(event, body)

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
        if self._socket is not None:
            with contextlib.suppress(OSError):
                os.close(self._socket.fileno())

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
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
            outbox.close()
            await asyncio.wait([sender], timeout=_FAREWELL)
            sender.cancel()
            writer.transport.abort() if outbox.full else writer.close()
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


_servers: weakref.WeakSet[Server] = weakref.WeakSet()


def _forked() -> None:
    for server in list(_servers):
        server.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def bind(path: Path) -> socket.socket:
    """A listening socket at `path`, 0600 in a 0700 folder, there only once it listens. Raises TracerError."""
    check_length(path)
    private_folder(path.parent)
    sweep(path.parent)
    if path.exists() and listening(path):
        raise TracerError(f"another debugger listens on {path}", "attach to it, or end its program")
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with contextlib.suppress(OSError):  # Linux takes the mode at bind; elsewhere the folder keeps others out
            os.fchmod(listener.fileno(), 0o600)
        listener.bind(os.fspath(fresh))
        os.chmod(fresh, 0o600)
        listener.listen(64)
        fresh.rename(path)
    except OSError as error:
        listener.close()
        raise TracerError(
            f"cannot listen on {path}: {error.strerror or error}",
            "set XDG_RUNTIME_DIR to a folder of your own",
        ) from error
    listener.setblocking(False)
    return listener


def peer_is_us(connection: Any) -> bool:
    """Whether the process at the other end runs as our user (True where the system cannot tell: the folder is 0700)."""
    if not sys.platform.startswith("linux"):
        return True
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", raw)[1]
    return uid == os.getuid()
