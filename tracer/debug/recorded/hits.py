"""Where in a recording a breakpoint stops: the same whichever way one comes. It moves nowhere."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracer.debug.recorded.facts import Facts
from tracer.debug.recorded.tape import Tape
from tracer.debug.union import Armed


@dataclass(slots=True)
class Hits:
    """The points at which it stops, and the lines of a logpoint by the points at which they are said."""

    stops: list[int] = field(default_factory=list)
    lines: dict[int, str] = field(default_factory=dict)

    def next(self, after: int) -> int | None:
        """The first stop after a point."""
        found = bisect_right(self.stops, after)
        return self.stops[found] if found < len(self.stops) else None

    def previous(self, before: int) -> int | None:
        """The last stop before a point."""
        found = bisect_left(self.stops, before)
        return self.stops[found - 1] if found else None


def hits_of(armed: Armed, tape: Tape) -> Hits:
    """All of a breakpoint's, counted from the recording's beginning; what its condition cannot compare is its error."""
    found, armed.hits, spec = Hits(), 0, armed.spec
    for at, point in enumerate(tape.points):
        if not spec.covers(point.points, point.name, point.agent):
            continue
        values = Facts(tape, at)
        try:
            if not armed.holds(values):
                continue
            armed.hits += 1
            if spec.hit is not None and not spec.hit(armed.hits):
                continue
            if spec.log is not None:
                found.lines[at] = armed.message(values)
            else:
                found.stops.append(at)
        except Exception as error:  # a value of another type than its condition wants, or one that is not in the file
            armed.error = f"it cannot be evaluated everywhere ({error}); there it does not stop"
            continue
        if spec.once:
            break
    return found


def nearest(hits: Iterable[tuple[Armed, Hits]], at: int, back: bool) -> tuple[int | None, list[Armed]]:
    """The next point (or the one before) at which any stops, and those that stop there."""
    places = [(one.previous(at) if back else one.next(at), armed) for armed, one in hits]
    there = [place for place, _ in places if place is not None]
    if not there:
        return None, []
    chosen = max(there) if back else min(there)
    return chosen, [armed for place, armed in places if place == chosen]
