"""Where a function was written: the file and line of tools and of hooks, whatever kind of callable they are."""

from __future__ import annotations

import functools
import inspect
import linecache
from typing import Any

from agent_runtime.hooks import Author


def place_of(function: Any) -> tuple[str, int] | None:
    """The file and the line of a function's `def`, past its decorators; None for a callable without Python code."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return None
    line = code.co_firstlineno
    while (text := linecache.getline(code.co_filename, line)) and not _is_def(text):
        line += 1
    return code.co_filename, line if text and code.co_name != "<lambda>" else code.co_firstlineno


def _is_def(line: str) -> bool:
    return line.lstrip().startswith(("def ", "async def ", "lambda"))


def author_of(callback: Any, kind: str = "hook") -> Author:
    """The author that a callback is: of a partial or a decorated function the function itself, of an object its
    `__call__`. Never raises."""
    try:
        function, name = _function(callback)
        return Author(kind, name, *(place_of(function) or ()))
    except Exception:  # an object may answer anything to the questions asked here
        return Author(kind, type(callback).__name__)


def _function(callback: Any) -> tuple[Any, str]:
    """The function that runs, and the name by which people know it."""
    while isinstance(callback, functools.partial):
        callback = callback.func
    if inspect.isroutine(callback):
        return callback, _short(callback.__qualname__)
    if isinstance(callback, type):
        return vars(callback).get("__init__"), _short(callback.__qualname__)
    return type(callback).__call__, _short(type(callback).__qualname__)


def _short(name: str) -> str:
    return name.rpartition("<locals>.")[2]
