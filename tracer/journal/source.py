"""The bytes behind a session: one file, or its numbered parts in a row, as one stretch. It knows no lines."""

from __future__ import annotations

import os
from bisect import bisect_right
from pathlib import Path
from typing import Protocol

from tracer.errors import TracerError
from tracer.journal.paths import part_path


class Source(Protocol):
    """What a reader reads from; offsets count from the session's first byte.

    `lasting`: the next reader will find the same files, so that what was learnt of them may be kept.
    """

    lasting: bool

    def size(self) -> int:
        """Bytes there are now."""

    def read(self, length: int, start: int) -> bytes:
        """Up to `length` bytes from `start` on, of those that `size` told of; fewer only where they end."""

    def stats(self) -> list[os.stat_result]:
        """What the file system says of each file."""

    def close(self) -> None:
        """Close the files; a second call does nothing."""


class Files:
    """A plain session file and the parts that follow it. A part is complete once the next one is there."""

    lasting = True

    def __init__(self, path: Path) -> None:
        """Raises OSError where the first file cannot be opened."""
        self._path = path
        self._fds: list[int] = []
        self._starts: list[int] = []
        self._open(path, 0)

    def _open(self, path: Path, start: int) -> None:
        self._fds.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK))
        self._starts.append(start)

    def size(self) -> int:
        while True:
            number = len(self._fds) + 1
            more = os.path.exists(f"{self._path}.{number}")  # asked first: what is said of a complete part stays true
            size = self._starts[-1] + os.fstat(self._fds[-1]).st_size
            if not more:
                return size
            self._open(part_path(self._path, number), size)

    def read(self, length: int, start: int) -> bytes:
        part = bisect_right(self._starts, start) - 1
        data = os.pread(self._fds[part], length, start - self._starts[part])
        while len(data) < length and part + 1 < len(self._fds):
            part += 1
            data += os.pread(self._fds[part], length - len(data), 0)
        return data

    def stats(self) -> list[os.stat_result]:
        return [os.fstat(fd) for fd in self._fds]

    def close(self) -> None:
        while self._fds:
            os.close(self._fds.pop())

    def __del__(self) -> None:  # one that is dropped leaves no file open
        self.close()


def open_source(path: Path) -> Source:
    """The session's bytes, unpacked where the file is packed. Raises TracerError where it cannot be read."""
    try:
        if path.name.endswith(".zst"):
            from tracer.journal.packed import open_packed

            return open_packed(path)
        return Files(path)
    except OSError as error:
        raise TracerError(
            f"cannot read {path}: {error.strerror}", "check its permissions, or name another session"
        ) from error
