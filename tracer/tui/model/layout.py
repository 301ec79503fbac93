"""The transcript of one fold at one width: which lines its items take, laid out in slices. No widget."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right

from textual.cache import LRUCache

from tracer import records as r
from tracer.tui.model import broken, transcript
from tracer.tui.model.feed import Feed
from tracer.tui.model.lines import Line


class Layout:
    """`ends[n]` is the row at which item `n` begins; an item is a record that says something.

    `opened`: the seqs of the items that show all their lines.
    """

    def __init__(self, feed: Feed, width: int, opened: set[int]) -> None:
        self.feed, self.width, self.opened = feed, width, opened
        self.generation = feed.generation
        self.ends = array("I", [0])
        self._told: dict[tuple[str, int], set[str]] = {}
        self._items: LRUCache[int, list[Line]] = LRUCache(256)

    @property
    def count(self) -> int:
        """How many items are laid out."""
        return len(self.ends) - 1

    @property
    def settled(self) -> bool:
        """Whether all of them are."""
        return self.count == len(self.feed.said)

    def fits(self, feed: Feed, width: int) -> bool:
        """Whether it is one of this fold, as far as that was not begun anew, at this width."""
        return (self.generation, self.width) == (feed.generation, width)

    def grow(self, deadline: float) -> None:
        """Lay out what is new, until about `deadline` (of the performance counter)."""
        while not self.settled and time.perf_counter() < deadline:
            self.ends.append(self.ends[-1] + len(self.item(self.count)))

    def at(self, row: int) -> int:
        """The item that a row belongs to."""
        return bisect_right(self.ends, row) - 1

    def row(self, row: int) -> Line:
        """A line of the transcript."""
        item = self.at(row)
        return self.item(item)[row - self.ends[item]]

    def turn(self, index: int, whole: bool) -> None:
        """Show all lines of an item, or the first ones."""
        seq = self.feed.said[index]
        (self.opened.add if whole else self.opened.discard)(seq)
        self._items.discard(index)
        by = len(self.item(index)) - (self.ends[index + 1] - self.ends[index])
        for after in range(index + 1, len(self.ends)):
            self.ends[after] += by

    def item(self, index: int) -> list[Line]:
        """The lines of an item."""
        lines = self._items.get(index)
        if lines is None:
            seq = self.feed.said[index]
            record = self.feed.reader.record(seq)
            told = self._told.setdefault((record.inv, record.cycle), set())
            if isinstance(record, r.ToolEnd):
                told.add(record.tool_use_id)
            parts = [*self._cut_off(record), *transcript.parts(record, told)]
            lines = transcript.lay_out(parts, self.width, seq in self.opened, record.inv.count("."))
            above = self._opening(record.inv, self._inv(index - 1))
            if lines and (isinstance(record, (r.Message, r.ModelEnd)) or len(above) > 1):
                lines = [*above[index == 0 :], *lines]
            self._items[index] = lines
        return lines

    def streaming(self) -> list[Line]:
        """What hangs below the items: the answer that streams now, or where a crash broke off."""
        feed = self.feed
        if feed.broken is not None:
            return [[], *transcript.lay_out(broken.crashed(feed.broken, feed.reader), self.width, whole=True)]
        lines: list[Line] = []
        before = self._inv(len(feed.said) - 1)
        for span in feed.timeline.open_invocations():
            parts = transcript.streaming(feed.timeline.live_blocks(span.inv))
            if parts:
                lines += self._opening(span.inv, before)
                lines += transcript.lay_out(parts, self.width, whole=True, depth=span.inv.count("."))
                before = span.inv
        return lines

    def _inv(self, index: int) -> str:
        """Whose an item is."""
        return self.feed.reader.record(self.feed.said[index]).inv if index >= 0 else ""

    def _opening(self, inv: str, before: str) -> list[Line]:
        """What stands above an item: an empty line, and a sub-agent's name where another one spoke before."""
        depth, span = inv.count("."), self.feed.timeline.at(f"inv:{inv}")
        if not depth or inv == before or span is None:
            return [[]]
        return transcript.opening(span.name, depth, self.width)

    def _cut_off(self, record: r.Record) -> list[transcript.Part]:
        """What had come of the answer that a record cut off."""
        if not isinstance(record, (r.ModelEnd, r.InvocationEnd)):
            return []
        span = broken.cut_by(record, self.feed.timeline)
        return broken.cut_off(span, self.feed.reader) if span is not None else []
