"""The way of events from the tools' tasks to the loop's, which alone may yield them. It knows no tool."""

from __future__ import annotations

import asyncio
from collections import deque

from agent_runtime.events import Event


class Outbox:
    """Carries events from the tools' tasks to the loop's. `wake` tells the loop; a full box makes the tools wait."""

    def __init__(self, wake: asyncio.Event, size: int = 64) -> None:
        self.events: deque[Event] = deque()
        self._wake = wake
        self._size = size
        self._room = asyncio.Event()
        self._put = self._taken = self._yielded = 0

    async def put(self, event: Event) -> None:
        while len(self.events) >= self._size:
            self._room.clear()
            await self._room.wait()
        self.events.append(event)
        self._put += 1
        self._wake.set()

    async def read(self) -> None:
        """Wait until the consumer has been given all that was put so far, and asks for more."""
        mark = self._put
        while self._yielded < mark:
            self._room.clear()
            self._wake.set()
            await self._room.wait()

    def take(self) -> list[Event]:
        """What is to be yielded next; what was taken before has been."""
        self._yielded, self._taken = self._taken, self._put
        events = list(self.events)
        self.events.clear()
        self._room.set()
        return events


class NoReader(Outbox):
    """For a call whose events no stream carries: they are dropped, and nobody waits for them to be read."""

    def __init__(self) -> None:
        super().__init__(asyncio.Event())

    async def put(self, event: Event) -> None:
        return

    async def read(self) -> None:
        return
