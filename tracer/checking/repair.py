"""A torn tail mended in place: the last line gets its end, or goes where it is no whole record; no other changes."""

from __future__ import annotations

import os
from pathlib import Path

from tracer import records as r
from tracer.errors import TracerError
from tracer.journal.keep import is_live
from tracer.journal.paths import id_of, parts_of
from tracer.journal.reader import MAX_LINE
from tracer.text.format import counted

_BLOCK = 1 << 16


def repair(path: Path) -> str:
    """Mend it and say what was done; empty where nothing was torn. One system call does it: it is done or it is not.

    Raises TracerError for a live or packed session; OSError from the disk.
    """
    if path.name.endswith(".zst"):
        raise TracerError(f"{path.name} is packed", "unpack it first: `zstd -d`")
    if is_live(path):
        raise TracerError(f"session {id_of(path)} is still being recorded", "repair it once its process has ended")
    with parts_of(path)[-1].open("r+b", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        start = _last_line(file.fileno(), size)
        if start == size:
            return ""
        tail = os.pread(file.fileno(), min(size - start, MAX_LINE), start)
        if len(tail) == size - start and _whole(tail):
            os.pwrite(file.fileno(), b"\n", size)
            return "the last record got its missing line end"
        os.ftruncate(file.fileno(), start)
        return f"a torn last record of {counted(size - start, 'byte')} was cut off"


def _whole(tail: bytes) -> bool:
    try:
        return bool(r.decode(tail))
    except r.BadRecord:
        return False


def _last_line(fd: int, size: int) -> int:
    """Where the line begins that the file ends in; its size where the last line is whole."""
    end = size
    while end > 0:
        start = max(0, end - _BLOCK)
        cut = os.pread(fd, end - start, start).rfind(b"\n")
        if cut >= 0:
            return start + cut + 1
        end = start
    return 0
