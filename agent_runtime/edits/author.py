"""Who made a change: the function behind a callback, whatever kind of callable it is."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from agent_runtime.hooks import Author
from agent_runtime.source import place_of


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
