"""Which sessions are meant: by agent, age, status and a filter over their rows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from tracer.errors import TracerError
from tracer.text.summary import Summary

NAMES = ("id", "agent", "status", "label", "prompt", "duration", "cycles", "tokens", "cost")
STATUSES = (
    "ok", "error", "forced", "cancelled", "abandoned", "crashed", "live", "empty", "unreadable",
)  # fmt: skip
FAILED = frozenset(STATUSES) - {"ok", "live", "empty"}


class Choice:
    """What `tracer ls` was asked for; `since` in seconds before now. Raises TracerError on a bad filter or status."""

    def __init__(self, agent: str = "", since: int | None = None, status: str = "", filter: str = "") -> None:
        if status and status not in STATUSES:
            raise TracerError(f"there is no status {status!r}", f"there are {', '.join(STATUSES)}")
        self._agent, self._status = agent, status
        self._oldest = 0 if since is None else time.time_ns() - since * 10**9
        self._test = _parsed(filter) if filter.strip() else None

    def takes(self, row: Summary) -> bool:
        """Whether the session is among them."""
        if row.start < self._oldest or (self._status and row.status != self._status):
            return False
        if self._agent and not fnmatchcase(row.agent, self._agent):
            return False
        return self._test is None or self._test(_values(row))


def older(row: Summary, seconds: int, modified: float) -> bool:
    """Whether a session ended more than `seconds` ago; of one that says nothing, by when its file was `modified`."""
    ended = (row.start + row.duration) / 1e9 if row.start else modified
    return ended < time.time() - seconds


def _parsed(text: str) -> Any:
    from tracer.filters import FilterError, compile_filter

    try:
        return compile_filter(text, NAMES).test
    except FilterError as error:
        raise TracerError(str(error), f"sessions have {', '.join(NAMES)}") from error


def _values(row: Summary) -> Mapping[str, Any]:
    values: dict[str, Any] = {name: getattr(row, name, None) for name in NAMES}
    return {**values, "label": row.labels or {}, "duration": row.duration / 1e9}
