"""A live session of another machine, for a screen on this one: its file, copied here as it grows, and the connection
over which it comes. The screen reads the copy as it reads any session."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracer import records as r
from tracer.debug.errors import DebugError, Late
from tracer.debug.via import Joined, Via, safe_id
from tracer.debug.wire import Decoder, Message, WireError, encode

if TYPE_CHECKING:
    from tracer.debug.client import Client

PAUSE = 0.05  # seconds between two looks for what is new
BREATH = 5.0  # seconds after which a silent copy is touched: a file of another machine that is old counts as crashed
HEAD = 1 << 20  # bytes that a session's first line has at most
REST = 30.0  # seconds that the end of the session may take to come


class Mirror:
    """`path` is the copy, `way` the connection for the screen's client; `follow` keeps the copy growing.

    `begin` connects before there is a screen, so that what asks for a password can.
    """

    def __init__(self, via: Via, observe: bool = False) -> None:
        self._via = via
        self.observe = observe
        self._folder = Path(tempfile.mkdtemp(prefix="tracer-"))
        self.path = self._folder / "session.jsonl"
        self.id = ""
        self.way: Joined | None = None
        self._at = 0
        self._touched = 0.0

    def begin(self) -> None:
        """Connect, and copy the beginning. Raises DebugError: nobody answers there, or the session is over."""
        ours, process = self._via.open()
        self.way = Joined(ours, process, str(self._via))
        try:
            head = self._head(_Talk(ours, self._via))
            self._at = len(head)
            self._append(_apart(head))
        except (LookupError, TypeError, ValueError) as error:
            raise self._strange() from error
        process.hush()

    def _head(self, talk: _Talk) -> bytes:
        told = talk.ask("initialize", {"adapterID": "tracer", "clientName": "the screen"})["tracer"]
        self.id = safe_id(str(told["session"]))  # the copy is called by it
        if told.get("recording"):
            raise DebugError(f"session {self.id} is over", f"{self.elsewhere} prints it")
        self.path = self._folder / f"{self.id}.jsonl"
        head = b""
        while b"\n" not in head:
            if len(head) > HEAD:
                raise ValueError("a session's first line is shorter")
            head += base64.b64decode(talk.ask("tracer/journal", {"from": len(head)})["data"])
            time.sleep(PAUSE)
        return head

    def _strange(self) -> DebugError:
        hint = f"does {self._via.command!r} lead to a machine whose `tracer` is of this version?"
        return DebugError(f"{self._via} does not speak the debugger's protocol", hint)

    async def follow(self, client: Client, silent: Callable[[], object], end: float = float("inf")) -> None:
        """Copy what comes until no more will. `silent` is called where there was no answer for long: it is asked again.

        Raises DebugError where the connection is over before that, or the copy cannot go on; at `end` at the latest.
        """
        while (left := end - time.monotonic()) > 0:
            try:
                told = await client.request("tracer/journal", {"from": self._at}, timeout=min(REST, left))
            except Late:
                silent()
                continue
            if not self._take(told):
                if told.get("over"):
                    os.utime(self.path, (0, 0))  # what has no end by now is no live session any more
                    return
                await asyncio.sleep(PAUSE)
        raise DebugError(f"they did not come within {REST:g} s")

    async def rest(self) -> None:
        """After the connection is over: the last lines, over a new one that can ask nobody for anything. DebugError."""
        from tracer.debug.client import Client

        ours, process = Via(self._via.command, self.id).open(quiet=True)
        client = Client(Joined(ours, process, str(self._via)))
        try:
            await client.connect()
            await client.request("initialize", {"adapterID": "tracer", "clientName": "the screen"}, timeout=REST)
            await self.follow(client, lambda: None, time.monotonic() + REST)
        finally:
            await client.close()

    @property
    def elsewhere(self) -> str:
        """The command that prints the session there."""
        return f"`{self._via.command} tracer show {self.id}`"

    def _take(self, told: dict[str, Any]) -> bool:
        """Append what came; whether anything did. Raises DebugError."""
        try:
            data = base64.b64decode(told["data"])
            if data:
                self._append(data)
                self._at += len(data)
            elif time.monotonic() - self._touched > BREATH:
                os.utime(self.path)
                self._touched = time.monotonic()
        except OSError as error:
            raise DebugError(f"the copy of the session cannot be written: {error.strerror or error}") from error
        except (LookupError, TypeError, ValueError) as error:
            raise self._strange() from error
        return bool(data)

    def _append(self, data: bytes) -> None:
        """All of it, or nothing."""
        with open(self.path, "ab", buffering=0, opener=_private) as copy:
            before, left = copy.tell(), memoryview(data)
            try:
                while left:
                    left = left[copy.write(left) :]
            except OSError:
                copy.truncate(before)
                raise

    def close(self) -> None:
        """Hang up, and remove the copy."""
        if self.way is not None:
            self.way.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _apart(head: bytes) -> bytes:
    """The beginning of a copy, whose writer is not looked for among the processes of this machine."""
    first, newline, more = head.partition(b"\n")
    header = r.decode(first)
    if isinstance(header, r.Session) and header.host in ("", "localhost", os.uname().nodename):
        header.host = "elsewhere"
        first = r.encode(header)
    return first + newline + more


class _Talk:
    """Requests and answers one by one, without a loop."""

    def __init__(self, ours: socket.socket, via: Via) -> None:
        self._ours, self._via = ours, via
        self._decoder = Decoder()
        self._seq = 0

    def ask(self, command: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The answer's body. Raises DebugError."""
        self._seq += 1
        message = {"seq": self._seq, "type": "request", "command": command, "arguments": arguments}
        try:
            self._ours.sendall(encode(message))
            answer = self._answer()
        except ConnectionError:
            raise DebugError(f"{self._via} ended without an answer", "what it said stands above") from None
        except (OSError, WireError) as error:
            raise DebugError(f"{self._via} failed: {error}", "run it by hand to see what it says") from None
        if not answer.get("success"):
            raise DebugError(str(answer.get("message") or f"{command} failed"))
        body = answer.get("body")
        return body if isinstance(body, dict) else {}

    def _answer(self) -> Message:
        while data := self._ours.recv(1 << 16):
            for message in self._decoder.feed(data):
                if message.get("type") == "response" and message.get("request_seq") == self._seq:
                    return message
        raise DebugError(f"{self._via} ended without an answer", "what it said stands above")
