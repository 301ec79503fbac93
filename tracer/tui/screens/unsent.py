"""What was typed into a form whose stop went on without it: to read and to copy."""

from __future__ import annotations

from textual.binding import Binding

from tracer.tui.screens.acting import send_copy
from tracer.tui.screens.value import ValueScreen


class UnsentScreen(ValueScreen, inherit_bindings=False):
    """Letters that were meant for the form do nothing here: only Esc closes."""

    BINDINGS = [  # noqa: RUF012
        Binding("down", "move(1)", "down"),
        Binding("up", "move(-1)", "up"),
        Binding("pagedown", "page(1)", "a page down"),
        Binding("pageup", "page(-1)", "a page up"),
        Binding("y", "copy", "copy what was typed"),
        Binding("escape", "close", "close"),
    ]

    def __init__(self, why: str, typed: str) -> None:
        super().__init__("not sent", f"{why}.\nThis was typed and not sent:\n\n{typed}")
        self.typed = typed

    def action_copy(self) -> None:
        """Copy what was typed."""
        self.value.said = send_copy(self.app, self.typed)
        self.value.forget()
