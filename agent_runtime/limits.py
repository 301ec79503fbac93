"""Limits on one invocation. They are looked at before a cycle is closed; `seconds` also stops a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict


class Limits(TypedDict, total=False):
    """`turns` (model calls that led to tools or an answer), tokens, `seconds` (hooks not counted), `cost` in USD."""

    turns: int
    output_tokens: int
    total_tokens: int
    seconds: float
    cost: float


def checked(limits: Mapping[str, Any] | None) -> dict[str, float]:
    """The limits that are set.

    Raises:
        ValueError: an unknown key, or a limit that is not above zero.
    """
    known = Limits.__annotations__
    chosen = {key: value for key, value in (limits or {}).items() if value is not None}
    for key, value in chosen.items():
        if key not in known:
            raise ValueError(f"there is no limit {key!r}; the limits are {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise ValueError(f"the limit {key!r} must be a number above 0, not {value!r}")
    return chosen


def reached(limits: Mapping[str, float], spent: Mapping[str, float]) -> str | None:
    """The first limit that is reached, in the order of `Limits`."""
    for key in Limits.__annotations__:
        if key in limits and spent.get(key, 0) >= limits[key]:
            return key
    return None
