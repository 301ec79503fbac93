"""The transcript: the conversation as it streams. Items are laid out in slices, so that no key has to wait."""

from __future__ import annotations

import time

from tracer.tui.model.feed import Feed
from tracer.tui.model.layout import Layout
from tracer.tui.model.lines import Line
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.pane import LinePane

BUDGET = 0.006  # seconds a call


class Transcript(LinePane):
    """Rows are lines of items. The answer that streams hangs below them.

    After another width, or where another fold shows, what was laid out stays until as much is laid out anew.
    """

    title = "transcript"

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(id="transcript")
        self.viewer = viewer
        self.opened: set[int] = set()
        self._layout = Layout(viewer.feed, 0, self.opened)
        self._next: Layout | None = None
        self._live: list[Line] = []

    @property
    def count(self) -> int:
        return self._layout.ends[-1] + len(self._live)

    @property
    def settled(self) -> bool:
        """Whether all items are laid out, those of the whole session too while a window of it shows."""
        return self._layout.settled and (self._next is None or self._next.settled)

    @property
    def prepared(self) -> bool:
        """Whether the whole session can take the place of the window that shows."""
        return not self.size.height or (self._next is not None and self._next.settled)

    def grow(self) -> None:
        """Lay out what is new, for a few milliseconds a call, and the streaming answer."""
        deadline = time.perf_counter() + BUDGET
        feed, whole = self.viewer.feed, self.viewer.whole
        if not self._layout.fits(feed, self.columns):
            self._lay(feed, deadline)
        if self._layout.fits(feed, self.columns):
            self._take_in(deadline)
            if feed is not whole:
                self._lay(whole, deadline if whole.behind else deadline + 2 * BUDGET)
        super().grow()

    def _take_in(self, deadline: float) -> None:
        layout = self._layout
        before = layout.ends[-1]
        layout.grow(deadline)
        live = layout.streaming() if layout.settled else []
        if layout.ends[-1] != before or live != self._live:
            self._live = live
            self.refresh_rows(before, max(before, self.count) + self.size.height)

    def _lay(self, feed: Feed, deadline: float) -> None:
        """Lay out what is to show next; it does once it is whole, and at once in place of what is worth nothing."""
        if self._next is None or not self._next.fits(feed, self.columns):
            self._next = Layout(feed, self.columns, self.opened)
        self._next.grow(deadline)
        shown = self._layout
        stale = not shown.count or not shown.fits(shown.feed, shown.width)
        unfinished = shown.feed is feed and not shown.settled
        if feed is self.viewer.feed and (self._next.settled or stale or unfinished):
            self._change()

    def _change(self) -> None:
        """Show the new layout, with the cursor on the record where it was."""
        assert self._next is not None
        seq, height = self.selected, self.cursor - self.scroll_offset.y
        self._layout, self._next = self._next, None
        self._live = self._layout.streaming() if self._layout.settled else []
        self.forget()
        super().grow()
        if seq is not None and self._layout.count:
            self.reveal(seq)
            self.scroll_to(y=max(0, self.cursor - height), animate=False, force=True)

    def item_at(self, row: int) -> int:
        """The item that a row belongs to."""
        return self._layout.at(row)

    def row(self, index: int, width: int) -> Line:
        end = self._layout.ends[-1]
        if index >= end:
            return self._live[index - end] if index - end < len(self._live) else []
        return self._layout.row(index)

    @property
    def selected(self) -> int | None:
        """The seq of the record under the cursor."""
        item, said = self.item_at(self.cursor), self._layout.feed.said
        return said[item] if 0 <= item < len(said) else None

    def reveal(self, seq: int) -> None:
        """Put the cursor on what tells of a record, with as much of it in sight as there is room for."""
        place = self._layout.place(seq)
        if place is not None:
            row, last = place
            self.goto(row, tell=False, below=last - row)

    def fold(self, close: bool) -> None:
        """Show all lines of the item under the cursor, or the first ones."""
        item = self.item_at(self.cursor)
        if not 0 <= item < self._layout.count or close == (self.selected not in self.opened):
            return
        self._layout.turn(item, whole=not close)
        self.forget()
        self.grow()
        self.goto(self._layout.ends[item])

    def on_resize(self) -> None:
        """Lay out for the new width; who follows stays at the end."""
        self.grow()
        if self.viewer.follow:
            self.call_after_refresh(self.follow_end)

    def follow_end(self) -> None:
        """Show the last line; the cursor goes with it."""
        self.goto(-1, tell=False)
        self.scroll_end(animate=False, immediate=True, x_axis=False)
