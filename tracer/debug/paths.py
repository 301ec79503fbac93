"""Where a session's debug socket lies, and the care that its folder needs. It serves nobody."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import tempfile
from pathlib import Path

from tracer.errors import TracerError
from tracer.journal.paths import check_id

LONGEST = 103  # bytes of a socket's path: macOS allows 104 with the closing zero, Linux 108


def socket_path(session_id: str) -> Path:
    """`$XDG_RUNTIME_DIR/tracer/ID.sock`, or `TMP/tracer-UID/ID.sock` where the first is missing or too long.

    Raises TracerError where no folder gives a path that is short enough for a socket, and on an id that would leave it.
    """
    check_id(session_id)
    for folder in socket_folders():
        path = folder / f"{session_id}.sock"
        if len(os.fsencode(path)) + len(".new") <= LONGEST:
            return path
    raise TracerError(f"the debug socket's path {path} is too long", f"a socket's path has at most {LONGEST} bytes")


def socket_folders() -> list[Path]:
    """The folders that sockets may lie in, the first choice first; they may not exist."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    folders = [Path(runtime) / "tracer"] if runtime and Path(runtime).is_dir() else []
    folders += [Path(base) / f"tracer-{os.getuid()}" for base in (tempfile.gettempdir(), "/tmp")]
    return list(dict.fromkeys(folders))


def check_length(path: Path) -> None:
    """Raises TracerError where the path is too long for a socket."""
    if len(os.fsencode(path)) > LONGEST:
        raise TracerError(f"the socket path {path} is too long", f"name one of at most {LONGEST} bytes")


def private_folder(folder: Path) -> None:
    """Make the folder 0700, or see that the one there is ours alone. Raises TracerError where it is not."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise TracerError(
            f"cannot make {folder}: {error.strerror}", "set XDG_RUNTIME_DIR to a folder of your own"
        ) from error
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not ours or found.st_mode & 0o077:
        raise TracerError(
            f"{folder} is not a folder that only you can enter",
            "remove it, or set XDG_RUNTIME_DIR to a folder of your own",
        )


def sweep(folder: Path) -> list[Path]:
    """Remove the sockets in the folder that nobody listens on any more; returns them."""
    gone = [path for path in folder.glob("*.sock") if not listening(path)]
    for path in gone:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    return gone


def listening(path: Path) -> bool:
    """Whether somebody accepts connections there (True also where it cannot be told)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        try:
            probe.connect(os.fspath(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
    return True
