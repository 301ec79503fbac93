"""DAP's threads: the invocations that run now, by number. Stopped tool calls take their numbers from here too."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invocation:
    """One that runs: `cancel(message)` is for its own loop's thread."""

    id: int
    inv: str
    agent: str
    loop: asyncio.AbstractEventLoop
    cancel: Callable[[str], None]

    def stop(self, message: str) -> None:
        """Cancel it, from any thread."""
        with contextlib.suppress(RuntimeError):  # its loop is closed: it does not run any more
            self.loop.call_soon_threadsafe(self.cancel, message)


class Threads:
    """The numbers; not thread-safe by itself (the board holds its lock)."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self._running: dict[str, Invocation] = {}

    def number(self) -> int:
        """A number that no thread has had."""
        return next(self._count)

    def begin(self, inv: str, agent: str, loop: asyncio.AbstractEventLoop, cancel: Callable[[str], None]) -> Invocation:
        """An invocation runs now."""
        self._running[inv] = Invocation(self.number(), inv, agent, loop, cancel)
        return self._running[inv]

    def end(self, inv: str) -> Invocation | None:
        """It is over; None where it was not known."""
        return self._running.pop(inv, None)

    def get(self, inv: str) -> Invocation | None:
        """The one with this path."""
        return self._running.get(inv)

    def by_id(self, number: int) -> Invocation | None:
        """The one with this number."""
        return next((one for one in self.all() if one.id == number), None)

    def all(self) -> list[Invocation]:
        """All of them, in the order they began."""
        return list(self._running.values())
