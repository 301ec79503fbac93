"""A debug socket on standard input and output: bytes both ways, until either side is done. It reads no message."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

from tracer.debug.errors import DebugError

_CHUNK = 1 << 16


def bridge(path: Path) -> None:
    """Join standard input and output with the socket. Raises DebugError where nobody listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as there:
        try:
            there.connect(os.fspath(path))
        except OSError as error:
            raise DebugError(f"nobody answers on {path}: {error.strerror or error}", "is the session live?") from error
        threading.Thread(target=_upwards, args=(there,), daemon=True).start()
        while data := there.recv(_CHUNK):
            while data:
                data = data[os.write(1, data) :]


def _upwards(there: socket.socket) -> None:
    try:
        while data := os.read(0, _CHUNK):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)
    except OSError:
        return  # the session is over: the other direction sees its end
