"""The event list: a row a record, straight from the file."""

from __future__ import annotations

from tracer.tui.model import events as model
from tracer.tui.model.lines import Line
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.pane import LinePane


class EventList(LinePane):
    """`l` shows the stream's pieces too, `h` hides them."""

    title = "events"

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(id="events")
        self.viewer = viewer
        self.model = model.Events(viewer.feed)
        self._generation = viewer.feed.generation
        self._shown = 0

    @property
    def count(self) -> int:
        return len(self.model)

    def row(self, index: int, width: int) -> Line:
        return model.line(self.viewer.feed.reader.record(self.model.rows[index]), width)

    def grow(self) -> None:
        if self._generation != self.viewer.feed.generation:
            self._generation = self.viewer.feed.generation
            self.model.feed = self.viewer.feed
            self.forget()
        if self._shown != self.count:
            first, self._shown = min(self._shown, self.count), self.count
            self.refresh_rows(first, max(first + 1, self.count))
        super().grow()

    @property
    def selected(self) -> int | None:
        """The seq of the record under the cursor."""
        return self.model.rows[self.cursor] if self.cursor < self.count else None

    def reveal(self, seq: int) -> None:
        """Put the cursor on a record."""
        if self.count:
            self.goto(self.model.row_of(seq), tell=False)

    def fold(self, close: bool) -> None:
        if self.model.pieces == (not close):
            return
        seq = self.selected
        self.model.pieces = not close
        self.forget()
        self.grow()
        if seq is not None:
            self.goto(self.model.row_of(seq))
