"""Which value of a form is selected when it opens, and where it stands in the form's JSON. It knows no screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tracer.tui.model import jsontext

Path = tuple[str | int, ...]
Rule = Literal["first", "first text", "last text"]
INDENT = 2  # of jsontext.pretty


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value `name`: `row` of the text, its first `column`, and its `text` there, without a string's quotes."""

    name: str
    row: int
    column: int
    text: str
    quoted: bool


def choose(value: Any, rule: Rule) -> Chosen | None:
    """The value that most want to change: by the `rule`, a text where there is one, else the first that says something.

    None where there is nothing to select.
    """
    paths = list(_values(value))
    said = [path for path in paths if _at(value, path) is not None] or paths
    texts = [path for path in said if path[-1:] == ("text",) and isinstance(_at(value, path), str)]
    if not said:
        return None
    if rule == "first" or not texts:
        return _placed(value, said[0])
    return _placed(value, texts[0 if rule == "first text" else -1])


def _values(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all that holds nothing further, in the order of the text."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(item, dict | list):
            yield from _values(item, (*path, key))
        else:
            yield (*path, key)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _placed(value: Any, path: Path) -> Chosen:
    row, inner = 0, value
    for key in path:
        before = list(inner)[: list(inner).index(key)] if isinstance(inner, dict) else range(int(key))
        row += 1 + sum(_rows(inner[one]) for one in before)
        inner = inner[key]
    text = jsontext.pretty(inner)
    label = f"{jsontext.pretty(path[-1])}: " if isinstance(path[-1], str) else ""
    quoted = isinstance(inner, str)
    names = [key for key in path if isinstance(key, str)]
    said = text[1:-1] if quoted else text
    return Chosen(names[-1] if names else "", row, len(path) * INDENT + len(label) + quoted, said, quoted)


def _rows(value: Any) -> int:
    """How many rows a value takes."""
    return json.dumps(value, indent=INDENT, default=str).count("\n") + 1
