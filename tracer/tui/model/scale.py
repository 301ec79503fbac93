"""The time axis: which column a moment is in, bars in half columns, ticks. Pure arithmetic on nanoseconds."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from tracer.text.format import duration

SECOND = 1_000_000_000


@dataclass(slots=True)
class Pauses:
    """Stretches in which everything stood still because the debugger held it: they take no room on the axis.

    `begin` and `finish` are called in order of time; a stretch that has begun is open until it is finished.
    """

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether everything stands still now."""
        return len(self.starts) > len(self.ends)

    def begin(self, t: int) -> None:
        """From `t` on nothing moves."""
        if not self.open:
            total = self.before[-1] + self.ends[-1] - self.starts[-1] if self.ends else 0
            self.before.append(total)
            self.starts.append(max(t, self.ends[-1] if self.ends else 0))

    def finish(self, t: int) -> None:
        """At `t` something moved again."""
        if self.open:
            self.ends.append(max(t, self.starts[-1]))

    def active(self, t: int) -> int:
        """The time without pauses at moment `t`; it never runs backwards."""
        index = bisect_right(self.starts, t) - 1
        if index < 0:
            return t
        end = self.ends[index] if index < len(self.ends) else t
        return t - self.before[index] - (min(t, end) - self.starts[index])


@dataclass(frozen=True, slots=True)
class Scale:
    """A window of time [`low`, `high`] over `width` columns."""

    low: int
    high: int
    width: int

    def half(self, t: int) -> int:
        """The half column (0 .. 2 × width) that `t` falls into, clamped to the window."""
        span = max(1, self.high - self.low)
        return min(2 * self.width, max(0, (t - self.low) * 2 * self.width // span))

    def bar(self, start: int, end: int) -> tuple[int, int] | None:
        """The bar from `start` to `end` in half columns [left, right), at least one long; None outside the window."""
        if end < self.low or start > self.high or self.width <= 0:
            return None
        left = min(self.half(start), 2 * self.width - 1)
        return left, max(left + 1, self.half(max(start, end)))

    def ticks(self, origin: int = 0, apart: int = 12) -> list[tuple[int, str]]:
        """(column, label) of round moments after `origin`, at least `apart` columns from each other."""
        if self.width <= 0 or self.high <= self.low:
            return []
        step = nice((self.high - self.low) * apart // self.width + 1)
        first = -(-(self.low - origin) // step) * step
        moments = range(first, self.high - origin + 1, step)
        return [(self.half(origin + t) // 2, label(t, step)) for t in moments]


def label(t: int, step: int) -> str:
    """A tick's text: `0`, `250ms`, `1.5s`, `2m05s`; as precise as the `step` between ticks asks for."""
    if t == 0:
        return "0"
    if t < 60 * SECOND and t >= SECOND:
        text = f"{t / SECOND:.3f}".rstrip("0").rstrip(".") if step < SECOND else str(t // SECOND)
        return f"{text}s"
    return duration(t)


def nice(ns: int) -> int:
    """The smallest of 1, 2, 5 × 10ⁿ nanoseconds (and 15 s, 30 s, minutes, hours) that is not below `ns`."""
    unit = 1_000
    while unit <= 10 * SECOND:
        for factor in (1, 2, 5):
            if ns <= unit * factor:
                return unit * factor
        unit *= 10
    for seconds in (60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400):
        if ns <= seconds * SECOND:
            return seconds * SECOND
    return -(-ns // (86400 * SECOND)) * 86400 * SECOND


LEFT_HALF, FULL, RIGHT_HALF = "╸", "━", "╺"


def cells(bar: tuple[int, int]) -> tuple[int, str]:
    """A bar as (first column, its characters): whole and half cells of a heavy line."""
    left, right = bar
    first, last = left // 2, (right - 1) // 2
    text = FULL * (last - first + 1)
    if left % 2:
        text = RIGHT_HALF + text[1:]
    if right % 2:
        text = text[:-1] + (LEFT_HALF if not (left % 2 and first == last) else RIGHT_HALF)
    return first, text
