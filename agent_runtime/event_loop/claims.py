"""Who is using an agent. A flag, not a lock: a call that was abandoned is waited out, one that goes on is an error."""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from typing import Any

from agent_runtime.errors import ConcurrencyException
from agent_runtime.event_loop.control import Control

PATIENCE = 5.0
_guard = threading.Lock()


class Claim:
    """One call's use of an agent, from its first event until it ends. `stream` is the generator that the caller has."""

    def __init__(self) -> None:
        self.stream: weakref.ref[Any] | None = None
        self.control: Control | None = None
        self.closing = False

    def _abandoned(self) -> bool:
        return self.closing or self.stream is None or self.stream() is None

    def _dead(self) -> bool:
        """Its event loop is gone, so nobody will ever close it."""
        return self.control is not None and self.control.loop.is_closed()

    def _suspended(self) -> bool:
        stream = self.stream() if self.stream is not None else None
        return stream is not None and not stream.ag_running


class Claims:
    """The present claim on one agent."""

    def __init__(self) -> None:
        self.active: Claim | None = None

    def _take(self, claim: Claim) -> Claim | None:
        with _guard:
            other = self.active
            if other is None or other._dead():
                self.active, other = claim, None
            return other

    async def take(self, claim: Claim) -> None:
        """Become the agent's user.

        Raises:
            ConcurrencyException: another call is under way.
        """
        turns, until = 0, time.monotonic() + PATIENCE
        while (other := self._take(claim)) is not None:
            turns += 1
            if other._abandoned() and time.monotonic() < until:
                await asyncio.sleep(0 if turns < 10 else 0.001)
            elif other._suspended() and turns < 5:
                # Whoever wraps the stream may have been abandoned in its stead, and is about to be closed.
                await asyncio.sleep(0)
            else:
                raise ConcurrencyException(_why(other))

    def release(self, claim: Claim) -> None:
        with _guard:
            if self.active is claim:
                self.active = None


def _why(other: Claim) -> str:
    if other._suspended():
        return (
            "the agent is in the middle of another call: its stream is still held and waits for its reader; "
            "read it to its end or close it with `await stream.aclose()`, or use a second Agent"
        )
    return (
        "the agent is in the middle of another call, and its conversation takes one at a time; "
        "wait for that call, cancel it with agent.cancel(), or use a second Agent"
    )
