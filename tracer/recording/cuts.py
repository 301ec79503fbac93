"""Says what of a value did not fit into its record: once for each such thing as a gap, once in all as a warning."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from tracer import records as r

_log = logging.getLogger("tracer")
# Gaps: a value that is looked at with each request is told of once, and no program fills its file with them.
_MOST = 100


class Cuts:
    """Called with what was cut. The gap stands before the record whose value holds `{"$cut": ..}` in its place."""

    def __init__(self, write: Callable[[r.Record], int]) -> None:
        self._write = write
        self._told: set[str] = set()

    def __call__(self, what: str) -> None:
        """Tell of it, unless it was."""
        if what in self._told or len(self._told) >= _MOST:
            return
        first = not self._told
        self._told.add(what)
        self._write(r.Gap(count=0, reason=f"left out of a value, where $cut stands: {what}"))
        if first:
            with contextlib.suppress(Exception):  # a log handler of the user's that raises
                _log.warning("a value is recorded without a part of it: %s", what)
