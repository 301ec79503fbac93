"""What a run is made of: invocations, cycles, model calls and tool calls, as spans. Data alone; the fold makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tracer import records as r
from tracer.endings import Status

SpanKind = Literal["invocation", "cycle", "model", "tool"]

BAD: frozenset[Status] = frozenset({"error", "forced", "cancelled", "abandoned", "incomplete"})


@dataclass(slots=True, eq=False)
class Span:
    """A stretch of the run: an invocation, a cycle, a model call or a tool call.

    Times are nanoseconds since the session's start; `end` is None while it runs. `first` and `last` are the seqs of its
    first and its closing (or latest own) record, `path` is unique within the session and stable between readers.
    `edits` are the seqs of the last few edits in it. `input_seq`, of a tool call: the record that tells its input as it
    stands (see `input_of`). `labels` are those of an invocation that has any.
    """

    kind: SpanKind
    path: str
    name: str
    start: int
    first: int
    inv: str
    cycle: int = 0
    parent: Span | None = None
    end: int | None = None
    last: int = -1
    status: Status = "running"
    reason: str = ""
    error: str = ""
    usage: r.Usage | None = None
    cost: float | None = None
    ttfc: int | None = None
    tool_use_id: str = ""
    index: int = 0
    attempt: int = 0
    stop_reason: str = ""
    chunks: int = 0
    edits: tuple[int, ...] = ()
    input_seq: int = -1
    paused: int = 0
    labels: dict[str, str] | None = None
    children: list[Span] = field(default_factory=list)
    _holds: int = 0
    _held_since: int = 0

    @property
    def depth(self) -> int:
        """How many spans lie above it."""
        count, above = 0, self.parent
        while above is not None:  # sub-agents may nest deeper than Python's stack
            count, above = count + 1, above.parent
        return count

    @property
    def edited(self) -> bool:
        """Whether something was changed in it on its way."""
        return bool(self.edits)

    @property
    def held(self) -> bool:
        """Whether the debugger holds it, or something below it, right now."""
        return self._holds > 0

    def duration(self, now: int = 0) -> int:
        """Nanoseconds from start to end (or to `now` while it runs), without the debugger's pauses."""
        end = self.end if self.end is not None else max(now, self.start)
        waiting = max(0, end - self._held_since) if self._holds else 0
        return max(0, end - self.start - self.paused - waiting)

    def walk(self) -> Iterator[Span]:
        """This span and all below it, in the order they began."""
        stack = [self]
        while stack:
            span = stack.pop()
            yield span
            stack.extend(reversed(span.children))


@dataclass(slots=True)
class Block:
    """A content block of the answer that is streaming: its kind and the pieces so far."""

    kind: Literal["text", "reasoning", "input"]
    parts: list[str]
    tool: str = ""

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.parts)


def input_of(record: r.Record) -> Any:
    """A tool call's input as this record tells it: as proposed, as edited, or as executed; None of other kinds."""
    if isinstance(record, r.Edited):
        return record.after if record.what == "input" else None
    return record.input if isinstance(record, (r.ToolStart, r.ToolEnd)) else None
