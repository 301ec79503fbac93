"""What the records say within a span, kept until it ends: its events and its beginning. Pure, bounded per span."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tracer import records as r
from tracer.otel.attributes import REASON_LIMIT
from tracer.otel.clip import clipped
from tracer.otel.data import Attributes, EventData
from tracer.text.edited import by_whom
from tracer.timeline import Span

_EDIT = 8 << 10  # bytes of each side of an edit
EVENT_LIMIT = 120  # backends and SDKs drop what is beyond 128
_LAST_NS = 2**63 - 1
_encoder = msgspec.json.Encoder()


class Happened:
    """Feed it each record, with the spans that are open. What it keeps of a span is given up once, by `take_...`.

    `models`: invocation path -> id of the last model called. `content`: what an edit changed goes into its event.
    """

    def __init__(self, zero: int, content: bool = False) -> None:
        self.models: dict[str, str] = {}
        self._zero = zero
        self._content = content
        self._open: list[Span] = []
        self._starts: dict[int, r.Record] = {}
        self._events: dict[int, list[EventData]] = {}
        self._dropped: dict[int, int] = {}
        self._forced: dict[int, str] = {}

    def note(self, record: r.Record, kind: type[r.Record], open_spans: list[Span]) -> None:
        """Take the next record, of this kind."""
        step = _STEPS.get(kind)
        if step is not None:
            self._open = open_spans
            step(self, record)

    def time(self, t: int) -> int:
        """Unix nanoseconds of a time of the session; whatever a file says, OTLP can hold it."""
        time = self._zero + t
        return time if t >= 0 and 0 <= time <= _LAST_NS else min(max(0, self._zero), _LAST_NS)

    def take_start(self, span: Span) -> r.Record | None:
        """The record that began the span."""
        return self._starts.pop(span.first, None)

    def take_events(self, span: Span) -> tuple[tuple[EventData, ...], int]:
        """(its events in order, how many more there were)."""
        events = self._events.pop(span.first, None)
        return (tuple(events), self._dropped.pop(span.first, 0)) if events else ((), 0)

    def take_forced(self, span: Span) -> str | None:
        """The reason of a force stop within it, at most 256 characters."""
        return self._forced.pop(span.first, None) if self._forced else None

    def _start(self, record: r.Record) -> None:
        self._starts[record.seq] = record

    def _model_start(self, record: r.ModelStart) -> None:
        self._starts[record.seq] = record
        self.models[record.inv] = record.model

    def _message(self, record: r.Message) -> None:
        if record.origin == "history":  # it was said before this run
            return
        kinds = [next(iter(block), "") for block in record.content if type(block) is dict]
        size = len(_encoder.encode(record.content))
        said: Attributes = {"role": record.role, "parts": kinds, "bytes": size, "origin": record.origin}
        self._event(self._around(record), "tracer.message", record, said)

    def _force_stop(self, record: r.ForceStop) -> None:
        said: Attributes = {"reason": record.reason[:REASON_LIMIT]}
        if record.error:
            said["error.type"] = record.error
        span = self._around(record)
        while span is not None:
            self._event(span, "tracer.force_stop", record, said)
            self._forced[span.first] = record.reason[:REASON_LIMIT]
            span = span.parent if span.kind == "cycle" else None

    def _edited(self, record: r.Edited) -> None:
        said: Attributes = {"what": record.what, "by": by_whom(record).removeprefix("by ")}
        if self._content:
            said["path"] = record.path
            said["before"], said["after"] = clipped(record.before, _EDIT)[0], clipped(record.after, _EDIT)[0]
        of = record.tool_use_id
        tools = (span for span in reversed(self._open) if span.inv == record.inv and span.tool_use_id == of)
        self._event((next(tools, None) if of else None) or self._around(record), "tracer.edited", record, said)

    def _around(self, record: r.Record) -> Span | None:
        """The cycle that runs, else its invocation."""
        for span in reversed(self._open):
            if span.inv == record.inv and span.kind in ("cycle", "invocation"):
                return span
        return None

    def _event(self, span: Span | None, name: str, record: r.Record, said: Attributes) -> None:
        if span is None:
            return
        events = self._events.setdefault(span.first, [])
        if len(events) < EVENT_LIMIT:
            events.append(EventData(name, self.time(record.t), said))
        else:
            self._dropped[span.first] = self._dropped.get(span.first, 0) + 1


_STEPS: dict[type[r.Record], Callable[[Happened, Any], None]] = {
    r.InvocationStart: Happened._start,
    r.ModelStart: Happened._model_start,
    r.ToolStart: Happened._start,
    r.Message: Happened._message,
    r.ForceStop: Happened._force_stop,
    r.Edited: Happened._edited,
}
