"""Text search over the session file: raw bytes first, in slices, so that a large file never holds up the screen."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right

from tracer.journal.reader import Reader

_DELTA = b'{"kind":"delta"'
SLICE = 60_000  # lines: some 20 ms, as a slice of folding


class Search:
    """Matches of `text` (case does not matter for ASCII) in the lines there are, folded or not, but for those of
    `stop` and later; `matches` holds their seqs."""

    def __init__(self, reader: Reader, text: str, stop: int | None = None) -> None:
        self.reader, self.text, self.stop = reader, text, stop
        self.matches: list[int] = []
        self._next = 0
        self._needle = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "replace")

    @property
    def complete(self) -> bool:
        """Whether every line was looked at."""
        return self._next >= self._stop and (self.stop is not None or not self.reader.unread)

    @property
    def _stop(self) -> int:
        return len(self.reader) if self.stop is None else self.stop

    def advance(self, count: int = SLICE) -> bool:
        """Look at `count` more lines; returns whether there are more."""
        self.reader.poll(limit=8 << 20)
        stop = min(self._stop, self._next + count)
        self.matches.extend(self.reader.find(self._needle, self._next, stop, fold=True, skip=_DELTA))
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
