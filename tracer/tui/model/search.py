"""Text search over the session file: raw bytes first, in slices, so that a large file never holds up the screen."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right

from tracer.tui.model.feed import CODE, Feed

_DELTA = CODE["delta"]
SLICE = 20_000


class Search:
    """Matches of `text` (case does not matter for ASCII) in the records folded so far; `matches` holds their seqs."""

    def __init__(self, feed: Feed, text: str) -> None:
        self.feed, self.text = feed, text
        self.matches: list[int] = []
        self._next = 0
        self._needle = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "replace")

    @property
    def complete(self) -> bool:
        """Whether every folded record was looked at."""
        return self._next >= self.feed.fed

    def advance(self, count: int = SLICE) -> bool:
        """Look at `count` more records; returns whether there are more."""
        stop = min(self.feed.fed, self._next + count)
        found = self.feed.reader.find(self._needle, self._next, stop, fold=True)
        self.matches.extend(seq for seq in found if self.feed.kinds[seq] != _DELTA)
        self._next = stop
        return not self.complete

    def after(self, seq: int) -> int | None:
        """The next match after a record, or the first one."""
        if not self.matches:
            return None
        return self.matches[bisect_right(self.matches, seq) % len(self.matches)]

    def before(self, seq: int) -> int | None:
        """The match before a record, or the last one."""
        return self.matches[bisect_left(self.matches, seq) - 1] if self.matches else None

    def place(self, seq: int) -> str:
        """`3 of 17`, as the status line says it."""
        return f"{bisect_left(self.matches, seq) + 1} of {len(self.matches)}"
