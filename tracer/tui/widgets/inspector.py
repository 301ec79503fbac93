"""The inspector: everything about what is selected, in lines."""

from __future__ import annotations

from tracer.text import format as units
from tracer.tui.model import inspect
from tracer.tui.model.lines import Line
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.pane import LinePane


class Inspector(LinePane):
    """Shows the span when a span was selected, the record when a record was."""

    title = "inspector"

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(id="inspector")
        self.viewer = viewer
        self.record = False
        self._lines: list[Line] = []
        self._key: tuple[object, ...] = ()

    @property
    def count(self) -> int:
        return len(self._lines)

    def row(self, index: int, width: int) -> Line:
        return self._lines[index]

    def show(self, record: bool) -> None:
        """Look at the viewer's selection: the record itself, or the span."""
        self.record = record
        self.grow()

    def grow(self) -> None:
        viewer, span = self.viewer, self.viewer.span
        state = (span.status, span.held, span.input_seq, units.duration(span.duration(viewer.now))) if span else ()
        key = (self.record, viewer.seq, span and span.path, self.columns, viewer.feed.generation, state)
        if key != self._key and viewer.feed.fed:
            if key[:3] != self._key[:3]:
                self.cursor = 0
                self.scroll_to(y=0, animate=False, force=True)
            self._key = key
            self._lines = self._draw()
            self.forget()
        super().grow()

    def _draw(self) -> list[Line]:
        viewer, width = self.viewer, max(10, self.columns - 2)
        reader = viewer.feed.reader
        if viewer.span is not None and not self.record:
            lines = inspect.of_span(viewer.span, reader, viewer.now, width, viewer.waits(viewer.span))
        else:
            seq = min(viewer.seq, len(reader) - 1)
            lines = inspect.of_record(reader.record(seq), len(reader.raw(seq)), width)
        return [[(" ", ""), *line] for line in lines]
