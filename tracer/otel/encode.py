"""Span data as the SDK's ReadableSpan, built directly: no tracer, no sampler, no drawn ids."""

from __future__ import annotations

from functools import lru_cache

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags, TraceState
from opentelemetry.trace.status import Status, StatusCode

from tracer.otel.data import Origin, SpanData

_KINDS = {"INTERNAL": SpanKind.INTERNAL, "CLIENT": SpanKind.CLIENT}
_UNSET = Status(StatusCode.UNSET)
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_NO_STATE = TraceState()


class Encoder:
    """Turns the spans of one recording into ReadableSpans."""

    def __init__(self, origin: Origin) -> None:
        self._resource = Resource(origin.resource)
        self._scope = InstrumentationScope("tracer", origin.scope_version)

    def span(self, data: SpanData) -> ReadableSpan:
        """The same span, as the SDK's exporters take it."""
        trace = _trace(data.trace_id)
        state = _state(data.tracestate) if data.tracestate else _NO_STATE
        parent = _parent(trace, data.parent_id, data.remote_parent) if data.parent_id else None
        return ReadableSpan(
            name=data.name,
            context=SpanContext(trace, int(data.span_id, 16), False, _SAMPLED, state),
            parent=parent,
            resource=self._resource,
            attributes=data.attributes,
            events=[Event(event.name, event.attributes, event.time) for event in data.events] if data.events else (),
            kind=_KINDS[data.kind],
            status=_UNSET if data.error is None else Status(StatusCode.ERROR, data.error or None),
            start_time=data.start,
            end_time=data.end,
            instrumentation_scope=self._scope,
        )


@lru_cache(maxsize=64)
def _trace(hexadecimal: str) -> int:
    return int(hexadecimal, 16)


@lru_cache(maxsize=64)
def _state(header: str) -> TraceState:
    return TraceState.from_header([header])


@lru_cache(maxsize=256)
def _parent(trace: int, span_id: str, remote: bool) -> SpanContext:
    return SpanContext(trace, int(span_id, 16), remote, _SAMPLED)
