"""A safe point of a run, live or recorded: at which points of the grammar it lies, and what it is about. Data alone."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = {
    "tool_start": 3,
    "tool_end": 3,
    "model_start": 2,
    "model_end": 2,
    "message": 2,
    "cycle_end": 1,
    "force_stop": 1,
}


@dataclass(slots=True)
class SafePoint:
    """`points`: the most telling first; `kind`: of its record; `name`: of the tool, model or role."""

    points: tuple[str, ...]
    kind: str
    name: str
    agent: str
    inv: str
    cycle: int
    tool_use_id: str = ""
    index: int = 0

    @property
    def level(self) -> int:
        """3 in a tool call, 2 in a cycle, 1 at its end."""
        return LEVELS[self.kind]
