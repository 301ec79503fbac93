"""What waits to be sent to one client. It knows nothing of stops."""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec

from tracer.debug.wire import Message, frame
from tracer.text.format import counted

BACKLOG_BYTES = 32 << 20


class Outbox:
    """What waits to be sent to one client, bounded: first `output` events are left out, then the client is cut off.

    Messages are numbered as they go, so that what was left out leaves no hole in `seq`.
    """

    def __init__(self) -> None:
        self._limit = BACKLOG_BYTES
        self._size = 0
        self._sent = 0
        self._waiting: deque[tuple[bool, bytes]] = deque()
        self._more = asyncio.Event()
        self.dropped = self._told = 0
        self.full = False
        self.closing = False

    def put(self, message: Message) -> None:
        """Queue a message (without `seq`); never waits.

        The first `output` after some were left out says how many that were.
        """
        light = message.get("event") == "output"
        untold = self.dropped - self._told if light else 0
        data = msgspec.json.encode(_after_a_gap(message, untold) if untold else message)
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
            self._told += untold
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
                self._sent += 1
                writer.write(frame(b'{"seq":%d,' % self._sent + data[1:]))
                await writer.drain()
            if self.closing:
                return
            self._more.clear()
            await self._more.wait()


def _after_a_gap(message: Message, pieces: int) -> Message:
    said = f"\n[{counted(pieces, 'piece')} of output left out: this client reads too slowly]\n"
    body = message["body"]
    return {**message, "body": {**body, "output": said + str(body["output"])}}
