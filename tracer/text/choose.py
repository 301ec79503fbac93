"""Which sessions are meant: by agent, age, status and a filter over their rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from tracer.errors import TracerError
from tracer.text.summary import Summary

NAMES = ("id", "agent", "status", "label", "prompt", "duration", "cycles", "tokens", "cost")
_SUMS = frozenset(("cycles", "tokens", "cost"))
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
        self.unsure = 0  # sessions that were judged by a number that is only part of theirs

    def takes(self, row: Summary) -> bool:
        """Whether the session is among them."""
        if row.start < self._oldest or (self._status and row.status != self._status):
            return False
        if self._agent and not fnmatchcase(row.agent, self._agent):
            return False
        if self._test is None:
            return True
        values = _Values(row)
        taken = bool(self._test(values))
        self.unsure += row.partial and values.summed
        return taken


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


class _Values(Mapping[str, Any]):
    """A row by the names of a filter; `summed`: one was asked for that is a sum over the session."""

    def __init__(self, row: Summary) -> None:
        self._row, self.summed = row, False

    def __getitem__(self, name: str) -> Any:
        self.summed = self.summed or name in _SUMS
        if name == "label":
            return self._row.labels or {}
        return self._row.duration / 1e9 if name == "duration" else getattr(self._row, name)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)
