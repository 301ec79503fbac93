"""The session as the screen takes it in: records folded in slices, with the places that keys jump to. No screen."""

from __future__ import annotations

import time
from array import array
from bisect import insort
from collections.abc import Callable
from itertools import count

from tracer import records as r
from tracer.journal.reader import Reader, State
from tracer.timeline import Span, Timeline
from tracer.tui.model.scale import Pauses
from tracer.tui.model.window import WHOLE, Window

KINDS = (*r.KINDS, "unknown")
CODE = {kind: code for code, kind in enumerate(KINDS)}
_DELTA = CODE["delta"]
_generations = count()  # no two folds have the same number, so that what was drawn of one is not kept for another
NOISE = frozenset(CODE[kind] for kind in ("delta", "content", "block_start", "block_stop", "event"))
_SAYS = (
    r.Message,
    r.ToolEnd,
    r.Log,
    r.ForceStop,
    r.Stopped,
    r.Resumed,
    r.Edited,
    r.Throttled,
    r.Gap,
    r.LoopBlocked,
    r.Unknown,
)


class Feed:
    """A reader and its timeline, taken in as far as `advance` was allowed to; after `restart` from the beginning again.

    A feed of a `window` begins there, and knows of nothing above it.

    `kinds` holds a code a record, `events` the seqs that are more than a stream's pieces, `said` those that the
    transcript tells, `errors`, `cycles` and `tools` those that keys jump to, `edits` the latest input a stop id,
    `broken` the calls that ran when a crashed recording broke off (None: it did not, or not all of it was folded).
    """

    def __init__(self, reader: Reader, clock: Callable[[], float] = time.perf_counter, window: Window = WHOLE) -> None:
        self.reader, self.window = reader, window
        self.state: State = "live"
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """Forget what was folded: the next `advance` begins at the first record."""
        self.timeline = Timeline()
        self.kinds = array("B")
        self.events, self.said = array("I"), array("I")
        self.errors, self.cycles, self.tools = array("I"), array("I"), array("I")
        self._forced: dict[str, str] = {}
        self._failures: dict[str, str] = {}
        self.broken: list[Span] | None = None
        self.pauses = Pauses()
        self.generation = next(_generations)
        for record in self.window.opening:
            self.timeline.feed(record)

    @property
    def fed(self) -> int:
        """The seq of the record that is folded next."""
        return self.window.first + len(self.kinds)

    @property
    def behind(self) -> int:
        """How many records are indexed and not folded yet."""
        return len(self.reader) - self.fed

    def advance(self, budget: float = 0.008, until_t: int | None = None, until_seq: int | None = None) -> int:
        """Fold records for at most about `budget` seconds, up to time `until_t` and line `until_seq`; returns how many.

        A record later than `until_t` (ns) waits for a call that allows it.
        """
        before, deadline = self.fed, self._clock() + budget
        self.reader.poll(limit=8 << 20)
        stop = len(self.reader) if until_seq is None else min(len(self.reader), until_seq)
        for record in self.reader.records(self.fed, stop):
            if until_t is not None and record.t > until_t:
                break
            self._take(record)
            if self.fed % 16 == 0 and self._clock() >= deadline:
                break
        return self.fed - before

    def settle(self) -> None:
        """Ask how the recording stands, and close what a crash left open once all of it is folded."""
        self.state = self.reader.state()
        if self.state != "crashed" or self.behind or self.broken is not None:
            return
        self.broken = running_leaves(self.timeline)
        for span in self.broken:
            insort(self.errors, span.first)
        if self.timeline.open_invocations():
            self.timeline.finish(crashed=True)
            self.pauses.finish(self.timeline.end)

    def active(self, t: int) -> int:
        """The time at moment `t` (ns since the start) without the debugger's pauses."""
        return self.pauses.active(t)

    def _take(self, record: r.Record) -> None:
        if type(record) is r.Delta:  # most are
            self.kinds.append(_DELTA)
            self.timeline.feed(record)
            return
        code = CODE.get(r.kind_of(record), len(KINDS) - 1)
        self.kinds.append(code)
        self.timeline.feed(record)
        if code in NOISE or is_echo(record):
            return
        self.events.append(record.seq)
        if self._says(record):
            self.said.append(record.seq)
        if isinstance(record, r.CycleStart):
            self.cycles.append(record.seq)
        elif isinstance(record, r.ToolStart):
            self.tools.append(record.seq)
        elif failed(record) and not self._known(record):
            self.errors.append(record.seq)
        self._still(record.t)

    def _says(self, record: r.Record) -> bool:
        """Whether the transcript tells a record: what failed once is told once, by the forced stop."""
        match record:
            case r.ForceStop():
                self._forced[record.inv] = record.reason
            case r.InvocationEnd():
                forced = self._forced.pop(record.inv, None)
                broken = record.ending in ("abandoned", "cancelled")
                return (broken and forced is None) or (record.error is not None and record.error.message != forced)
            case r.ModelEnd():
                span = self.timeline.of(record)
                return is_cut(record) and (record.partial is not None or (span is not None and span.chunks > 0))
        return isinstance(record, _SAYS)

    def _known(self, record: r.Record) -> bool:
        """Whether it is the failure of a model call or of a tool on its way out, which stands among the errors."""
        match record:
            case r.ModelEnd(error=r.Failure(message=message)) | r.ToolEnd(error=r.Failure(message=message)):
                self._failures[record.inv] = message
                return False
            case r.ForceStop():
                known = self._failures.get(record.inv) == record.reason
                self._failures[record.inv] = record.reason
                return known
            case r.InvocationEnd(error=r.Failure(message=message)):
                return self._failures.get(record.inv) == message
        return False

    def _still(self, t: int) -> None:
        timeline = self.timeline
        if timeline.stops and all(span.held for span in running_leaves(timeline)):
            self.pauses.begin(t)
        else:
            self.pauses.finish(t)


def is_echo(record: r.Record) -> bool:
    """Whether a record only says that a sub-agent's event passed through its caller."""
    return isinstance(record, r.ToolStream) and record.of is not None


def is_cut(record: r.ModelEnd) -> bool:
    """Whether a model call ended before its answer did, so that no message repeats what had come."""
    return record.error is not None or record.stop_reason == "cancelled"


def failed(record: r.Record) -> bool:
    """Whether a record tells of something that went wrong."""
    match record:
        case r.ToolEnd() | r.Log():
            return record.failed
        case r.ModelEnd() | r.InvocationEnd():
            return record.error is not None
        case r.ForceStop() | r.Gap():
            return True
        case r.LoopBlocked():
            return not record.over
    return r.kind_of(record) == "damaged"


def running_leaves(timeline: Timeline) -> list[Span]:
    """The model and tool calls that are open now."""
    found = []
    for invocation in timeline.open_invocations():
        holder = next((s for s in reversed(invocation.children) if s.kind == "cycle"), invocation)
        found += [span for span in holder.children if span.end is None and span.kind in ("model", "tool")]
    return found
