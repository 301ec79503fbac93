"""Which sessions are meant: by agent, age, status and a filter over their rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracer.errors import TracerError
from tracer.text import labelled
from tracer.text.summary import Summary

if TYPE_CHECKING:
    from tracer.filters import Test

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
        if "[" in agent and _unclosed(agent):
            raise TracerError(f"--agent {agent!r}: the '[' is not closed", "[[] is a '[' itself")
        self._agent, self._status = agent, status
        self._oldest = 0 if since is None else time.time_ns() - since * 10**9
        self._test = _parsed(filter) if filter.strip() else None
        self.unsure = 0  # sessions that were judged by a number that is only part of theirs
        self.unread = 0  # sessions whose labels were looked for in their beginning only, and not found

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
        if values.labelled:
            taken = self._by_label(self._test, values, taken)
        self.unsure += row.partial and values.summed
        return taken

    def _by_label(self, test: Test, values: _Values, without: bool) -> bool:
        """Whether the filter holds for one of the invocations; of a session that has none, what the header gave."""
        labels, first = labelled.Labels(Path(values.row.path)), True
        for given in labels:
            first, values.labels = False, {**(values.row.labels or {}), **given}
            if test(values):
                return True
        self.unread += labels.cut
        return first and without


def older(row: Summary, seconds: int, modified: float) -> bool:
    """Whether a session ended more than `seconds` ago; of one that says nothing, by when its file was `modified`."""
    ended = (row.start + row.duration) / 1e9 if row.start else modified
    return ended < time.time() - seconds


def _unclosed(glob: str) -> bool:
    from tracer.filters import unclosed

    return unclosed(glob) >= 0


def _parsed(text: str) -> Test:
    from tracer.filters import FilterError, compile_filter

    try:
        return compile_filter(text, NAMES).test
    except FilterError as error:
        raise TracerError(str(error), f"sessions have {', '.join(NAMES)}") from error


class _Values(Mapping[str, Any]):
    """A row by the names of a filter. `summed`: a sum over the session was asked for; `labelled`: a label was."""

    def __init__(self, row: Summary) -> None:
        self.row, self.labels = row, row.labels or {}
        self.summed = self.labelled = False

    def __getitem__(self, name: str) -> Any:
        self.summed = self.summed or name in _SUMS
        if name == "label":
            self.labelled = True
            return self.labels
        return self.row.duration / 1e9 if name == "duration" else getattr(self.row, name)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)
