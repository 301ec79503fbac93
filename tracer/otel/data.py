"""A span as plain data, ready for OTLP and free of any SDK. What fills it is in spans.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from msgspec import Struct

Value: TypeAlias = str | bool | int | float | list[str]
Attributes: TypeAlias = dict[str, Value]


class EventData(Struct, frozen=True, gc=False):
    """Something that happened within a span, at `time` (Unix nanoseconds)."""

    name: str
    time: int
    attributes: Attributes


class SpanData(Struct, frozen=True, gc=False):
    """A span that has ended: ids in hex (`parent_id` empty at a root), times in Unix nanoseconds.

    `remote_parent`: the parent is another program's (an inbound traceparent). `error` is None where the status is
    unset, else the status is ERROR with this description.
    """

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: Literal["INTERNAL", "CLIENT"]
    start: int
    end: int
    attributes: Attributes
    events: tuple[EventData, ...] = ()
    error: str | None = None
    remote_parent: bool = False
    tracestate: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who the spans come from: the OTel resource's attributes, and the version of the scope `tracer`."""

    resource: Attributes = field(default_factory=dict)
    scope_version: str = ""
