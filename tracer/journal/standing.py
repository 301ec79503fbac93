"""How a recording stands: live while its writer runs, ended after its clean end, else crashed."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Literal

from tracer import records as r
from tracer.journal import process

State = Literal["live", "ended", "crashed"]
_SILENT = 60.0


def standing(header: r.Session, ended: Callable[[], bool], modified: Callable[[], float]) -> State:
    """By the last line (`ended`), then by the writer's process; another machine's counts as gone after a minute."""
    if ended():
        return "ended"
    if header.host not in ("", "localhost", socket.gethostname()):
        return "crashed" if time.time() - modified() > _SILENT else "live"
    if process.alive(header.pid, header.pid_start):
        return "live"
    return "ended" if ended() else "crashed"  # its last lines may have come between the two looks
