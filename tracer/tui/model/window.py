"""Where a fold may begin in the middle of a long session, so that a place far inside shows before all is read.

The timeline stays the one interpretation: a window is a fold of its own, from a line at which it makes the very spans
that the fold of the whole session makes. That is where a top-level call of the agent begins, or one of its cycles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from tracer import records as r
from tracer.journal.reader import Reader

LEAST = 10_000  # lines before the place, so that there is something to look at
MOST = 8 << 20  # bytes before it, so that they are folded in a moment
_START, _CYCLE = b'{"kind":"invocation_start"', b'{"kind":"cycle_start"'
_STOPS = (b'{"kind":"stopped"', b'{"kind":"resumed"')


@dataclass(frozen=True, slots=True)
class Window:
    """The fold takes `opening`, then all lines from `first` on.

    `opening` is the start of the call that was under way, if one was, and the debugger's stops in it up to there: with
    them its own row is right too.
    """

    first: int = 0
    opening: tuple[r.Record, ...] = ()


WHOLE = Window()


def before(reader: Reader, seq: int) -> Window:
    """The nearest window above line `seq` of those indexed; the whole session where there is none near enough."""
    cycle: r.Record | None = None
    for record in _places(reader, max(0, seq - LEAST)):
        if isinstance(record, r.InvocationStart):
            return Window(record.seq)
        cycle = cycle or record
    return _inside(reader, cycle) if cycle is not None else WHOLE


def _places(reader: Reader, stop: int) -> Iterator[r.Record]:
    """The records above line `stop` at which a window may begin, the nearest first."""
    left = MOST
    while stop > 0 and left > 0:
        start = reader.block_before(stop)
        lines = list(reader.lines(start, stop))
        for at, line in reversed(lines):
            if line.startswith((_START, _CYCLE)) and "." not in (record := reader.decoded(at, line)).inv:
                yield record
        stop, left = start, left - sum(len(line) for _, line in lines)


def _inside(reader: Reader, cycle: r.Record) -> Window:
    """The window from a cycle on; its call begins at the first line that names it."""
    needle = b'"inv":"%s"' % cycle.inv.encode()
    at = next(reader.find(needle, 0, cycle.seq), None)
    start = reader.record(at) if at is not None else None
    if not isinstance(start, r.InvocationStart) or start.inv != cycle.inv:
        return WHOLE
    return Window(cycle.seq, (start, *_stops(reader, start, cycle.seq)))


def _stops(reader: Reader, start: r.Record, stop: int) -> list[r.Record]:
    """The debugger's stops in a call and its sub-agents, as stops of the call itself: they held it."""
    seqs = sorted(seq for needle in _STOPS for seq in reader.find(needle, start.seq, stop))
    found = [reader.record(seq) for seq in seqs]
    held = [x for x in found if isinstance(x, (r.Stopped, r.Resumed)) and f"{x.inv}.".startswith(f"{start.inv}.")]
    return [_of_call(record, start.inv) for record in held]


def _of_call(record: r.Stopped | r.Resumed, inv: str) -> r.Record:
    """The record as one of the call; a copy, for the reader keeps a large one and gives it to others too."""
    if isinstance(record, r.Stopped):
        return replace(record, inv=inv, cycle=0, tool_use_id="")
    return replace(record, inv=inv, cycle=0)
