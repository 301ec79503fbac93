"""What clients see where a run stands still, live or recorded: its place, its values, how they are told of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tracer.debug.safepoint import SafePoint

FRAMES = 8  # numbers of frames per stop: a frame's id is stop * 8 + its place from the top


@dataclass(slots=True, eq=False)
class Scene:
    """Stop `id` of `thread`. `document` is what clients see, by scope; `reason` is DAP's word for why it stopped."""

    id: int
    thread: int
    point: str
    reason: str
    breakpoint: str
    hits: list[int]
    moment: SafePoint
    document: dict[str, Any]
    source: tuple[str, int] | None

    @property
    def inv(self) -> str:
        return self.moment.inv

    @property
    def cycle(self) -> int:
        return self.moment.cycle

    @property
    def index(self) -> int:
        return self.moment.index

    @property
    def level(self) -> int:
        return self.moment.level

    @property
    def editable(self) -> Collection[str]:
        """The scopes that can be changed there."""
        return ()

    @property
    def waited(self) -> float:
        """For how many seconds the agent has been waiting."""
        return 0.0

    def body(self) -> dict[str, Any]:
        """What clients are told of it (`tracer` of the stopped event); `waited` in seconds."""
        moment = self.moment
        told = {
            "stop": self.id,
            "point": self.point,
            "inv": moment.inv,
            "cycle": moment.cycle,
            "agent": moment.agent,
        }
        told |= {"tool_use_id": moment.tool_use_id, "index": moment.index, "name": moment.name}
        return told | {
            "input": self.document.get("input"),
            "breakpoint": self.breakpoint,
            "reason": self.reason,
            "waited": self.waited,
        }

    def event(self) -> dict[str, Any]:
        """The body of its `stopped` event."""
        told = {
            "reason": self.reason,
            "threadId": self.thread,
            "allThreadsStopped": False,
            "hitBreakpointIds": self.hits,
        }
        what = f"{self.point} {self.moment.name}".strip()
        return told | {"description": what, "text": self.breakpoint or what, "tracer": self.body()}
