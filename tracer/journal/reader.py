"""The read end of a session file: offsets, records on demand, and how the recording stands. Live or over, one code."""

from __future__ import annotations

import io
import os
import socket
import time
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Literal

from tracer import records as r
from tracer.errors import TracerError
from tracer.journal import process

State = Literal["live", "ended", "crashed"]
_CHUNK = 1 << 20
_TAIL = 1 << 12
_END = b'{"kind":"session_end"'


class Reader:
    """Random access to the complete lines of a session file that may still grow.

    `len(reader)` lines are indexed; `poll()` indexes what was appended since. A torn last line waits for its end.
    """

    def __init__(self, path: Path) -> None:
        """Open it and check its header. Raises TracerError where it cannot be read or is not a session."""
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise TracerError(
                f"cannot read {path}: {error.strerror}", "check its permissions, or name another session"
            ) from error
        self._close = weakref.finalize(self, os.close, self._fd)  # a reader that is dropped leaves no file open
        self._ends = array("Q", [0])
        self.header = self._read_header()

    def __len__(self) -> int:
        return len(self._ends) - 1

    @property
    def size(self) -> int:
        """Bytes in complete lines so far."""
        return self._ends[-1]

    def poll(self, limit: int = 64 << 20) -> int:
        """Index at most `limit` bytes of what is new and return how many complete lines came."""
        before, stop = len(self), self._ends[-1] + limit
        while self._ends[-1] < stop and self._index_chunk():
            pass
        return len(self) - before

    def _index_chunk(self) -> bool:
        start, parts = self._ends[-1], b""
        while True:
            chunk = os.pread(self._fd, _CHUNK, start + len(parts))
            parts += chunk
            cut = parts.rfind(b"\n")
            if cut >= 0:
                break
            if not chunk:
                return False
        ends = accumulate(map(len, io.BytesIO(parts[: cut + 1])), initial=start)
        next(ends)
        self._ends.extend(ends)
        return True

    def raw(self, seq: int) -> bytes:
        """The bytes of line `seq`, without the newline. Raises IndexError."""
        if not 0 <= seq < len(self):
            raise IndexError(seq)
        start, end = self._ends[seq], self._ends[seq + 1]
        return os.pread(self._fd, end - start, start)[:-1]

    def record(self, seq: int) -> r.Record:
        """The record on line `seq`; a damaged line comes as an `Unknown` of kind `damaged`. Raises IndexError."""
        return self._decoded(seq, self.raw(seq))

    def _decoded(self, seq: int, line: bytes) -> r.Record:
        try:
            record = r.decode(line)
        except r.BadRecord as error:
            text = line[:200].decode("utf-8", "replace")
            return r.Unknown(seq=seq, raw={"kind": "damaged", "why": str(error), "text": text, "bytes": len(line)})
        record.seq = seq
        return record

    def records(self, start: int = 0) -> Iterator[r.Record]:
        """All records from line `start` to the last complete line there is now."""
        self.poll()
        seq = start
        while seq < len(self) or self.poll():
            for line in self._lines(seq):
                yield self._decoded(seq, line)
                seq += 1

    def _lines(self, seq: int) -> list[bytes]:
        """Lines from `seq` on in one read: about a megabyte of them, at least one."""
        start = self._ends[seq]
        stop = max(seq + 1, bisect_right(self._ends, start + _CHUNK) - 1)
        lines = os.pread(self._fd, self._ends[stop] - start, start).split(b"\n")
        return [*lines, *[b""] * (stop - seq)][: stop - seq]  # of a file cut short since, what is missing is damaged

    def state(self) -> State:
        """Live while its writer runs, ended after a clean end, else crashed; then indexes what is new.

        So a reader that has taken all lines after `ended` or `crashed` has taken all there will be.
        """
        state = self._state()
        self.poll()
        return state

    def _state(self) -> State:
        if self._has_end():
            return "ended"
        header = self.header
        if header.host not in ("", "localhost", socket.gethostname()):
            return "crashed" if self._idle() else "live"
        if process.alive(header.pid, header.pid_start):
            return "live"
        # its last lines may have come between the look at the file and the look at the process
        return "ended" if self._has_end() else "crashed"

    def _has_end(self) -> bool:
        size = os.fstat(self._fd).st_size
        tail = os.pread(self._fd, _TAIL, max(0, size - _TAIL))
        return tail.endswith(b"\n") and tail[:-1].rpartition(b"\n")[2].startswith(_END)

    def _idle(self) -> bool:
        return time.time() - os.fstat(self._fd).st_mtime > 60  # another machine's process cannot be asked

    def follow(self, start: int = 0, interval: float = 0.05) -> Iterator[r.Record | None]:
        """Records as they come, until the recording is over; None when nothing is new (after `interval` s)."""
        seq, checked = start, 0.0
        while True:
            self.poll()
            while seq < len(self):
                yield self.record(seq)
                seq += 1
            if time.monotonic() - checked > 0.5 or self._has_end():
                checked = time.monotonic()
                over = self.state() != "live"
                if over and not self.poll() and seq >= len(self):
                    return
                if over:
                    continue
            yield None
            time.sleep(interval)

    def close(self) -> None:
        """Close the file; the reader is of no use after it."""
        self._close()
        self._fd = -1

    def _read_header(self) -> r.Session:
        try:
            head = self._first_line()
        except OSError as error:
            raise TracerError(f"cannot read {self.path}: {error.strerror}", "name a session file") from error
        if not head:
            raise TracerError(f"{self.path} is empty or its header is incomplete", "`tracer ls` lists whole sessions")
        try:
            record = r.decode(head)
        except r.BadRecord:
            record = None
        if not isinstance(record, r.Session):
            raise TracerError(f"{self.path} is not a session file", "its first line must be a `session` record")
        if record.v > r.VERSION:
            raise TracerError(
                f"{self.path} has format {record.v}, newer than this tracer's {r.VERSION}", "upgrade agent-loop-tracer"
            )
        return record

    def _first_line(self) -> bytes:
        head = b""
        while b"\n" not in head:
            chunk = os.pread(self._fd, 1 << 16, len(head))
            if not chunk or len(head) > 1 << 24:
                return b""
            head += chunk
        return head.partition(b"\n")[0]
