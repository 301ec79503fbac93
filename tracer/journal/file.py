"""The descriptor of a session file: opened, opened again, and seen to be that file still. It knows no records."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
_HIGH = 256  # a number that the next `open` of somebody else does not get when this one is closed behind our back
_TAKEN = "another file has the session's name"
_CHUNK = 1 << 20


def create(path: Path) -> int:
    """A new file (0600, in a folder of 0700). Raises OSError, also where the name is taken."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return _high(os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise FileExistsError(error.errno, _TAKEN) from error


def create_part(path: Path) -> int:
    """A new file for a later part. An empty one is taken: whoever began it was interrupted. Raises OSError."""
    try:
        return create(path)
    except FileExistsError:
        descriptor = os.open(path, _FLAGS | os.O_NOFOLLOW)
        if os.fstat(descriptor).st_size:
            os.close(descriptor)
            raise
        return _high(descriptor)


def reopen(path: Path, known: os.stat_result | None) -> int:
    """The file once more; -1 where it is gone. Raises OSError where another file has its name."""
    if known is None:
        return -1
    try:
        descriptor = os.open(path, _FLAGS | os.O_NOFOLLOW)
    except FileNotFoundError:
        return -1
    if state_of(descriptor, known) is None:
        os.close(descriptor)
        raise FileExistsError(errno.EEXIST, _TAKEN)
    return _high(descriptor)


def state_of(descriptor: int, known: os.stat_result | None) -> os.stat_result | None:
    """The file's state; None where the descriptor is closed, or open on another file than the one that was `known`."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    same = known is not None and found.st_ino == known.st_ino and found.st_dev == known.st_dev
    return found if same else None


def whole_lines(descriptor: int, start: int) -> tuple[int, int]:
    """How many lines end from byte `start` on, and where the last of them ends."""
    lines, end, at = 0, start, start
    while chunk := os.pread(descriptor, _CHUNK, at):
        if (cut := chunk.rfind(b"\n")) >= 0:
            lines, end = lines + chunk.count(b"\n"), at + cut + 1
        at += len(chunk)
    return lines, end


def to_disk(descriptor: int) -> None:
    """Wait until the disk has what was written; not where the platform has no word for the data alone."""
    getattr(os, "fdatasync", os.fsync)(descriptor)


def _high(descriptor: int) -> int:
    with contextlib.suppress(OSError):
        higher = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
        os.close(descriptor)
        return higher
    return descriptor
