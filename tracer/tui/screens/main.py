"""The main screen: the desk with every key of the table."""

from __future__ import annotations

from textual.binding import Binding

from tracer.tui.keys import KEYS
from tracer.tui.screens.looking import Looking


class MainScreen(Looking, inherit_bindings=False):
    """All panes, all keys."""

    BINDINGS = [Binding(key.keys, key.action, key.says, show=False) for key in KEYS]  # noqa: RUF012
