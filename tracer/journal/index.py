"""The index of a long session that is over, kept as a file: a cache, never a reason to fail.

It lies in `$TRACER_HOME/cache/index`, one file a session, and is taken only where size, times and edges all fit.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import zlib
from array import array
from hashlib import blake2b
from pathlib import Path

import msgspec

from tracer.journal.paths import home
from tracer.journal.source import Source

SMALLEST = 4 << 20  # of a shorter file the index is made as fast as it is read
_EDGE = 1 << 12
_VERSION = 2
_OLD = 30 * 86_400  # seconds


class Stamp(msgspec.Struct, frozen=True):
    """What an index belongs to: each file's device, inode, size and time (ns), and a digest of the session's edges."""

    files: list[tuple[int, int, int, int]]
    edges: str
    order: str = sys.byteorder
    version: int = _VERSION


class _Head(msgspec.Struct):
    stamp: Stamp
    count: int
    check: int
    width: int


def stamp_of(source: Source, size: int) -> Stamp:
    """The stamp of a session as it lies there now."""
    edges = blake2b(source.read(_EDGE, 0) + source.read(_EDGE, max(0, size - _EDGE)), digest_size=16)
    files = [(s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns) for s in source.stats()]
    return Stamp(files, edges.hexdigest())


def cache_path(source: Source) -> Path:
    """Where the index of this session lies, if there is one."""
    first = source.stats()[0]
    return home() / "cache" / "index" / f"{first.st_dev:x}-{first.st_ino:x}"


def load(source: Source) -> array[int] | None:
    """The line ends of a session that is over, from the cache; None where there is none that fits."""
    size = source.size()
    if size < SMALLEST or not source.lasting:
        return None
    try:
        with cache_path(source).open("rb") as file:
            head = msgspec.json.decode(file.readline(1 << 20), type=_Head)
            left = os.fstat(file.fileno()).st_size - file.tell()
            if head.stamp != stamp_of(source, size) or left != head.width * head.count:
                return None
            ends = array("I" if head.width == 4 else "Q", [0]) * head.count
            file.readinto(memoryview(ends).cast("B"))
    except (OSError, msgspec.DecodeError, MemoryError):
        return None
    fits = zlib.crc32(ends) == head.check and head.count and ends[0] == 0 and ends[-1] <= size
    return ends if fits else None


def store(source: Source, ends: array[int]) -> None:
    """Keep the index of a session that is over; where that cannot be done, nothing happens."""
    size = source.size()
    if size < SMALLEST or not source.lasting:
        return
    head = msgspec.json.encode(_Head(stamp_of(source, size), len(ends), zlib.crc32(ends), ends.itemsize))
    with contextlib.suppress(OSError):
        path = cache_path(source)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            with open(fd, "wb") as file:
                file.write(head + b"\n")
                file.write(memoryview(ends))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        _sweep(path.parent)


def _sweep(folder: Path) -> None:
    """Drop what was made long ago: its session may be gone, and if not, the index is made again."""
    for entry in os.scandir(folder):
        if entry.stat().st_mtime < time.time() - _OLD:
            os.unlink(entry)
