"""The listening end of the debug socket: who may reach it, and whose connection is taken."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from tracer.debug.paths import check_length, listening, private_folder, sweep
from tracer.errors import TracerError


def bind(path: Path) -> socket.socket:
    """A listening socket at `path`, 0600 in a 0700 folder, there only once it listens. Raises TracerError."""
    check_length(path)
    private_folder(path.parent)
    sweep(path.parent)
    if path.exists() and listening(path):
        raise TracerError(f"another debugger listens on {path}", "attach to it, or end its program")
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _listen(listener, fresh)
        fresh.rename(path)
    except OSError as error:
        listener.close()
        raise TracerError(
            f"cannot listen on {path}: {error.strerror or error}",
            "set XDG_RUNTIME_DIR to a folder of your own",
        ) from error
    listener.setblocking(False)
    return listener


def _listen(listener: socket.socket, path: Path) -> None:
    with contextlib.suppress(OSError):  # Linux takes the mode at bind; elsewhere the folder keeps others out
        os.fchmod(listener.fileno(), 0o600)
    listener.bind(os.fspath(path))
    os.chmod(path, 0o600)
    listener.listen(64)


def peer_is_us(connection: Any) -> bool:
    """Whether the process at the other end runs as our user (True where the system cannot tell: the folder is 0700)."""
    if not sys.platform.startswith("linux"):
        return True
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", raw)[1]
    return uid == os.getuid()
