"""The configuration file, `tracer.toml` in the working directory or $TRACER_CONFIG: breakpoints that each run has.

breakpoints = ["before_tool:delete_*", "tool_error", "any if cost > $0.50"]
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tracer.errors import TracerError

NAME = "tracer.toml"


def configured_breakpoints() -> tuple[str, ...]:
    """The breakpoints of the file; none where there is no file. Raises TracerError for one that cannot be read."""
    named = os.environ.get("TRACER_CONFIG", "")
    path = Path(named or NAME)
    if not named and not path.is_file():
        return ()
    known = _read(path)
    found = known.pop("breakpoints", [])
    if known:
        raise TracerError(f"{path} has {', '.join(sorted(known))}", "it holds `breakpoints = [...]` and nothing else")
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise TracerError(f"{path}: breakpoints is no list of texts", 'write it as `breakpoints = ["tool_error"]`')
    _parsed(path, found)
    return tuple(found)


def _parsed(path: Path, texts: list[str]) -> None:
    """Each is read once here, where the file can be named: who typed no `-b` does not look for one there."""
    from tracer.debug.breakpoints import parse

    for text in texts:
        try:
            parse(text)
        except TracerError as error:
            raise TracerError(f"{path}: {error.message}", error.hint) from error


def _read(path: Path) -> dict[str, Any]:
    import tomllib  # here, since most have no such file

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        hint = "correct $TRACER_CONFIG, or unset it" if os.environ.get("TRACER_CONFIG") else "check its permissions"
        raise TracerError(f"cannot read {path}: {error.strerror or error}", hint) from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise TracerError(f"{path} is no TOML: {error}", "correct that line") from error
