"""A debug socket on standard input and output: bytes both ways, until either side is done. It answers no message."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from pathlib import Path

from tracer.debug.errors import DebugError, NoProtocolError
from tracer.debug.wire import Decoder, WireError

_CHUNK = 1 << 16


def bridge(path: Path) -> None:
    """Join standard input and output with the socket. Raises DebugError: nobody listens, or what comes is no DAP."""
    faults: list[WireError] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as there:
        try:
            there.connect(os.fspath(path))
        except OSError as error:
            raise DebugError(f"nobody answers on {path}: {error.strerror or error}", "is the session live?") from error
        threading.Thread(target=_upwards, args=(there, faults), daemon=True).start()
        while data := there.recv(_CHUNK):
            while data:
                data = data[os.write(1, data) :]
    if faults:
        raise NoProtocolError(faults[0])


def _upwards(there: socket.socket, faults: list[WireError]) -> None:
    decoder = Decoder()  # the debugger would close the connection without a word to whoever typed this
    try:
        while data := os.read(0, _CHUNK):
            decoder.feed(data)
            there.sendall(data)
        decoder.end()
        there.shutdown(socket.SHUT_WR)
    except WireError as error:
        faults.append(error)
        with contextlib.suppress(OSError):
            there.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the session is over: the other direction sees its end
