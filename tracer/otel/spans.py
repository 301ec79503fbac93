"""From records to ended spans as plain data: a fold over the timeline. No SDK, no clock, no network, no file.

What it says of a span depends on the records up to the one that ended it and on nothing later: so a live export, a
later one and a repeated one say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tracer import ids
from tracer import records as r
from tracer.otel import attributes as a
from tracer.otel.content import Contents
from tracer.otel.data import Attributes, EventData, SpanData
from tracer.timeline import Span, Timeline

EVENT_LIMIT = 120  # backends and SDKs drop what is beyond 128
_CANNOT_END_A_SPAN = (r.Delta, r.BlockStart, r.BlockStop, r.Event, r.ToolStream, r.Log)
_LAST_NS = 2**63 - 1


class Mapper:
    """Feed it every record of a session in order; each feed returns the spans that this record ended.

    `content`: prompts, messages, tool arguments and results go into the attributes; `read` fetches a record for it.
    """

    def __init__(
        self, header: r.Session, *, content: bool = False, read: Callable[[int], r.Record] | None = None
    ) -> None:
        self.timeline = Timeline()
        self._session, self._zero = header.id, header.start
        self._contents = Contents(read) if content and read is not None else None
        self._open: list[Span] = []
        self._seen = 0
        self._starts: dict[int, r.Record] = {}
        self._events: dict[int, list[EventData]] = {}
        self._dropped: dict[int, int] = {}
        self._forced: dict[int, str] = {}
        self._models: dict[str, str] = {}
        self._traces: dict[str, tuple[str, str, str]] = {}
        self._ids: dict[str, str] = {}

    @property
    def running(self) -> int:
        """How many spans have begun and not ended."""
        return len(self._open) + sum(span.end is None for span in self.timeline.spans[self._seen :])

    def feed(self, record: r.Record) -> list[SpanData]:
        """Take the next record; the spans that it ended."""
        self.timeline.feed(record)
        if self._contents is not None:
            self._contents.note(record)
        if isinstance(record, _CANNOT_END_A_SPAN):
            return []
        note = _NOTES.get(type(record))
        if note is not None:
            note(self, record)
        return self._ended(record)

    def finish(self) -> list[SpanData]:
        """The recording broke off: the spans that were open, as incomplete."""
        self.timeline.finish(crashed=True)
        return self._ended(None)

    def _ended(self, record: r.Record | None) -> list[SpanData]:
        spans = self.timeline.spans
        if self._seen < len(spans):
            self._open.extend(spans[self._seen :])
            self._seen = len(spans)
        ended = [span for span in self._open if span.end is not None]
        if not ended:
            return []
        self._open = [span for span in self._open if span.end is None]
        return [self._data(span, record) for span in reversed(ended)]

    # what is kept of records until the span ends

    def _start(self, record: r.Record) -> None:
        self._starts[record.seq] = record
        if isinstance(record, r.ModelStart):
            self._models[record.inv] = record.model

    def _invocation(self, record: r.InvocationStart) -> None:
        self._starts[record.seq] = record
        top = record.inv.partition(".")[0]
        if top not in self._traces:
            inbound = ids.parse_traceparent(record.traceparent) if top == record.inv else None
            trace = ids.trace_id(self._session, top, record.traceparent if inbound else "")
            self._traces[top] = (trace, inbound[1], record.tracestate) if inbound else (trace, "", "")

    def _message(self, record: r.Message) -> None:
        if record.origin == "history":  # it was said before this run
            return
        kinds = [next(iter(block), "") for block in record.content if isinstance(block, dict)]
        size = len(msgspec.json.encode(record.content))
        said: Attributes = {"role": record.role, "parts": kinds, "bytes": size, "origin": record.origin}
        self._event(self._around(record), "tracer.message", record, said)

    def _force_stop(self, record: r.ForceStop) -> None:
        said: Attributes = {"reason": record.reason[: a.REASON_LIMIT]}
        if record.error:
            said["error.type"] = record.error
        span = self._around(record)
        while span is not None:
            self._event(span, "tracer.force_stop", record, said)
            self._forced[span.first] = record.reason[: a.REASON_LIMIT]
            span = span.parent if span.kind == "cycle" else None

    def _around(self, record: r.Record) -> Span | None:
        """The cycle that runs, else its invocation."""
        span = self.timeline.of(record)
        while span is not None and span.end is not None:
            span = span.parent
        return span

    def _event(self, span: Span | None, name: str, record: r.Record, said: Attributes) -> None:
        if span is None:
            return
        events = self._events.setdefault(span.first, [])
        if len(events) < EVENT_LIMIT:
            events.append(EventData(name, self._time(record.t), said))
        else:
            self._dropped[span.first] = self._dropped.get(span.first, 0) + 1

    # what goes out

    def _time(self, t: int) -> int:
        return min(max(0, self._zero + max(0, t)), _LAST_NS)

    def _id(self, path: str) -> str:
        known = self._ids.get(path)
        if known is None:
            known = self._ids[path] = ids.span_id(self._session, path)
        return known

    def _trace(self, span: Span) -> tuple[str, str, str]:
        top = span.inv.partition(".")[0]
        if top not in self._traces:
            self._traces[top] = (ids.trace_id(self._session, top), "", "")
        return self._traces[top]

    def _data(self, span: Span, record: r.Record | None) -> SpanData:
        trace, inbound, state = self._trace(span)
        name, attributes = self._said(span, record)
        failed = a.failed(span)
        if failed:
            attributes["error.type"] = a.error_type(span)
        if dropped := self._dropped.pop(span.first, 0):
            attributes["tracer.events.dropped"] = dropped
        secret = span.kind == "tool" and self._contents is None  # what a tool's exception says is content
        start, end = self._time(span.start), self._time(span.end or 0)
        data = SpanData(
            trace,
            self._id(span.path),
            self._id(span.parent.path) if span.parent else inbound,
            name,
            "CLIENT" if span.kind == "model" else "INTERNAL",
            start,
            max(start, end),
            attributes,
            tuple(self._events.pop(span.first, ())),
            ("" if secret else span.reason[: a.REASON_LIMIT]) if failed else None,
            span.parent is None and bool(inbound),
            state,
        )
        self._ids.pop(span.path, None)
        return data

    def _said(self, span: Span, record: r.Record | None) -> tuple[str, Attributes]:
        """The span's name and attributes."""
        start, end = self._starts.pop(span.first, None), record if record and record.seq == span.last else None
        name, found = _KINDS[span.kind](self, span, start, end)
        a.own(found, span, self._session)
        if (reason := self._forced.pop(span.first, None)) is not None and span.status != "ok":
            found["tracer.force_stop"] = True
            found["tracer.force_stop.reason"] = reason
        if self._contents is not None:
            self._contents.add(found, span, start, end)
        return name, found

    def _chat(self, span: Span, start: r.Record | None, end: r.Record | None) -> tuple[str, Attributes]:
        found = a.chat(span, start if isinstance(start, r.ModelStart) else None)
        return f"chat {found['gen_ai.request.model']}", found

    def _tool(self, span: Span, start: r.Record | None, end: r.Record | None) -> tuple[str, Attributes]:
        return f"execute_tool {span.name}", a.tool(span)

    def _cycle(self, span: Span, start: r.Record | None, end: r.Record | None) -> tuple[str, Attributes]:
        return "execute_event_loop_cycle", a.cycle(span)

    def _agent(self, span: Span, start: r.Record | None, end: r.Record | None) -> tuple[str, Attributes]:
        began = start if isinstance(start, r.InvocationStart) else None
        closing = end if isinstance(end, r.InvocationEnd) else None
        return f"invoke_agent {span.name}", a.invocation(span, began, closing, self._models.pop(span.inv, ""))


_NOTES: dict[type[r.Record], Callable[[Mapper, Any], None]] = {
    r.InvocationStart: Mapper._invocation,
    r.ModelStart: Mapper._start,
    r.ToolStart: Mapper._start,
    r.Message: Mapper._message,
    r.ForceStop: Mapper._force_stop,
}
_KINDS: dict[str, Callable[..., tuple[str, Attributes]]] = {
    "invocation": Mapper._agent,
    "cycle": Mapper._cycle,
    "model": Mapper._chat,
    "tool": Mapper._tool,
}
