"""JSON as people read and edit it: pretty text, coloured lines, and errors with their place. It knows no screen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tracer.tui.model.lines import Line

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*"?)(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)|([\[\]{},:]+)|(\s+)|(.)')


def pretty(value: Any) -> str:
    """The value as indented JSON, with escapes for characters that are not printable (so that it can be edited)."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(char if char == "\n" or char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return "\\u007f" if char == "\x7f" else json.dumps(char)[1:-1]


def short(value: Any, limit: int = 400) -> str:
    """The value in one line like arguments (`path: "a", depth: 2`), about `limit` characters at most."""
    if isinstance(value, dict):
        parts = (f"{key}: {_compact(item, limit)}" for key, item in list(value.items())[:20])
        return ", ".join(parts)[:limit]
    return _compact(value, limit)


def brief(value: Any, limit: int = 60) -> str:
    """The values of an input without their keys, for where there is little room."""
    if not isinstance(value, dict):
        return "" if value is None else _compact(value, limit)
    return " ".join(
        item[:limit] if isinstance(item, str) else _compact(item, limit) for item in list(value.values())[:6]
    )


def _compact(value: Any, limit: int) -> str:
    if isinstance(value, str):
        return json.dumps(value[:limit], ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, default=str)[:limit]


def coloured(text: str) -> Iterator[Line]:
    """The lines of a JSON text with the styles json-key, json-string, json-number, json-word, json-mark."""
    for line in text.split("\n"):
        yield _colour(line) if len(line) <= 20_000 else [(line, "json-string")]


def _colour(line: str) -> Line:
    out: Line = []
    for match in _TOKEN.finditer(line):
        text, colon, number, word, mark, _, _ = match.groups()
        if text is not None:
            out.append((text, "json-key" if colon else "json-string"))
            if colon:
                out.append((colon, "json-mark"))
        else:
            style = "json-number" if number else "json-word" if word else "json-mark" if mark else ""
            out.append((match[0], style))
    return out


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a JSON text says: its `value`, or the `error` and its place (`line` and `column` from 1)."""

    value: Any = None
    error: str = ""
    line: int = 0
    column: int = 0


def parse_object(text: str) -> Parsed:
    """The object that the text holds; a tool's input is always an object, so anything else is an error."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return Parsed(error=error.msg[:1].lower() + error.msg[1:], line=error.lineno, column=error.colno)
    except (RecursionError, ValueError) as error:
        return Parsed(error=str(error), line=1, column=1)
    if not isinstance(value, dict):
        return Parsed(error="a tool's input is an object: { … }", line=1, column=1)
    return Parsed(value=value)
