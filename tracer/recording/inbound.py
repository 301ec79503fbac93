"""What a caller hands on in `invocation_state` about where a call comes from. What is not valid says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracer.ids import parse_traceparent, valid_tracestate

_LONGEST = 256  # characters of a conversation id; a span's attribute


def inbound(state: Any) -> dict[str, str]:
    """`traceparent` and `tracestate` (W3C Trace Context) and `conversation_id` of an invocation_state, where valid.

    A tracestate without a valid traceparent says nothing, as the specification has it.
    """
    if not isinstance(state, Mapping):
        return {}
    found = {}
    parent, vendors = _text(state, "traceparent"), _text(state, "tracestate")
    if parse_traceparent(parent):
        found["traceparent"] = parent
        if valid_tracestate(vendors):
            found["tracestate"] = vendors
    if 0 < len(conversation := _text(state, "conversation_id")) <= _LONGEST:
        found["conversation_id"] = conversation
    return found


def _text(state: Mapping[str, Any], key: str) -> str:
    value = state.get(key)
    return value.strip(" \t") if isinstance(value, str) else ""
