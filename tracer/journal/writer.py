"""The write end of a session file: one `os.write` a record, in order, never an exception into the agent."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from os import write
from pathlib import Path
from time import monotonic_ns

import msgspec

from tracer import records as r

_encode = r.encode


class Writer:
    """Appends records to one file, from any thread. `seq` is the next line's number, `failed` what went wrong."""

    def __init__(self, path: Path, warn: Callable[[str], None], t0: int | None = None) -> None:
        """Create the file (0600, in a folder of 0700). Raises OSError where that cannot be done."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._fd = os.open(path, flags, 0o600)
        self.path = path
        self.seq = 0
        self.failed = ""
        self.t0 = monotonic_ns() if t0 is None else t0
        self._missing = 0
        self._torn = False
        self._warn = warn
        self._lock = threading.RLock()  # re-entrant: a warning that is logged may come back here as a record

    def append(self, record: r.Record) -> int:
        """Write it and return its seq, or -1 where it could not be written (then a gap is told of later)."""
        lock = self._lock
        lock.acquire()  # `with` takes twice as long, which is felt: this runs for each delta
        try:
            if self._fd < 0:
                return -1
            if self._missing and not self._bridge():
                self._missing += 1
                return -1
            return self._put(record)
        finally:
            lock.release()

    def _put(self, record: r.Record) -> int:
        if record.t < 0:
            record.t = monotonic_ns() - self.t0
        try:
            if self._torn:
                self._end_torn_line()
            record.seq = self.seq
            line = _encode(record) + b"\n"
            done = write(self._fd, line)
            if done != len(line):
                self._write_rest(line[done:])
        except (TypeError, ValueError, RecursionError, OverflowError, msgspec.MsgspecError) as error:
            return self._lose(f"a {r.kind_of(record)} record cannot be encoded: {error}")
        except OSError as error:
            return self._lose(error.strerror or str(error))
        self.seq += 1
        return record.seq

    def _end_torn_line(self) -> None:
        """Part of an earlier line is there: end it, so that readers resume with the next."""
        write(self._fd, b"\n")
        self._torn = False
        self.seq += 1

    def _write_rest(self, line: bytes) -> None:
        while line:
            self._torn = True
            line = line[write(self._fd, line) :]
        self._torn = False

    def _bridge(self) -> bool:
        gap = r.Gap(count=self._missing, reason=self.failed)
        before, self._missing = self._missing, 0
        if self._put(gap) < 0:
            self._missing = before
            return False
        self.failed = ""
        return True

    def _lose(self, reason: str) -> int:
        self._missing += 1
        if not self.failed:
            self.failed = reason
            self._warn(f"recording to {self.path} is interrupted: {reason}")
        return -1

    def close(self, reason: str = "") -> None:
        """Write the clean end and close; a second call does nothing."""
        with self._lock:
            if self._fd < 0:
                return
            self.append(r.SessionEnd(reason=reason))
            os.close(self._fd)
            self._fd = -1

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._fd < 0

    def abandon(self) -> None:
        """Close the descriptor without a word: for a forked child, whose parent goes on writing."""
        self._lock = threading.RLock()  # the parent's other threads may have held it at the fork
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
