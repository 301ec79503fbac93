"""The text area of the edit form: JSON, with its first string selected and fenced against a Backspace too many."""

from __future__ import annotations

import re

from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from tracer.tui.widgets.field import InOrder

_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)": "((?:[^"\\\n]|\\.)*)"')


class JsonArea(InOrder, TextArea):
    """Typing replaces the first string; while the cursor is in it, deleting stops at its quotes.

    `name_of` and `value_of` say which string that is ("" where there is none).
    """

    def __init__(self, text: str, rows: int) -> None:
        super().__init__(text, id="json", soft_wrap=True, show_line_numbers=True, tab_behavior="focus", compact=True)
        self.styles.height = rows  # a height of its own choice would lay out the screen anew at each key
        found = _STRING.search(text)
        self.name_of, self.value_of = (found[1], found[2]) if found else ("", "")
        self._row, self._before, self._after = -1, "", ""
        if found:
            self._row = text.count("\n", 0, found.start())
            line = text.split("\n")[self._row]
            left = found.start(2) - (text.rfind("\n", 0, found.start()) + 1)
            self._before, self._after = line[:left], line[left + len(found[2]) :]

    def select_first(self) -> None:
        """Select the first string's value."""
        if self._row >= 0:
            left = len(self._before)
            self.selection = Selection((self._row, left), (self._row, left + len(self.value_of)))

    def _fence(self) -> tuple[int, int, int] | None:
        """(first column, last column, the cursor's) where the cursor is in the first string and nothing is selected."""
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
