"""The help screen: the bindings that are live, in the groups of the key table."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from tracer.tui.keys import GROUPS, KEYS
from tracer.tui.screens.value import ValueScreen

_INTRO = "Keys are the same in every pane. A pane with a bright title has the focus; Tab goes to the next."


def help_text(bindings: Iterable[Binding]) -> str:
    """The help for these bindings: by group of the table, and whatever else is bound below it."""
    live: dict[str, Binding] = {}
    for binding in bindings:
        live.setdefault(binding.action, binding)
    parts = [_INTRO]
    for group, title in GROUPS.items():
        keys = [key for key in KEYS if key.group == group and key.action in live]
        lines = [f"  {key.show:<10} {live.pop(key.action).description}" for key in keys]
        if lines:
            parts += ["", f"── {title}", *lines]
    others = [f"  {binding.key:<10} {binding.description or binding.action}" for binding in live.values()]
    if others:
        parts += ["", "── Also", *others]
    return "\n".join(parts)


class HelpScreen(ValueScreen, inherit_bindings=True):
    """The help text in a value screen."""

    def __init__(self, bindings: Iterable[Binding]) -> None:
        super().__init__("help", help_text(bindings))
