"""What becomes of sessions that are over: packed or deleted, all their parts together. A live one is left alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from tracer.errors import TracerError
from tracer.journal import index
from tracer.journal.paths import PACKED, id_of, parts_of
from tracer.journal.reader import Reader
from tracer.journal.source import Source, open_source


def is_live(path: Path) -> bool:
    """Whether the process that records this session still runs; a file that is no session has none."""
    try:
        reader = Reader(path)
    except TracerError:
        return False
    try:
        return reader.standing() == "live"
    finally:
        reader.close()


def bytes_of(path: Path) -> int:
    """What all parts of a session take; -1 of one that is gone."""
    try:
        return sum(part.lstat().st_size for part in parts_of(path))
    except FileNotFoundError:
        return -1


def remove(path: Path) -> int:
    """Delete a session: its parts, the last one first, and its kept index. Returns the bytes; raises OSError."""
    with contextlib.suppress(TracerError):
        source = open_source(path)
        with contextlib.suppress(OSError):
            index.cache_path(source).unlink()
        source.close()
    freed = 0
    for part in reversed(parts_of(path)):
        freed += part.lstat().st_size
        part.unlink()
    return freed


def pack(path: Path, keep: bool = False) -> Path:
    """Write a session that is over as `ID.jsonl.zst` beside it, see that it reads the same, and delete the original.

    Raises TracerError for a live or packed one, and where the packed file is there already; OSError from the disk.
    """
    target = path.with_name(id_of(path) + PACKED)
    if path.name.endswith(".zst"):
        raise TracerError(f"{path.name} is packed already", "every command reads it as it is")
    if target.exists():
        raise TracerError(f"{target} is there already", "delete or move one of the two")
    if is_live(path):
        raise TracerError(f"session {id_of(path)} is still being recorded", "pack it once it has ended")
    Reader(path).close()  # what is no session is told so
    source = open_source(path)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        _write(source, draft)
        os.utime(draft, ns=(path.stat().st_atime_ns, source.stats()[-1].st_mtime_ns))
        draft.replace(target)
    finally:
        source.close()
        draft.unlink(missing_ok=True)
    if not keep:
        remove(path)
    return target


def _write(source: Source, draft: Path) -> None:
    from tracer.journal.packed import open_packed, write_packed

    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(fd, "wb") as file:
        write_packed(source, file)
        file.flush()
        os.fsync(fd)
    packed = open_packed(draft)
    try:
        if packed.size() != source.size() or _digest(packed) != _digest(source):
            raise TracerError(
                f"{draft.name} does not read as the original", "the disk may be failing; nothing was deleted"
            )
    finally:
        packed.close()


def _digest(source: Source) -> bytes:
    seen, start = hashlib.blake2b(), 0
    while data := source.read(1 << 20, start):
        seen.update(data)
        start += len(data)
    return seen.digest()
