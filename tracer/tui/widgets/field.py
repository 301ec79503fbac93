"""A field to type in that does with each key what it is for before it takes the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.widget import Widget
else:
    Widget = object  # a widget's styles are those of its first base that is one: the text widget has to be that


class InOrder(Widget):
    """Goes before a text widget among the bases of a class.

    Textual inserts a letter at once, but a key that moves or deletes goes up through all parents before it is acted on:
    of keys that come in one read, as over a slow line, all letters would be first.
    """

    async def _on_key(self, event: events.Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if not binding.priority and await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()  # the bases have their own `_on_key`
                return


class Field(InOrder, Input):
    """One line."""
