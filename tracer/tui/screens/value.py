"""The whole value of one thing, however large, over the main screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen

from tracer.text.format import size
from tracer.tui.model import jsontext
from tracer.tui.model.lines import Line, cut, spread
from tracer.tui.model.value import TextRows
from tracer.tui.screens.acting import send_copy
from tracer.tui.widgets.pane import LinePane


class ValuePane(LinePane):
    """Rows of a text; JSON is coloured line by line as it is drawn."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__(id="value")
        self.title, self.text, self.said = cut(title, 28), text, ""
        self.bytes = f" · {size(len(text.encode('utf-8', 'replace')))}"
        self.rows = TextRows("", 80)
        self._width = 0

    @property
    def count(self) -> int:
        return len(self.rows)

    def on_resize(self) -> None:
        """Lay out for the new width, and stay where the reader was."""
        width = max(10, self.columns - 2)
        if width != self._width:
            self._width, self.rows = width, TextRows(self.text, width)
            self.forget()
            self.grow()

    def head(self, width: int) -> Line:
        rows = f"  {self.cursor + 1:,} of {self.count:,} line{'s' * (self.count != 1)}{self.bytes}"
        said = cut(self.said or "Esc closes · y copies", max(8, width - len(rows) - 3))
        return spread([(rows, "dim")], [(said, "faint"), (" ", "")], width)

    def row(self, index: int, width: int) -> Line:
        text = self.rows[index]
        if text.startswith("── "):
            return [(" ", ""), (text, "heading")]
        line = (
            next(iter(jsontext.coloured(text))) if text.lstrip()[:1] in ('"', "{", "}", "[", "]") else [(text, "text")]
        )
        return [(" ", ""), *line]

    def goto(self, row: int, tell: bool = True, below: int = 0) -> None:
        super().goto(row, tell=False, below=below)
        self._refresh_head()


class ValueScreen(ModalScreen[None], inherit_bindings=False):
    """Closes with Esc or q; the other keys are those of every pane."""

    BINDINGS = [  # noqa: RUF012
        Binding("j,down", "move(1)", "down"),
        Binding("k,up", "move(-1)", "up"),
        Binding("pagedown,ctrl+d,space", "page(1)", "a page down"),
        Binding("pageup,ctrl+u", "page(-1)", "a page up"),
        Binding("g,home", "ends(0)", "to the beginning"),
        Binding("G,end", "ends(-1)", "to the end"),
        Binding("y", "copy", "copy"),
        Binding("escape,q,enter", "close", "close"),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.value = ValuePane(title, text)

    def compose(self) -> ComposeResult:
        yield self.value

    def action_move(self, by: int) -> None:
        """Rows."""
        self.value.move(by)

    def action_page(self, by: int) -> None:
        """Pages."""
        self.value.page(by)

    def action_ends(self, row: int) -> None:
        """The first or the last row."""
        self.value.goto(row)

    def action_copy(self) -> None:
        """Copy all of it."""
        self.value.said = send_copy(self.app, self.value.text)
        self.value.forget()

    def action_close(self) -> None:
        """Back to the main screen."""
        self.dismiss()
