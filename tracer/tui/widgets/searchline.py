"""The line that asks for a text to search. What is typed right behind the key that closed it is for the panes."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Key

from tracer.tui.widgets.field import Field


class SearchLine(Field):
    """`leave(text)`, once, when Enter (the text) or Escape (None) closes it; it gives the focus to another widget.

    Textual brings keys in advance of what the key before them did, so some may still come here after that.
    """

    def __init__(self, leave: Callable[[str | None], None]) -> None:
        super().__init__(id="search", placeholder="search in all records", compact=True)
        self._leave, self._open = leave, False

    def open(self) -> None:
        """Show it, for the keys that come."""
        self._open = True
        self.add_class("-open")
        self.focus()

    def close(self, text: str | None = None) -> None:
        """Hide it."""
        if self._open:
            self._open = False
            self.remove_class("-open")
            self._leave(text)

    def on_key(self, event: Key) -> None:
        if self._open and event.key not in ("enter", "escape"):
            return
        event.stop()
        event.prevent_default()
        if self._open:
            self.close(self.value if event.key == "enter" else None)
            return
        again = Key(event.key, event.character)
        again.time = event.time
        self.app.post_message(again)
