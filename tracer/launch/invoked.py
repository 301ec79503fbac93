"""How this program was called, so that the commands it prints work as typed."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def tracer_command() -> str:
    """`tracer` where that is what the shell would run, else the path that was typed, quoted for a shell."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m tracer"
    if not called.exists():
        called = Path(sys.executable).parent / "tracer"
    found = shutil.which("tracer")
    if found and os.path.realpath(found) == os.path.realpath(called):
        return "tracer"
    path = os.path.abspath(called)
    short = os.path.relpath(path)
    return shlex.quote(path if short.startswith(os.pardir) else short)


def command_line(*words: str) -> str:
    """A whole command as it can be typed."""
    return " ".join([tracer_command(), *map(shlex.quote, words)])
