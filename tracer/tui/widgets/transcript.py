"""The transcript: the conversation as it streams. Items are laid out in slices, so that no key has to wait."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right

from textual.cache import LRUCache

from tracer import records as r
from tracer.tui.model import broken, transcript
from tracer.tui.model.lines import Line
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.pane import LinePane

BUDGET = 0.006  # seconds a call


class Transcript(LinePane):
    """Rows are lines of items; an item is a record that says something. The answer that streams hangs below them."""

    title = "transcript"

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(id="transcript")
        self.viewer = viewer
        self.opened: set[int] = set()
        self._reset(0)

    def _reset(self, width: int) -> None:
        self._width = width
        self._generation = self.viewer.feed.generation
        self._ends = array("I", [0])
        self._told: dict[tuple[str, int], set[str]] = {}
        self._items: LRUCache[int, list[Line]] = LRUCache(256)
        self._live: list[Line] = []

    @property
    def count(self) -> int:
        return self._ends[-1] + len(self._live)

    @property
    def settled(self) -> bool:
        """Whether all items are laid out."""
        return len(self._ends) - 1 == len(self.viewer.feed.said)

    def grow(self) -> None:
        """Lay out what is new, for a few milliseconds a call, and the streaming answer."""
        feed, width = self.viewer.feed, self.columns
        if width != self._width or self._generation != feed.generation:
            self._reset(width)
            self.forget()
        before = self._ends[-1]
        deadline = time.perf_counter() + BUDGET
        while not self.settled and time.perf_counter() < deadline:
            self._ends.append(self._ends[-1] + len(self._item(len(self._ends) - 1)))
        live = self._streaming() if self.settled else []
        if self._ends[-1] != before or live != self._live:
            self._live = live
            self.refresh_rows(before, max(before, self.count) + self.size.height)
        super().grow()

    def _streaming(self) -> list[Line]:
        feed = self.viewer.feed
        if feed.broken is not None:
            return [[], *transcript.lay_out(broken.crashed(feed.broken, feed.reader), self._width, whole=True)]
        lines: list[Line] = []
        before = self._inv(len(feed.said) - 1)
        for span in feed.timeline.open_invocations():
            parts = transcript.streaming(feed.timeline.live_blocks(span.inv))
            if parts:
                lines += self._opening(span.inv, before)
                lines += transcript.lay_out(parts, self._width, whole=True, depth=span.inv.count("."))
                before = span.inv
        return lines

    def _inv(self, index: int) -> str:
        """Whose an item is."""
        return self.viewer.feed.reader.record(self.viewer.feed.said[index]).inv if index >= 0 else ""

    def _opening(self, inv: str, before: str) -> list[Line]:
        """What stands above an item: an empty line, and a sub-agent's name where another one spoke before."""
        depth, span = inv.count("."), self.viewer.feed.timeline.at(f"inv:{inv}")
        if not depth or inv == before or span is None:
            return [[]]
        return transcript.opening(span.name, depth, self._width)

    def _item(self, index: int) -> list[Line]:
        lines = self._items.get(index)
        if lines is None:
            record = self.viewer.feed.reader.record(self.viewer.feed.said[index])
            told = self._told.setdefault((record.inv, record.cycle), set())
            if isinstance(record, r.ToolEnd):
                told.add(record.tool_use_id)
            parts = [*self._cut_off(record), *transcript.parts(record, told)]
            lines = transcript.lay_out(parts, self._width, index in self.opened, record.inv.count("."))
            above = self._opening(record.inv, self._inv(index - 1))
            if lines and (isinstance(record, (r.Message, r.ModelEnd)) or len(above) > 1):
                lines = [*above[index == 0 :], *lines]
            self._items[index] = lines
        return lines

    def _cut_off(self, record: r.Record) -> list[transcript.Part]:
        """What had come of the answer that a record cut off."""
        feed = self.viewer.feed
        if not isinstance(record, (r.ModelEnd, r.InvocationEnd)):
            return []
        span = broken.cut_by(record, feed.timeline)
        return broken.cut_off(span, feed.reader) if span is not None else []

    def item_at(self, row: int) -> int:
        """The item that a row belongs to."""
        return bisect_right(self._ends, row) - 1

    def row(self, index: int, width: int) -> Line:
        if index >= self._ends[-1]:
            return self._live[index - self._ends[-1]] if index - self._ends[-1] < len(self._live) else []
        item = self.item_at(index)
        return self._item(item)[index - self._ends[item]]

    @property
    def selected(self) -> int | None:
        """The seq of the record under the cursor."""
        item = self.item_at(self.cursor)
        said = self.viewer.feed.said
        return said[item] if 0 <= item < len(said) else None

    def reveal(self, seq: int) -> None:
        """Put the cursor on the item of a record, or on the one before it."""
        item = max(0, bisect_right(self.viewer.feed.said, seq) - 1)
        if item < len(self._ends) - 1:
            row = self._ends[item]
            lead = 1 if self._ends[item + 1] - row > 1 and not self._item(item)[0] else 0
            self.goto(row + lead, tell=False)

    def fold(self, close: bool) -> None:
        """Show all lines of the item under the cursor, or the first ones."""
        item = self.item_at(self.cursor)
        if not 0 <= item < len(self._ends) - 1 or close == (item not in self.opened):
            return
        (self.opened.discard if close else self.opened.add)(item)
        row = self._ends[item]
        self._items.discard(item)
        by = len(self._item(item)) - (self._ends[item + 1] - row)
        for after in range(item + 1, len(self._ends)):
            self._ends[after] += by
        self.forget()
        self.grow()
        self.goto(row)

    def on_resize(self) -> None:
        """Lay out for the new width; who follows stays at the end."""
        self.grow()
        if self.viewer.follow:
            self.call_after_refresh(self.follow_end)

    def follow_end(self) -> None:
        """Show the last line; the cursor goes with it."""
        self.goto(-1, tell=False)
        self.scroll_end(animate=False, immediate=True, x_axis=False)
