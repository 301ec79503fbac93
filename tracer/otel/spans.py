"""From records to ended spans as plain data: a fold over the timeline. No SDK, no clock, no network, no file.

What it says of a span depends on the records up to the one that ended it and on nothing later: so a live export, a
later one and a repeated one say the same.
"""

from __future__ import annotations

from collections.abc import Callable

from tracer import ids
from tracer import records as r
from tracer.otel import attributes as a
from tracer.otel.content import Contents
from tracer.otel.data import Attributes, SpanData
from tracer.otel.happened import Happened
from tracer.timeline import Span, Timeline

_END_NOTHING = frozenset((r.Delta, r.BlockStart, r.BlockStop, r.Event, r.ToolStream, r.Log, r.LoopBlocked))


class Mapper:
    """Feed it every record of a session in order; each feed returns the spans that this record ended.

    `content`: prompts, messages, tool arguments and results go into the attributes; `read` fetches a record for it.
    """

    def __init__(
        self, header: r.Session, *, content: bool = False, read: Callable[[int], r.Record] | None = None
    ) -> None:
        self.timeline = Timeline()
        self._session = header.id
        self._happened = Happened(header.start, content)
        self._contents = Contents(read) if content and read is not None else None
        self._open: list[Span] = []
        self._seen = 0
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
        kind = type(record)
        if kind in _END_NOTHING:
            return []
        if kind is r.InvocationStart:
            self._begin_trace(record)  # type: ignore[arg-type]
        self._happened.note(record, kind, self._open)
        return self._ended(record)

    def finish(self) -> list[SpanData]:
        """The recording broke off: the spans that were open, as incomplete."""
        self.timeline.finish(crashed=True)
        return self._ended(None)

    def _ended(self, record: r.Record | None) -> list[SpanData]:
        spans = self.timeline.spans
        if self._seen < len(spans):
            self._open += spans[self._seen :]
            self._seen = len(spans)
        ended = [span for span in self._open if span.end is not None]
        if not ended:
            return []
        for span in ended:
            self._open.remove(span)
        return [self._data(span, record) for span in reversed(ended)]

    def _begin_trace(self, record: r.InvocationStart) -> None:
        """One trace a top-level invocation: an inbound traceparent's, where one was recorded."""
        top = record.inv.partition(".")[0]
        if top in self._traces:
            return
        inbound = ids.parse_traceparent(record.traceparent) if top == record.inv else None
        trace = ids.trace_id(self._session, top, record.traceparent if inbound else "")
        self._traces[top] = (trace, inbound[1], record.tracestate) if inbound else (trace, "", "")

    def _id(self, path: str) -> str:
        known = self._ids.get(path)
        if known is None:
            known = self._ids[path] = ids.span_id(self._session, path)
        return known

    def _data(self, span: Span, record: r.Record | None) -> SpanData:
        trace, inbound, state = self._traces[span.inv.partition(".")[0]]
        name, attributes = self._said(span, record)
        events, dropped = self._happened.take_events(span)
        if dropped:
            attributes["tracer.events.dropped"] = dropped
        time, parent = self._happened.time, span.parent
        start, end = time(span.start), time(span.end or 0)
        data = SpanData(
            trace_id=trace,
            span_id=self._id(span.path),
            parent_id=self._id(parent.path) if parent else inbound,
            name=name,
            kind="CLIENT" if span.kind == "model" else "INTERNAL",
            start=start,
            end=end if end > start else start,
            attributes=attributes,
            events=events,
            error=None if span.status == "ok" else self._error(span),
            remote_parent=parent is None and inbound != "",
            tracestate=state,
        )
        del self._ids[span.path]
        return data

    def _error(self, span: Span) -> str | None:
        if not a.failed(span):
            return None
        secret = span.kind == "tool" and self._contents is None  # what a tool's exception says is content
        return "" if secret else span.reason[: a.REASON_LIMIT]

    def _said(self, span: Span, record: r.Record | None) -> tuple[str, Attributes]:
        """The span's name and attributes."""
        start = self._happened.take_start(span)
        name, found = self._of_kind(span, start, record)
        a.own(found, span, self._session)
        reason = self._happened.take_forced(span)
        if reason is not None and span.status != "ok":
            found["tracer.force_stop"] = True
            found["tracer.force_stop.reason"] = reason
        if self._contents is not None:
            self._contents.add(found, span, start, record if record and record.seq == span.last else None)
        return name, found

    def _of_kind(self, span: Span, start: r.Record | None, record: r.Record | None) -> tuple[str, Attributes]:
        if span.kind == "tool":
            return f"execute_tool {span.name}", a.tool(span)
        if span.kind == "model":
            found = a.chat(span, start if isinstance(start, r.ModelStart) else None)
            return f"chat {found['gen_ai.request.model']}", found
        if span.kind == "cycle":
            return "execute_event_loop_cycle", a.cycle(span)
        ending = record.ending if isinstance(record, r.InvocationEnd) and record.seq == span.last else ""
        began = start if isinstance(start, r.InvocationStart) else None
        model = self._happened.models.pop(span.inv, "")
        return f"invoke_agent {span.name}", a.invocation(span, began, ending, model)
