"""The waterfall: a row a span with its name in the tree, its bar on the time axis, its duration and tokens."""

from __future__ import annotations

from rich.cells import cell_len

from tracer.text import format as units
from tracer.text.safe import clean
from tracer.timeline import Span
from tracer.tui.model import jsontext
from tracer.tui.model.lines import Line, clip, cut, fit, width_of
from tracer.tui.model.scale import Scale, cells, nice
from tracer.tui.model.tree import look, name_line, remark
from tracer.tui.viewer import Viewer
from tracer.tui.widgets.pane import LinePane

TIME, TOKENS = 8, 7


class Waterfall(LinePane):
    """Rows below a line of ticks. Time in which the debugger held everything takes no room."""

    title = "waterfall"

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(id="waterfall")
        self.viewer = viewer
        self.zoom = 0
        self._scale = Scale(0, 1, 1)
        self._origin = 0

    @property
    def count(self) -> int:
        return len(self.viewer.tree.rows)

    def names(self, width: int) -> int:
        """Columns for the names."""
        return min(40, max(18, width * 30 // 100))

    def rescale(self) -> None:
        """Take the time axis anew: all of the run, or the zoomed window around the selection."""
        viewer, width = self.viewer, self.columns
        room = max(1, width - self.names(width) - TIME - (TOKENS if width >= 70 else 0) - 3)
        low = self._origin = viewer.feed.active(self._begin())
        now = viewer.feed.active(viewer.now)
        length = max(1_000_000, now - low)
        if viewer.status.condition == "running":
            length = -(-length // nice(length // 8 + 1)) * nice(length // 8 + 1)
        if self.zoom and viewer.span is not None:
            low, length = self._zoomed(low, length)
        scale = Scale(low, low + length, room)
        if scale != self._scale:
            self._scale = scale
            self.forget()

    def _begin(self) -> int:
        """When the first of what shows began; of a window that begins inside a call, its first cycle."""
        feed = self.viewer.feed
        roots = feed.timeline.roots
        if not roots:
            return 0
        inside = roots[0].children if feed.window.opening else ()
        return inside[0].start if inside else roots[0].start

    def _zoomed(self, low: int, length: int) -> tuple[int, int]:
        span = self.viewer.span
        assert span is not None
        active = self.viewer.feed.active
        window = max(1_000, length >> self.zoom)
        middle = (active(span.start) + active(span.end or self.viewer.now)) // 2
        start = min(max(low, middle - window // 2), low + length - window)
        return start, window

    def zoom_by(self, by: int) -> int:
        """Zoom in or out by a factor of two; returns the factor that is on."""
        self.zoom = min(24, max(0, self.zoom + by))
        self.rescale()
        return 1 << self.zoom

    def grow(self) -> None:
        super().grow()
        self.rescale()

    def fold(self, close: bool) -> None:
        span = self.selected
        if span is None:
            return
        tree = self.viewer.tree
        if close and (span.path in tree.folded or not span.children) and span.parent:
            self.goto(tree.row_of(span.parent) or 0)
            return
        (tree.fold if close else tree.unfold)(span)
        self.grow()
        self.forget()

    @property
    def selected(self) -> Span | None:
        """The span under the cursor."""
        rows = self.viewer.tree.rows
        return rows[self.cursor] if self.cursor < len(rows) else None

    def head(self, width: int) -> Line:
        before = max(0, self.names(self.columns) + 1 - (self.size.width - width))
        text = [" "] * self._scale.width
        for column, label in self._scale.ticks(self._origin):
            if column + len(label) < len(text):
                text[column : column + len(label)] = label
        zoom = f"zoom {1 << self.zoom}×" if self.zoom else ""
        tokens = f"{'tokens':>{TOKENS}}" if self.columns >= 70 else ""
        return [(fit(zoom, before), "accent"), (f"{''.join(text)}{'time':>{TIME + 1}}{tokens}", "faint")]

    def row(self, index: int, width: int) -> Line:
        span = self.viewer.tree.rows[index]
        names = self.names(width)
        name = clip(name_line(span, span.path in self.viewer.tree.folded), names)
        if names - width_of(name) >= 10:
            name = clip([*name, *self._given(span)], names)
        used = [*name, (" " * (names - width_of(name) + 1), "")]
        tail = self._numbers(span) if width >= 70 else [self._time(span)]
        return [*used, *self._bar(span), *tail]

    def _given(self, span: Span) -> Line:
        """What a tool was called with, behind its name: as it stands, where it was edited."""
        if span.kind != "tool":
            return []
        value, edited = self.viewer.input_of(span)
        return [(f"  {clean(jsontext.brief(value))}", "warn" if edited else "faint")]

    def _time(self, span: Span) -> tuple[str, str]:
        style = "stop" if span.held else "text" if span.kind in ("model", "tool") else "dim"
        waits = span.held and span.kind == "tool" and self.viewer.waits(span)
        took = "" if waits else units.duration(span.duration(self.viewer.now))
        return f"{took:>{TIME + 1}}", style

    def _numbers(self, span: Span) -> Line:
        usage = span.usage
        count = units.tokens(usage.input + usage.output, usage.estimated) if usage else ""
        return [self._time(span), (f"{count:>{TOKENS}}", "dim")]

    def _bar(self, span: Span) -> Line:
        scale, active = self._scale, self.viewer.feed.active
        bar = scale.bar(active(span.start), active(span.end if span.end is not None else self.viewer.now))
        if bar is None:
            return [(" " * scale.width, "")]
        first, text = cells(bar)
        style = look(span).bar
        if span.kind in ("invocation", "cycle"):
            text = text.replace("━", "─").replace("╸", "╴").replace("╺", "╶")
        after = scale.width - first - len(text)
        note, note_style = remark(span)
        said = cut(note, after - 2) if note and after > 9 else ""
        if note and not said and first > 12:
            said = fit(cut(note, first - 2), first - 1, right=True)
            return [(f"{said} ", note_style), (text, style), (" " * after, "")]
        gap = after - cell_len(said) - 1 if said else after
        return [(" " * first, ""), (text, style), (f" {said}" if said else "", note_style), (" " * max(0, gap), "")]
