"""The help screen: the bindings that are live, in the groups of the key table, in two columns where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from textual.binding import Binding

from tracer.tui.keys import GROUPS, KEYS
from tracer.tui.model.lines import Line, wrap
from tracer.tui.screens.value import ValuePane, ValueScreen

_INTRO = (
    "All panes have the same keys. The one with the bright title has the focus; Tab goes on.",
    "A stop takes the focus: c s o u r let a call run only from the stop panel.",
)
_KEY = 12  # columns of a row's key, and of what stands before it
COLUMN, BOTH = 52, 106  # columns of the left half, and of both


def sections(bindings: Iterable[Binding]) -> list[list[str]]:
    """The rows of each group of the table that has live keys, its title first; whatever else is bound comes last."""
    live: dict[str, Binding] = {}
    for binding in bindings:
        live.setdefault(binding.action, binding)
    found = []
    for group, title in GROUPS.items():
        keys = [key for key in KEYS if key.group == group and key.action in live]
        rows = [f"  {key.show:<{_KEY - 2}} {live.pop(key.action).description}" for key in keys]
        found += [[f"── {title}", *rows]] if rows else []
    others = [f"  {binding.key:<{_KEY - 2}} {binding.description or binding.action}" for binding in live.values()]
    return found + ([["── Also", *others]] if others else [])


def help_text(parts: Sequence[Sequence[str]], width: int) -> str:
    """The help for these sections, `width` columns wide; what is longer goes on below its own words."""
    intro = [line for text in _INTRO for line in wrap(text, width)]
    if width < BOTH:
        return "\n".join([*intro, *_column(parts, width)])
    half, left = sum(len(part) + 1 for part in parts) // 2, 0
    while left < len(parts) and sum(len(part) + 1 for part in parts[: left + 1]) <= half + 2:
        left += 1
    columns = _column(parts[:left], COLUMN - 1), _column(parts[left:], width - COLUMN)
    beside = ("".join(f"{row:<{COLUMN}}" for row in both).rstrip() for both in zip_longest(*columns, fillvalue=""))
    return "\n".join([*intro, *beside])


def _column(parts: Sequence[Sequence[str]], width: int) -> list[str]:
    return [line for part in parts for row in ("", *part) for line in _wrapped(row, width)]


def _wrapped(row: str, width: int) -> Iterable[str]:
    if not row.startswith("  "):
        return (row,)
    key, says = row[: _KEY + 1], row[_KEY + 1 :]
    first, *more = wrap(says, max(8, width - len(key)))
    return [key + first, *(" " * len(key) + line for line in more)]


class HelpPane(ValuePane):
    """The help, laid out for the pane's width."""

    def __init__(self, bindings: Iterable[Binding]) -> None:
        self.sections = sections(bindings)
        super().__init__("help", "")
        self.bytes = ""

    def on_resize(self) -> None:
        """One column or two, as there is room."""
        self.text = help_text(self.sections, self.columns - 2)
        super().on_resize()

    def row(self, index: int, width: int) -> Line:
        text = self.rows[index]
        line: Line = [(" ", "")]
        for cell in (text[:COLUMN], text[COLUMN:]) if index and self.columns - 2 >= BOTH else (text,):
            if cell.startswith("  ") and index:
                line += [(cell[:_KEY], "key"), (cell[_KEY:], "text")]
            else:
                line.append((cell, "heading" if cell.startswith("── ") else "text"))
        return line


class HelpScreen(ValueScreen, inherit_bindings=True):
    """The help text in a value screen."""

    def __init__(self, bindings: Iterable[Binding]) -> None:
        super().__init__("help", "")
        self.bytes = ""
        self.value = HelpPane(bindings)
