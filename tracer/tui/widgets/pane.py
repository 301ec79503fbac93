"""The base of all lists: rows drawn on demand on Textual's Line API, a cursor, the palette."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracer.text.safe import clean
from tracer.tui.model.lines import Line
from tracer.tui.theme import palette


def strip_of(line: Line, styles: dict[str, Style]) -> Strip:
    """The line as segments. Everything that reaches the screen passes here, and `clean` with it."""
    return Strip([Segment(clean(text), styles.get(style)) for text, style in line if text])


class LinePane(ScrollView, can_focus=True, inherit_bindings=False):
    """Subclasses give `count` rows and draw `row(index, width)`; the keys are the screen's and call `move` and `goto`.

    The first line stays where it is: the pane's title, and what `head` puts beside it. Rows scroll below it.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "pane--cursor",
        "pane--cursor-focused",
        "pane--title",
        "pane--title-focused",
    }
    lead = 1
    title = ""

    class Moved(Message):
        """The reader moved the cursor; `up` when backwards, which leaves follow."""

        def __init__(self, pane: LinePane, up: bool) -> None:
            super().__init__()
            self.pane, self.up = pane, up

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.cursor = self.below = 0  # `below`: rows under the cursor's that are to show with it
        self._rows_shown = 0
        self.moving = False  # the reader moved, and the screen has not heard of it yet
        self.styles_of: dict[str, Style] = {}
        self._strips: LRUCache[tuple[int, int], Strip] = LRUCache(512)

    @property
    def columns(self) -> int:
        """The width that rows have: without the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row(self, index: int, width: int) -> Line:
        """The row's line, at most `width` columns."""
        raise NotImplementedError

    def head(self, width: int) -> Line:
        """What stands beside the title, `width` columns wide."""
        return []

    def _title(self, width: int) -> Strip:
        focused = self.has_focus
        base = self.rich_style + self.get_component_rich_style("pane--title-focused" if focused else "pane--title")
        name = f"{'▌' if focused else ' '}{self.title} "
        line = [(name, "key" if focused else "dim"), *self.head(width - len(name))]
        return strip_of(line, self.styles_of).adjust_cell_length(width).apply_style(base)

    def on_mount(self) -> None:
        self._repaint()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._repaint())

    def _repaint(self) -> None:
        self.styles_of = palette(self.app.theme_variables)
        self.forget()

    def forget(self, row: int | None = None) -> None:
        """Draw anew: one row, or all of them."""
        if row is None:
            self._strips.clear()
            self.refresh()
            return
        self._strips.discard((row, self.columns))
        self._refresh_row(row)

    def watch_show_vertical_scrollbar(self, shows: bool) -> None:
        """The bar begins where the pane is scrolled to: Textual moves it only while it shows."""
        if shows:
            self.vertical_scrollbar.position = self.scroll_y

    def _refresh_row(self, row: int) -> None:
        self.refresh_line(row + self.lead)

    def grow(self) -> None:
        """Take the number of rows anew; the cursor stays inside."""
        height = self.count + self.lead
        if self.virtual_size.height != height:
            self.virtual_size = Size(0, height)
        self.cursor = max(0, min(self.cursor, self.count - 1))

    def goto(self, row: int, tell: bool = True, below: int = 0) -> None:
        """Put the cursor on a row (-1: the last) and show it, with the rows `below` as far as there is room.

        `tell` the screen that the reader did it.
        """
        old, last = self.cursor, max(0, self.count - 1)
        self.cursor = last if row < 0 else min(row, last)
        for changed in {old, self.cursor} if old != self.cursor else ():
            self._refresh_row(changed)
        self.below = below
        self.show_cursor()
        if tell:
            self.moving = True
            self.post_message(self.Moved(self, up=self.cursor < old or (row == 0 and old == 0)))

    @property
    def _room(self) -> int:
        """For how many rows there is room."""
        return self.scrollable_content_region.height - self.lead

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Textual tells of a new size before it paints, and sends the event after that: rows are taken anew here."""
        before = self._size
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if self._size != before and self.is_mounted:
            self.grow()
        return changed

    def on_resize(self) -> None:
        """What the cursor is on stays in sight: a line that says what a key did takes a row from below."""
        before, self._rows_shown = self._rows_shown, self._room
        if not before or 0 <= self.cursor - self.scroll_offset.y < before:
            self.show_cursor()

    def show_cursor(self) -> None:
        """Scroll as little as shows the cursor's row, and those `below` it."""
        if self.below:
            self.show_row(self.cursor + max(0, min(self.below, self._room - 1)))
        self.show_row(self.cursor)

    def show_row(self, row: int) -> None:
        """Scroll as little as shows the row."""
        top, height = self.scroll_offset.y, self._room
        if row < top:
            self.scroll_to(y=row, animate=False, force=True)
        elif height > 0 and row >= top + height:
            self.scroll_to(y=row - height + 1, animate=False, force=True)

    def move(self, by: int) -> None:
        """Move the cursor by rows."""
        self.goto(max(0, self.cursor + by))

    def page(self, by: int) -> None:
        """Move the cursor by pages."""
        self.move(by * max(1, self.scrollable_content_region.height - self.lead - 1))

    def fold(self, close: bool) -> None:
        """Fold or unfold what the cursor is on; most panes have nothing to fold."""

    def on_focus(self) -> None:
        self._refresh_head()

    def on_blur(self) -> None:
        self._refresh_head()

    def _refresh_head(self) -> None:
        self.refresh(Region(0, 0, self.size.width, self.lead))
        self._refresh_row(self.cursor)

    def on_click(self, event: events.Click) -> None:
        row = self.scroll_offset.y + event.y - self.gutter.top - self.lead
        if 0 <= row < self.count:
            self.goto(row)

    def on_mouse_scroll_up(self) -> None:
        self.post_message(self.Moved(self, up=True))

    def render_line(self, y: int) -> Strip:
        row, width = self.scroll_offset.y + y - self.lead, self.columns
        base = self.rich_style
        if y < self.lead:
            return self._title(self.size.width)
        if row >= self.count:
            return Strip.blank(self.size.width, base)
        strip = self._strips.get((row, width))
        if strip is None:
            strip = strip_of(self.row(row, width), self.styles_of).simplify()
            self._strips[row, width] = strip
        back = self._back(row)
        return strip.adjust_cell_length(self.size.width).apply_style(base + back if back else base)

    def _back(self, row: int) -> Style | None:
        """The background of the row under the cursor; quieter where the pane has no focus."""
        if row != self.cursor:
            return None
        name = "pane--cursor-focused" if self.has_focus else "pane--cursor"
        return Style(bgcolor=self.get_component_rich_style(name).bgcolor)

    def refresh_rows(self, start: int, stop: int) -> None:
        """Draw the rows from `start` up to `stop` anew, as far as they show."""
        top, width = self.scroll_offset.y, self.columns
        first, last = max(start, top), min(stop, top + self.size.height)
        for row in range(first, last):
            self._strips.discard((row, width))
        if first < last:
            self.refresh(Region(0, first - top + self.lead, self.size.width, last - first))
