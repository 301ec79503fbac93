"""The one interpretation of a session: a fold of records into spans. It knows no screen, no clock and no file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tracer import records as r
from tracer.endings import STATUS_OF_ENDING, Status
from tracer.parts import add_usage
from tracer.spans import BAD, Block, Span, SpanKind

__all__ = ["BAD", "Block", "Span", "SpanKind", "Status", "Timeline"]

EDITS = 5  # that a span remembers: a file may hold any number


@dataclass(slots=True)
class _Invocation:
    """What the fold remembers of an invocation while it runs."""

    span: Span
    cycle: Span | None = None
    model: Span | None = None
    tools: dict[int, Span] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


class Timeline:
    """Feed it every record in order; read `roots`, `spans` and the totals whenever you like.

    `usage` and `cost` sum the model calls (`cost` stays None while none is known); `stops` maps the id of each stop
    that is not resumed to its record; `messages` lists the seqs of message records; `end` is the last time seen.
    """

    def __init__(self) -> None:
        self.session: r.Session | None = None
        self.session_end: r.SessionEnd | None = None
        self.roots: list[Span] = []
        self.spans: list[Span] = []
        self.usage = r.Usage()
        self.cost: float | None = None
        self.stops: dict[int, r.Stopped] = {}
        self.messages: list[int] = []
        self.end = 0
        self.count = 0
        self.lost = 0
        self.version = 0
        self._open: dict[str, _Invocation] = {}
        self._paths: dict[str, Span] = {}
        self._tool_calls: dict[int, Span] = {}
        self._uses: dict[tuple[str, int, str], Span] = {}
        self._held: dict[int, list[Span]] = {}

    def feed(self, record: r.Record) -> None:
        """Take the next record. Never raises: what cannot be placed is counted and skipped."""
        self.count += 1
        self.end = max(self.end, record.t)
        step = _STEPS.get(type(record))
        if step is not None:
            step(self, record)
            self.version += 1

    def finish(self, crashed: bool = True) -> None:
        """The file will not grow any more: close what is still open, as incomplete where nothing said how it ended."""
        for state in list(self._open.values()):
            self._close_invocation(state, self.end, -1, "incomplete" if crashed else "abandoned")
        self._open.clear()
        self.stops.clear()
        self.version += 1

    def at(self, path: str) -> Span | None:
        """The span with this path."""
        return self._paths.get(path)

    def of(self, record: r.Record) -> Span | None:
        """The innermost span that a record belongs to; None for records outside all invocations."""
        if isinstance(record, (r.ToolStart, r.ToolEnd, r.ToolStream)):
            return self._innermost(record, f"/tool:{_nth(record.index, getattr(record, 'attempt', 0))}")
        if isinstance(record, (r.ModelStart, r.ModelEnd)):
            return self._innermost(record, f"/model:{record.attempt}")
        if isinstance(record, r.Stopped) and record.tool_use_id:
            span = self._innermost(record, f"/tool:{record.index}")
            if span is not None and span.tool_use_id == record.tool_use_id and span.end is None:
                return span
        if isinstance(record, (r.Stopped, r.Edited, r.Log)) and record.tool_use_id:
            span = self._uses.get((record.inv, record.cycle, record.tool_use_id))
            if span is not None:
                return span
        if isinstance(record, (r.BlockStart, r.Delta, r.BlockStop)):
            return self._innermost(record, f"/model:{self._attempt_at(record)}")
        return self._innermost(record, "")

    def live_blocks(self, inv: str) -> list[Block]:
        """The blocks of the answer that streams now in an invocation; empty once its message is there."""
        state = self._open.get(inv)
        return state.blocks if state else []

    def open_invocations(self) -> list[Span]:
        """The invocations that have not ended, outermost first."""
        return [state.span for state in self._open.values()]

    @property
    def current(self) -> Span | None:
        """The innermost span that is running: where the agent is now."""
        state = next(reversed(self._open.values()), None)
        if state is None:
            return None
        tool = next((t for t in reversed(state.tools.values()) if t.end is None), None)
        return tool or state.model or state.cycle or state.span

    def _innermost(self, record: r.Record, tail: str) -> Span | None:
        cycle = f"inv:{record.inv}/cycle:{record.cycle}"
        return self._paths.get(cycle + tail) or self._paths.get(cycle) or self._paths.get(f"inv:{record.inv}")

    def _attempt_at(self, record: r.Record) -> int:
        cycle = self._paths.get(f"inv:{record.inv}/cycle:{record.cycle}")
        calls = [s for s in cycle.children if s.kind == "model" and s.first < record.seq] if cycle else []
        return calls[-1].attempt if calls else 0

    def _add(self, span: Span) -> Span:
        if span.path in self._paths:  # a file may repeat a path (two writers): keep both, address the first
            span.path = f"{span.path}~{span.first}"
        self._paths[span.path] = span
        self.spans.append(span)
        (span.parent.children if span.parent else self.roots).append(span)
        return span

    # what each kind of record does

    def _session(self, record: r.Session) -> None:
        if self.session is None:
            self.session = record

    def _session_end(self, record: r.SessionEnd) -> None:
        self.session_end = record
        self.finish(crashed=False)

    def _invocation_start(self, record: r.InvocationStart) -> None:
        if before := self._open.pop(record.inv, None):
            self._close_invocation(before, record.t, record.seq, "incomplete")
        caller = self._tool_calls.get(record.caller) if record.caller is not None else None
        outer = self._paths.get(f"inv:{record.inv.rpartition('.')[0]}") if "." in record.inv else None
        name = record.agent or "agent"
        span = Span("invocation", f"inv:{record.inv}", name, record.t, record.seq, record.inv, parent=caller or outer)
        span.labels = record.labels or None
        self._open[record.inv] = _Invocation(self._add(span))

    def _invocation_end(self, record: r.InvocationEnd) -> None:
        state = self._open.pop(record.inv, None)
        if state is None:
            return
        span = state.span
        span.stop_reason, span.usage, span.cost = record.stop_reason, record.usage, record.cost
        if record.error:
            span.error, span.reason = record.error.type, record.error.message
        self._close_invocation(state, record.t, record.seq, STATUS_OF_ENDING.get(record.ending, "error"))

    def _close_invocation(self, state: _Invocation, t: int, seq: int, status: Status) -> None:
        self._close_cycle(state, t, seq, status)
        _close(state.span, t, seq, status)

    def _cycle_start(self, record: r.CycleStart) -> None:
        state = self._open.get(record.inv)
        if state is None:
            return
        self._close_cycle(state, record.t, record.seq, "ok")
        path = f"inv:{record.inv}/cycle:{record.cycle}"
        inv, name = state.span.inv, sys.intern(f"cycle {record.cycle}")
        span = Span("cycle", path, name, record.t, record.seq, inv, record.cycle, state.span)
        state.cycle = self._add(span)

    def _cycle_end(self, record: r.CycleEnd) -> None:
        if state := self._open.get(record.inv):
            self._close_cycle(state, record.t, record.seq, "ok" if record.ending == "complete" else "forced")

    def _close_cycle(self, state: _Invocation, t: int, seq: int, status: Status) -> None:
        inner: Status = "incomplete" if status == "ok" else status
        for tool in state.tools.values():
            _close(tool, t, seq, inner)
        if state.model:
            _close(state.model, t, seq, inner)
        if state.cycle:
            _close(state.cycle, t, seq, status)
        state.tools, state.model, state.cycle, state.blocks = {}, None, None, []

    def _model_start(self, record: r.ModelStart) -> None:
        state = self._open.get(record.inv)
        if state is None:
            return
        if state.model:
            _close(state.model, record.t, record.seq, "incomplete")
        parent = state.cycle or state.span
        path, name = f"{parent.path}/model:{record.attempt}", sys.intern(record.model or "model")
        span = Span("model", path, name, record.t, record.seq, parent.inv, record.cycle, parent)
        span.attempt = record.attempt
        state.model, state.blocks = self._add(span), []

    def _model_end(self, record: r.ModelEnd) -> None:
        state = self._open.get(record.inv)
        if state is None or state.model is None:
            return
        span, state.model = state.model, None
        span.usage, span.cost, span.ttfc = record.usage, record.cost, record.ttfc
        span.stop_reason = sys.intern(record.stop_reason)
        if record.error:
            span.error, span.reason = record.error.type, record.error.message
        _close(span, record.t, record.seq, "error" if record.error else "ok")
        self._total(record)

    def _total(self, record: r.ModelEnd) -> None:
        if record.usage:
            self.usage = add_usage(self.usage, record.usage)
        if record.cost is not None:
            self.cost = (self.cost or 0.0) + record.cost

    def _block_start(self, record: r.BlockStart) -> None:
        if state := self._open.get(record.inv):
            state.blocks.append(Block("input" if record.tool else "text", [], record.tool))

    def _delta(self, record: r.Delta) -> None:
        state = self._open.get(record.inv)
        if state is None:
            return
        if state.model:
            state.model.chunks += 1
        if not state.blocks:
            state.blocks.append(Block("text", []))
        block = state.blocks[-1]
        if record.reasoning is not None and not block.parts:
            block.kind = "reasoning"
        piece = record.text or record.reasoning or record.input
        if piece:
            block.parts.append(piece)

    def _message(self, record: r.Message) -> None:
        self.messages.append(record.seq)
        state = self._open.get(record.inv)
        if state and record.origin == "model":
            state.blocks = []

    def _tool_start(self, record: r.ToolStart) -> None:
        state = self._open.get(record.inv)
        if state is None:
            return
        if before := state.tools.pop(record.index, None):
            _close(before, record.t, record.seq, "incomplete")
        parent = state.cycle or state.span
        path = f"{parent.path}/tool:{_nth(record.index, record.attempt)}"
        span = Span("tool", path, sys.intern(record.name), record.t, record.seq, parent.inv, record.cycle, parent)
        span.tool_use_id, span.index, span.attempt = record.tool_use_id, record.index, record.attempt
        span.input_seq = record.seq
        state.tools[record.index] = self._tool_calls[record.seq] = self._add(span)
        self._uses[parent.inv, record.cycle, record.tool_use_id] = span

    def _tool_end(self, record: r.ToolEnd) -> None:
        state = self._open.get(record.inv)
        span = state.tools.pop(record.index, None) if state else None
        if span is None:
            return
        if record.error:
            span.error, span.reason = record.error.type, record.error.message
        span.input_seq = record.seq
        if record.cancelled:
            span.reason = record.cancelled
        _close(span, record.t, record.seq, _status_of_tool(record))

    def _force_stop(self, record: r.ForceStop) -> None:
        if state := self._open.get(record.inv):
            for span in (state.cycle, state.span):
                if span:
                    span.reason, span.error = record.reason, record.error

    def _stopped(self, record: r.Stopped) -> None:
        self._release(record.id, record.t)
        self.stops[record.id] = record
        span, held = self.of(record), self._held.setdefault(record.id, [])
        while span is not None:
            if span.end is None:
                held.append(span)
                span._held_since = record.t if span._holds == 0 else span._held_since
                span._holds += 1
            span = span.parent

    def _resumed(self, record: r.Resumed) -> None:
        self._release(record.id, record.t)

    def _release(self, stop: int, t: int) -> None:
        self.stops.pop(stop, None)
        for span in self._held.pop(stop, []):
            if span.end is None:
                span._holds -= 1
                span.paused += max(0, t - span._held_since) if span._holds == 0 else 0

    def _edited(self, record: r.Edited) -> None:
        if span := self.of(record):
            span.edits = (*span.edits, record.seq)[-EDITS:]
            if record.what == "input" and span.kind == "tool":
                span.input_seq = record.seq

    def _gap(self, record: r.Gap) -> None:
        self.lost += record.count


def _status_of_tool(record: r.ToolEnd) -> Status:
    if record.refused:
        return "cancelled"
    return "error" if record.status == "error" else "ok"


def _nth(index: int, attempt: int) -> str:
    return f"{index}.{attempt}" if attempt else str(index)


def _close(span: Span, t: int, seq: int, status: Status) -> None:
    if span.end is not None:
        return
    if span._holds:
        span.paused += max(0, t - span._held_since)
        span._holds = 0
    span.end, span.last, span.status = t, seq, status


_STEPS: dict[type[r.Record], Callable[[Timeline, Any], None]] = {
    r.Session: Timeline._session,
    r.SessionEnd: Timeline._session_end,
    r.InvocationStart: Timeline._invocation_start,
    r.InvocationEnd: Timeline._invocation_end,
    r.CycleStart: Timeline._cycle_start,
    r.CycleEnd: Timeline._cycle_end,
    r.ModelStart: Timeline._model_start,
    r.ModelEnd: Timeline._model_end,
    r.BlockStart: Timeline._block_start,
    r.Delta: Timeline._delta,
    r.Message: Timeline._message,
    r.ToolStart: Timeline._tool_start,
    r.ToolEnd: Timeline._tool_end,
    r.ForceStop: Timeline._force_stop,
    r.Stopped: Timeline._stopped,
    r.Resumed: Timeline._resumed,
    r.Edited: Timeline._edited,
    r.Gap: Timeline._gap,
}
