"""One stop: what it shows, how it is decided, and the two sides that meet in it. It writes no record."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from tracer.debug.moment import Moment
from tracer.debug.safepoint import SafePoint
from tracer.debug.scene import Scene


@dataclass(frozen=True, slots=True)
class Decision:
    """How a stop ends: the `act`, by `who`. A stopped tool call does not run where there is a `refusal`, the text that
    the model is told, or a `result` (without its id), which takes the place of its own."""

    act: str
    who: str
    refusal: str = ""
    result: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Stop once more, soon: at the next point of `inv` ("" any) that `level` and `call` allow; `deep`: or below it."""

    reason: str
    inv: str = ""
    deep: bool = False
    below: int = 9
    cycle: int = 0
    call: int | None = None

    def fits(self, moment: SafePoint) -> bool:
        """Whether this is the point."""
        if self.inv and moment.inv != self.inv:
            return self.deep and moment.inv.startswith(self.inv + ".")
        mine = self.call is None or moment.level < 3 or moment.index == self.call
        return moment.cycle > self.cycle or (moment.level < self.below and mine)


def step_of(stop: Scene, mode: str) -> Step:
    """The step that `next`, `stepIn` or `stepOut` means from a stop."""
    if mode == "stepIn":
        return Step("step", stop.inv, deep=True)
    if mode == "stepOut":
        return Step("step", stop.inv, below=stop.level, cycle=stop.cycle)
    return Step("step", stop.inv, cycle=stop.cycle, call=stop.index if stop.level == 3 else None)


@dataclass(slots=True, eq=False)
class Stop(Scene):
    """The agent waits here. `current` holds the real values of the scopes that can be edited, as they would go on;
    `edited` those that were.

    Made on the agent's loop; decided from any thread, under the board's lock.
    """

    moment: Moment
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None]
    since: float = field(default_factory=time.monotonic)
    decision: Decision | None = None
    current: dict[str, Any] = field(default_factory=dict)
    edited: set[str] = field(default_factory=set)
    said_alone: bool = False

    @property
    def is_tool(self) -> bool:
        """Whether a tool call waits to run: what can be edited and refused."""
        return self.moment.kind == "tool_start"

    @property
    def editable(self) -> Collection[str]:
        return self.current.keys()

    @property
    def waited(self) -> float:
        return round(time.monotonic() - self.since, 3)

    def wake(self) -> None:
        """Let the agent's side see the decision; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        if not self.future.done():
            self.future.set_result(None)
