"""The edit form: a stopped call's input as JSON, checked as it is typed."""

from __future__ import annotations

import re
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, TextArea
from textual.widgets.text_area import Selection

from tracer.tui.model import jsontext
from tracer.tui.model.lines import Line, fit, spread
from tracer.tui.widgets.bar import Bar

_FIRST_STRING = re.compile(r'": "((?:[^"\\\n]|\\.)*)"')


class Verdict(Bar):
    """Whether the text can be applied; where it cannot, what is wrong and where."""

    parsed = jsontext.Parsed()
    unchanged = True

    def lines(self, width: int) -> list[Line]:
        if self.parsed.error:
            place = f"line {self.parsed.line}, column {self.parsed.column}: "
            return [[(" ✗ ", "error"), (place, "error"), (self.parsed.error, "text")]]
        if self.unchanged:
            return [[(" · ", "dim"), ("as the model proposed it", "dim")]]
        return [[(" ✓ ", "ok"), ("valid; Ctrl+S applies", "text")]]


class Title(Bar):
    """Whose input it is."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.tool = name

    def lines(self, width: int) -> list[Line]:
        left: Line = [(" edit the input of ", "dim"), (fit(self.tool, min(len(self.tool), 40)), "strong")]
        return [spread(left, [("the model's message stays as it was ", "faint")], width)]


class EditScreen(ModalScreen["dict[str, Any] | None"], inherit_bindings=False):
    """Gives the new input, or None where the reader left. Only valid JSON can be applied."""

    BINDINGS = [  # noqa: RUF012
        Binding("ctrl+s,f2", "apply", "apply", priority=True),
        Binding("escape", "leave", "leave", priority=True),
        Binding("tab", "app.focus_next", "next field"),
        Binding("shift+tab", "app.focus_previous", "field before"),
    ]

    def __init__(self, name: str, value: Any) -> None:
        super().__init__()
        self.tool, self.start = name, jsontext.pretty(value)

    def compose(self) -> ComposeResult:
        with Vertical(id="edit"):
            yield Title(self.tool)
            yield TextArea(
                self.start, id="json", soft_wrap=True, show_line_numbers=True, tab_behavior="focus", compact=True
            )
            yield Verdict(id="verdict")
            with Horizontal(id="buttons"):
                yield Button("Apply  Ctrl+S", id="apply", variant="success", compact=True)
                yield Button("Leave  Esc", id="leave", compact=True)

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.focus()
        found = _FIRST_STRING.search(self.start)
        if found:  # the first string is selected, so that typing replaces it
            line = self.start.count("\n", 0, found.start(1))
            begin = self.start.rfind("\n", 0, found.start(1)) + 1
            area.selection = Selection((line, found.start(1) - begin), (line, found.end(1) - begin))
        self.on_text_area_changed()

    def on_text_area_changed(self) -> None:
        """Check what stands there now."""
        verdict = self.query_one(Verdict)
        text = self.query_one(TextArea).text
        verdict.parsed, verdict.unchanged = jsontext.parse_object(text), text == self.start
        verdict.renew()
        self.query_one("#apply", Button).disabled = bool(verdict.parsed.error)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "apply":
            self.action_apply()
        else:
            self.action_leave()

    def action_apply(self) -> None:
        """Give the input back, if it is valid; else the cursor goes to the error."""
        parsed = jsontext.parse_object(self.query_one(TextArea).text)
        if parsed.error:
            self.query_one(TextArea).move_cursor((parsed.line - 1, parsed.column - 1))
            return
        self.dismiss(parsed.value)

    def action_leave(self) -> None:
        """Nothing changes."""
        self.dismiss(None)
