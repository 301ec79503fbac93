"""Ids: time-ordered session ids; trace and span ids derived from session and path. No SDK."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_SALT = "agent-loop-tracer/1"
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_STATE_MEMBER = re.compile(
    r"(?P<key>[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)
_MOST_STATES = 32


def new_session_id(now_ns: int | None = None) -> str:
    """A fresh id of 16 characters that sorts by creation: 10 of time (milliseconds), 6 drawn."""
    millis = (time.time_ns() if now_ns is None else now_ns) // 1_000_000
    return _base32(millis, 10) + _base32(secrets.randbits(30), 6)


def _base32(value: int, width: int) -> str:
    return "".join(_ALPHABET[(value >> (5 * place)) & 31] for place in reversed(range(width)))


def _derived(size: int, *parts: str) -> bytes:
    digest = hashlib.sha256("\0".join((_SALT, *parts)).encode()).digest()[:size]
    return digest if any(digest) else b"\1" * size  # all zero is not a valid id


def trace_id(session: str, inv: str, traceparent: str = "") -> str:
    """The trace of a top-level invocation, 32 hex digits: the inbound one where a valid traceparent was recorded."""
    inbound = parse_traceparent(traceparent)
    return inbound[0] if inbound else _derived(16, session, f"inv:{inv}", "trace").hex()


def span_id(session: str, path: str) -> str:
    """The id of the span at `path` (as timeline.Span.path), 16 hex digits."""
    return _derived(8, session, path).hex()


def parse_traceparent(value: str) -> tuple[str, str] | None:
    """(trace id, parent span id) of a W3C traceparent, or None where it is empty or not valid."""
    match = _TRACEPARENT.fullmatch(value.strip(" \t"))
    if not match or match[1] == "ff" or not int(match[2], 16) or not int(match[3], 16):
        return None
    if match[1] == "00" and match[4]:
        return None  # only later versions may have more to say
    return match[2], match[3]


def valid_tracestate(value: str) -> bool:
    """Whether it is a W3C tracestate: 1 to 32 members `key=value` with keys of their own; empty members count not."""
    members = [member for part in value.split(",") if (member := part.strip(" \t"))]
    matches = [match for member in members if (match := _STATE_MEMBER.fullmatch(member))]
    return 0 < len(members) <= _MOST_STATES and len({match["key"] for match in matches}) == len(members)
