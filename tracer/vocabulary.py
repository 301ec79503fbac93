"""What is known of the values that a filter asks for: which are numbers, which are texts. It parses nothing."""

from __future__ import annotations

from typing import Any

# `cycles` and `id` are of a session's row
_NUMBERS = frozenset(("seq", "t", "cycle", "cycles", "duration", "tokens", "cost", "size", "attempt"))
_TEXTS = frozenset((
    "id", "kind", "inv", "agent", "model", "tool", "status", "error", "reason", "text", "role", "level", "source",
    "point", "stop_reason",
))  # fmt: skip


def never(name: str, op: str, value: Any, written: str) -> str:
    """Why a comparison with a value, as it was `written`, holds for nothing; "" where it may.

    A text may be equal to what is written as a number.
    """
    number, equal = isinstance(value, float), op in ("=", "==", "!=")
    if value is None and equal:
        return ""
    if name in _NUMBERS and not number:
        return f"{name} is a number, and {written} is none"
    if name in _TEXTS and not (isinstance(value, str) or (number and equal)):
        return f"{name} is a text, and {written} is none"
    return ""
