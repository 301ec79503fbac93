"""Counts what a session's records come to, one by one as they are written or read. It knows no lines and no files."""

from __future__ import annotations

from tracer.parts import Totals, Usage, add_usage


class _Invocation:
    """One that is open: its last cycle, and what its model calls said of themselves."""

    __slots__ = ("cost", "cycle", "cycles", "usage")

    def __init__(self) -> None:
        self.cycle = self.cycles = 0
        self.usage: Usage | None = None
        self.cost: float | None = None


class Tally:
    """The totals so far. `whole`: every record is seen, and what counts is the cycles and calls that are here.

    Else an invocation's end stands for its calls, and a cycle's number for the cycles before it.
    """

    def __init__(self, whole: bool = True) -> None:
        self._whole = whole
        self._open: dict[str, _Invocation] = {}
        self._sum = Totals()
        self._last = ""

    def began(self, inv: str) -> None:
        """An invocation begins; or it is said again that it did, in a file that was begun anew."""
        self._of(inv)

    def reached(self, inv: str, cycle: int) -> None:
        """An invocation is in this cycle."""
        one = self._of(inv)
        if cycle > one.cycle:
            one.cycles += 1 if self._whole else cycle - one.cycle
            one.cycle = cycle

    def called(self, inv: str, cycle: int, usage: Usage | None, cost: float | None) -> None:
        """A model call is over."""
        self.reached(inv, cycle)
        one = self._open[inv]
        if usage is not None:
            one.usage = _with(one.usage, usage)
        if cost is not None:
            one.cost = (one.cost or 0.0) + cost

    def ended(self, inv: str, cycle: int, usage: Usage | None, cost: float | None, ending: str) -> None:
        """An invocation ended: these are its own sums."""
        self.reached(inv, cycle)
        one = self._open.pop(inv)
        if not self._whole and usage is not None:
            one.usage, one.cost = usage, cost if one.cost is None or cost is not None else one.cost
        _close(self._sum, one)
        if inv == self._last:
            self._sum.ending = ending

    def totals(self) -> Totals:
        """What was counted up to now, open invocations included."""
        total = Totals(self._sum.invocations, self._sum.cycles, self._sum.usage, self._sum.cost, self._sum.ending)
        for one in self._open.values():
            _close(total, one)
        return total

    def _of(self, inv: str) -> _Invocation:
        """The open invocation; a top-level one that is new here is the last one now."""
        if inv not in self._open:
            self._open[inv] = _Invocation()
            if "." not in inv:
                self._sum.invocations += 1
                self._last, self._sum.ending = inv, ""
        return self._open[inv]


def _close(total: Totals, one: _Invocation) -> None:
    total.cycles += one.cycles
    if one.usage is not None:
        total.usage = _with(total.usage, one.usage)
    if one.cost is not None:
        total.cost = (total.cost or 0.0) + one.cost


def _with(before: Usage | None, usage: Usage) -> Usage:
    """The sum of both; of a provider that gave no total it is that of input and output."""
    after = add_usage(before or Usage(), usage)
    after.total += 0 if usage.total else usage.input + usage.output
    return after
