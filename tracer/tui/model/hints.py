"""Hints: one calm line that leads a newcomer. The text is the caller's; when it shows is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Condition = Literal["running", "stopped", "edited", "ended"]


@dataclass(frozen=True, slots=True)
class Hint:
    """`text` shows while the run is as `when` says: running, stopped, edited (stopped, its input changed), ended."""

    when: Condition
    text: str


@dataclass(slots=True)
class Hints:
    """Hints in the order they are tried; several for one condition show one after the other, as `advance` is called."""

    hints: Sequence[Hint] = ()
    _step: dict[str, int] = field(default_factory=dict)

    def text(self, condition: Condition) -> str:
        """The hint for now, or "" where there is none."""
        fitting = [hint for hint in self.hints if hint.when == condition]
        if not fitting and condition == "edited":
            return self.text("stopped")
        return fitting[min(self._step.get(condition, 0), len(fitting) - 1)].text if fitting else ""

    def advance(self, condition: Condition) -> None:
        """The reader did what the hint said (a key was used): show the next one for this condition."""
        count = sum(hint.when == condition for hint in self.hints)
        self._step[condition] = min(self._step.get(condition, 0) + 1, max(0, count - 1))
