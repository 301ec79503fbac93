"""How a recording stands: live while its writer runs, ended after its clean end, else crashed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Literal, Protocol

from tracer.journal import process

State = Literal["live", "ended", "crashed"]
_SILENT = 60.0


class Writer(Protocol):
    """What a session's header says of the process that writes it."""

    host: str
    pid: int
    pid_start: int


def standing(writer: Writer, ended: Callable[[], bool], modified: Callable[[], float]) -> State:
    """By the last line (`ended`), then by the writer's process; another machine's counts as gone after a minute."""
    if ended():
        return "ended"
    if writer.host not in ("", "localhost", os.uname().nodename):
        return "crashed" if time.time() - modified() > _SILENT else "live"
    if process.alive(writer.pid, writer.pid_start):
        return "live"
    return "ended" if ended() else "crashed"  # its last lines may have come between the two looks
