"""Is the process that wrote a session still there? Pid and start time together, since pids are used again."""

from __future__ import annotations

import os
import sys
from functools import cache


def start_time(pid: int) -> int:
    """A number that differs between two processes that have had the same pid; 0 where it cannot be told."""
    if sys.platform.startswith("linux"):
        return _start_by_proc(pid)
    else:  # said aloud, since mypy knows one platform at a time
        return _start_by_ps(pid)


def _start_by_proc(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return int(stat.read().rpartition(b")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return 0


@cache
def _start_by_ps(pid: int) -> int:
    import subprocess

    try:
        said = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    text = said.stdout.strip()
    return sum(ord(c) * (i + 1) for i, c in enumerate(text)) if text else 0


def alive(pid: int, started: int) -> bool:
    """Whether process `pid`, begun at `started` (as start_time tells), still runs."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    if _zombie(pid):
        return False
    return not started or start_time(pid) in (0, started)


def _zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[:1] == [b"Z"]
    except OSError:
        return False
