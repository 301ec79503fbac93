"""One-line bars: header, progress, status, hint and footer are each a line that is drawn anew when asked."""

from __future__ import annotations

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tracer.tui.model.lines import Line, clip
from tracer.tui.theme import palette
from tracer.tui.widgets.pane import strip_of


class Bar(Widget):
    """Subclasses give `lines(width)`; each line is cut to the bar's width."""

    _shown: list[Line] = []  # noqa: RUF012 - replaced, never changed
    _width = -1

    def lines(self, width: int) -> list[Line]:
        """What the bar shows, a line a row."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self._take_palette()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._take_palette())

    def _take_palette(self) -> None:
        self.styles_of: dict[str, Style] = palette(self.app.theme_variables)
        self.refresh()

    def renew(self) -> None:
        """Draw anew, if there is anything new to draw: a terminal far away is told only what changed."""
        if not self.size.width:  # it shows nothing, or not yet: it is drawn as a whole once it does
            return
        fresh = self.lines(self.size.width)
        if fresh != self._shown:
            self.refresh(layout=len(fresh) != len(self._shown))
            self._shown, self._width = fresh, self.size.width

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if width != self._width:
            self._shown, self._width = self.lines(width), width
        line = clip(self._shown[y], width) if y < len(self._shown) else []
        strip = strip_of(line, self.styles_of)
        return strip.adjust_cell_length(width).apply_style(self.rich_style)
