"""The text area of the edit form: JSON, with one value selected and a string fenced against a Backspace too many."""

from __future__ import annotations

from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from tracer.tui.model.chosen import Chosen
from tracer.tui.widgets.field import InOrder


class JsonArea(InOrder, TextArea):
    """Typing replaces the chosen value; while the cursor is in one that is a string, deleting stops at its quotes."""

    def __init__(self, text: str, rows: int, chosen: Chosen | None = None) -> None:
        super().__init__(text, id="json", soft_wrap=True, show_line_numbers=True, tab_behavior="focus", compact=True)
        self.styles.height = rows  # a height of its own choice would lay out the screen anew at each key
        self.chosen = chosen
        self._row, self._before, self._after = -1, "", ""
        if chosen is not None and chosen.quoted:
            line = text.split("\n")[chosen.row]
            self._row, self._before = chosen.row, line[: chosen.column]
            self._after = line[chosen.column + len(chosen.text) :]

    def select_chosen(self) -> None:
        """Select the value, and show it."""
        if self.chosen is not None:
            row, column = self.chosen.row, self.chosen.column
            self.selection = Selection((row, column), (row, column + len(self.chosen.text)))
            self.call_after_refresh(self.scroll_cursor_visible)

    def _fence(self) -> tuple[int, int, int] | None:
        """(first column, last column, the cursor's) where it is in the chosen string and nothing is selected."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        inside = row == self._row and line.startswith(self._before) and line.endswith(self._after)
        left, right = len(self._before), len(line) - len(self._after)
        return (left, right, column) if inside and left <= column <= right and self.selection.is_empty else None

    def action_delete_left(self) -> None:
        """Backspace."""
        fence = self._fence()
        if fence is None or fence[2] > fence[0]:
            super().action_delete_left()

    def action_delete_right(self) -> None:
        """Delete."""
        fence = self._fence()
        if fence is None or fence[2] < fence[1]:
            super().action_delete_right()

    def action_delete_word_left(self) -> None:
        """The word before the cursor."""
        fence = self._fence()
        if fence is None or self.get_cursor_word_left_location() >= (self._row, fence[0]):
            super().action_delete_word_left()
        else:
            self.delete((self._row, fence[0]), self.cursor_location)

    def action_delete_to_start_of_line(self) -> None:
        """All that is before the cursor."""
        fence = self._fence()
        if fence is None:
            super().action_delete_to_start_of_line()
        else:
            self.delete((self._row, fence[0]), self.cursor_location)

    def action_delete_to_end_of_line(self) -> None:
        """All that is after the cursor."""
        fence = self._fence()
        if fence is None:
            super().action_delete_to_end_of_line()
        else:
            self.delete(self.cursor_location, (self._row, fence[1]))
