"""A recording as a row of safe points, read once, through the same fold as every view. It moves nowhere."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Any

from tracer import records as r
from tracer.debug.safepoint import SafePoint
from tracer.debug.sources import Place, place_at
from tracer.errors import TracerError
from tracer.parts import add_usage
from tracer.session import Session
from tracer.spans import Span
from tracer.timeline import Timeline

_JOINED = ("prompt", "model", "tools")  # a message of another origin was in the history before
_POINTS: dict[type[r.Record], str] = {
    r.ModelStart: "before_model", r.ModelEnd: "after_model", r.Message: "message", r.ToolStart: "before_tool",
    r.ToolEnd: "after_tool", r.CycleEnd: "cycle_end", r.ForceStop: "force_stop",
}  # fmt: skip


@dataclass(slots=True)
class Past(SafePoint):
    """A safe point that record `seq` tells of, on a thread (see `Tape.threads`).

    `usage` and `cost` are the invocation's until then, `asked` the seq of its request so far that was the last (-1).
    """

    seq: int = 0
    thread: int = 0
    usage: r.Usage = field(default_factory=r.Usage)
    cost: float | None = None
    asked: int = -1


@dataclass(slots=True)
class Told:
    """What is known of an invocation; `first` is its first point, `last` the last one in or below it."""

    start: r.InvocationStart
    messages: list[int] = field(default_factory=list)
    first: int = -1
    last: int = -1
    model: str = ""
    usage: r.Usage = field(default_factory=r.Usage)
    cost: float | None = None
    asked: int = -1


class Tape:
    """`points` in recorded order; `threads[n - 1]` is the span of thread n: an invocation or a tool call."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.points: list[Past] = []
        self.threads: list[Span] = []
        self.told: dict[str, Told] = {}
        self._timeline = Timeline()
        self._numbers: dict[str, int] = {}
        self._contents: dict[str, int] = {}
        self._places: dict[tuple[str, str, int], Place] = {}
        self._on: dict[int, list[int]] = {}
        for record in session.records():
            self._take(record)
        self._timeline.finish()
        self._seqs = [point.seq for point in self.points]

    # reading

    def _take(self, record: r.Record) -> None:
        self._timeline.feed(record)
        if isinstance(record, r.Content):
            self._contents[record.hash] = record.seq
        elif isinstance(record, r.InvocationStart):
            self.told[record.inv] = Told(record)
        told = self.told.get(record.inv)
        if told is None:
            return
        if isinstance(record, (r.InvocationStart, r.ToolStart)):
            self._begin(record)
        self._add_up(told, record)
        if (point := _POINTS.get(type(record))) and (span := self._timeline.of(record)) is not None:
            self._mark(told, record, point, span)

    def _begin(self, record: r.InvocationStart | r.ToolStart) -> None:
        span = self._timeline.of(record)
        if span is None:
            return
        self.threads.append(span)
        self._numbers[span.path] = len(self.threads)
        if isinstance(record, r.ToolStart) and record.where is not None and record.where.file:
            key = record.name, record.where.file, record.where.line
            if key not in self._places:
                self._places[key] = place_at(*key)

    def _add_up(self, told: Told, record: r.Record) -> None:
        if isinstance(record, r.ModelStart):
            told.model, told.asked = record.model, record.seq
        elif isinstance(record, r.ModelEnd):
            told.usage = add_usage(told.usage, record.usage) if record.usage else told.usage
            told.cost = told.cost if record.cost is None else (told.cost or 0.0) + record.cost

    def _mark(self, told: Told, record: r.Record, point: str, span: Span) -> None:
        if isinstance(record, r.Message):
            if record.origin not in _JOINED:
                return
            told.messages.append(record.seq)
        while span.path not in self._numbers and span.parent is not None:
            span = span.parent
        past = Past(
            _failed(record, point), r.kind_of(record), _subject(told, record), told.start.agent, record.inv,
            record.cycle, getattr(record, "tool_use_id", ""), getattr(record, "index", 0), record.seq,
            self._numbers.get(span.path, 0), told.usage, told.cost, told.asked,
        )  # fmt: skip
        at = len(self.points)
        told.first = at if told.first < 0 else told.first
        for inv in _around(record.inv):
            if inv in self.told:
                self.told[inv].last = at
        self._on.setdefault(past.thread, []).append(at)
        self.points.append(past)

    # asking

    def record(self, seq: int) -> Any:
        """The record of this number."""
        return self.session.reader.record(seq)

    def content(self, hash: str) -> Any:
        """The system prompt or the tools that a request names; None where there is none."""
        return self.record(self._contents[hash]).value if hash in self._contents else None

    def conversation(self, at: int) -> list[dict[str, Any]]:
        """The messages at a point: those of the last request, and what has joined since; what is lost says so."""
        point = self.points[at]
        joined = self.told[point.inv].messages
        since = joined[bisect_right(joined, point.asked) : bisect_right(joined, point.seq)]
        try:
            sent = self.session.messages(self.record(point.asked)) if point.asked >= 0 else []
        except TracerError as error:
            return [_lost(error), *map(self._message, since)]
        return [self._message(seq) for seq in [*sent, *since]]

    def _message(self, seq: int) -> dict[str, Any]:
        try:
            found = self.session.message(seq)
        except TracerError as error:
            return _lost(error)
        return {"role": found.role, "content": found.content}

    def asking(self, at: int) -> dict[str, Any] | None:
        """The model's last message before a point: the one that asks for the call there."""
        point = self.points[at]
        joined = self.told[point.inv].messages
        for seq in reversed(joined[: bisect_right(joined, point.seq)]):
            if (found := self.record(seq)).role == "assistant":
                return {"role": found.role, "content": found.content}
        return None

    def answer(self, at: int) -> dict[str, Any] | None:
        """The message of the model's answer that ended at a point, or the part that came before its error."""
        end = self.record(self.points[at].seq)
        if end.partial is not None or end.error is not None:
            return dict(end.partial) if end.partial is not None else None
        joined = self.told[end.inv].messages
        for seq in joined[bisect_right(joined, end.seq) :][:1]:
            found = self.record(seq)
            if found.origin == "model":
                return {"role": found.role, "content": found.content}
        return None

    def places(self) -> list[Place]:
        """Where the tools that were called are written."""
        return list(self._places.values())

    def calls_of(self, tool: str) -> list[int]:
        """The points before its calls."""
        return [at for at, point in enumerate(self.points) if point.kind == "tool_start" and point.name == tool]

    def running(self, at: int) -> list[int]:
        """The invocations that run at a point, by their thread's number."""
        return [n for n in self._open(at) if self.threads[n - 1].kind == "invocation"]

    def calling(self, at: int) -> list[int]:
        """The tool calls that run at a point, by their thread's number."""
        return [n for n in self._open(at) if self.threads[n - 1].kind == "tool"]

    def _open(self, at: int) -> list[int]:
        seq = self.points[at].seq
        return [n for n, one in enumerate(self.threads, 1) if one.first <= seq and not _over(one, seq)]

    def last_on(self, thread: int, at: int) -> int | None:
        """The last point of a thread up to a point, where it still runs there."""
        if not 1 <= thread <= len(self.threads) or _over(self.threads[thread - 1], self.points[at].seq):
            return None
        mine = self._on.get(thread, [])
        found = bisect_right(mine, at)
        return mine[found - 1] if found else None

    def at_seq(self, seq: int) -> int:
        """The first point that record `seq`, or one after it, tells of; the last one where there is none."""
        return min(bisect_left(self._seqs, seq), len(self.points) - 1)


def _lost(error: TracerError) -> dict[str, Any]:
    """What stands in the place of a message that is not in the file."""
    return {"role": "lost", "content": [{"text": f"[{error.message}]"}]}


def _over(span: Span, seq: int) -> bool:
    """Whether a span has ended before a record; one whose end is not in the file has not."""
    return 0 <= span.last < seq


def _around(inv: str) -> list[str]:
    """The invocation and all that it lies in."""
    parts = inv.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _failed(record: r.Record, point: str) -> tuple[str, ...]:
    if isinstance(record, r.ModelEnd) and record.error is not None:
        return ("model_error", point)
    bad = isinstance(record, r.ToolEnd) and (record.status == "error" or record.error is not None)
    return ("tool_error", point) if bad else (point,)


def _subject(told: Told, record: r.Record) -> str:
    if isinstance(record, r.Message):
        return record.role
    if isinstance(record, (r.ToolStart, r.ToolEnd)):
        return record.name
    if isinstance(record, r.CycleEnd):
        return record.ending
    return told.model if isinstance(record, (r.ModelStart, r.ModelEnd)) else r.kind_of(record)
