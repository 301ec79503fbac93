"""What a caller hands on in `invocation_state` about where a call comes from. What is not valid says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tracer.ids import parse_traceparent, valid_tracestate

_LONGEST = 256  # characters of a conversation id; a span's attribute


class Inbound(NamedTuple):
    """`traceparent` and `tracestate` as in W3C Trace Context; each empty where nothing valid was said."""

    traceparent: str = ""
    tracestate: str = ""
    conversation_id: str = ""


def inbound(state: Any) -> Inbound:
    """Of a caller's invocation_state. Without a valid traceparent a tracestate says nothing, as in the standard."""
    if not isinstance(state, Mapping):
        return Inbound()
    parent, vendors, conversation = (_text(state, key) for key in Inbound._fields)
    parent = parent if parse_traceparent(parent) else ""
    vendors = vendors if parent and valid_tracestate(vendors) else ""
    return Inbound(parent, vendors, conversation if len(conversation) <= _LONGEST else "")


def _text(state: Mapping[str, Any], key: str) -> str:
    value = state.get(key)
    return value.strip(" \t") if isinstance(value, str) else ""
