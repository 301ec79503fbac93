"""Where a function was written: the file and line of tools and hooks."""

from __future__ import annotations

import inspect
import linecache
from typing import Any


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
