"""Where the tools of agents are written: what turns a line in an editor into a tool. It reads files, runs nothing."""

from __future__ import annotations

import inspect
import linecache
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A tool's function: `first` is the line of its `def` (or its first decorator), `last` its last line."""

    tool: str
    file: str
    first: int
    last: int


def source_of_tool(tool: Any) -> tuple[str, int] | None:
    """The file and line of a tool's function, where it has one."""
    source = getattr(tool, "source", None)
    if isinstance(source, tuple) and len(source) == 2:
        return str(source[0]), int(source[1])
    code = getattr(getattr(tool, "_tool_func", None), "__code__", None)  # a stock decorated tool
    return (code.co_filename, code.co_firstlineno) if code else None


def places_of(agent: Any) -> list[Place]:
    """The places of an agent's tools; those without Python source are left out."""
    registry = getattr(getattr(agent, "tool_registry", None), "registry", None) or {}
    found = []
    for name, tool in list(registry.items()):
        source = source_of_tool(tool)
        if source is not None:
            file, first = source
            found.append(place_at(str(name), file, first))
    return found


def place_at(tool: str, file: str, first: int) -> Place:
    """The place of a tool's function that begins there; one line where its file is not here."""
    return Place(tool, file, first, _last(file, first))


def _last(file: str, first: int) -> int:
    lines = linecache.getlines(file)[first - 1 :]
    try:
        return first + len(inspect.getblock(lines)) - 1 if lines else first
    except (SyntaxError, IndexError):  # the file changed since it was loaded
        return first


def at_line(places: Iterable[Place], file: str, line: int) -> Place | None:
    """The tool whose function this line of a file belongs to; decorators above it count."""
    mine = [place for place in places if _same_file(place.file, file)]
    inside = [place for place in mine if place.first <= line <= place.last]
    if inside:
        return max(inside, key=lambda place: place.first)
    below = [place for place in mine if line < place.first and _decorators(place, line)]
    return min(below, key=lambda place: place.first, default=None)


def _decorators(place: Place, line: int) -> bool:
    """Whether all lines from `line` to the `def` are decorators (a long one may go on over lines)."""
    rows = [row.strip() for row in linecache.getlines(place.file)[line - 1 : place.first - 1]]
    return bool(rows) and rows[0].startswith("@")


def _same_file(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
