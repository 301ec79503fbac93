"""The read end of a session: where its lines end, records on demand, how it stands. Live or over, one code."""

from __future__ import annotations

import io
import time
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from tracer import records as r
from tracer.errors import TracerError
from tracer.journal import index
from tracer.journal.source import open_source
from tracer.journal.standing import State, standing

__all__ = ["MAX_LINE", "Reader", "State"]

MAX_LINE = 256 << 20  # bytes; a longer line is told of and not read
_MAX_HEADER = 16 << 20
_CHUNK = 1 << 18
_LARGE = 1 << 20
_MOST = (1 << 32) - 1
_TAIL = 1 << 12
_END = b'{"kind":"session_end"'


class Reader:
    """Random access to the complete lines of a session file that may still grow.

    `len(reader)` lines are indexed; `poll()` indexes what was appended since. A torn last line waits for its end.
    `cut`: the file became shorter while it was read, and nothing more comes of it.
    """

    def __init__(self, path: Path) -> None:
        """Open it and check its header. Raises TracerError where it cannot be read or is not a session."""
        self.path = path
        self.cut = False
        self._source = open_source(path)
        self._ends = array("I", [0])  # "Q" once the session has 4 GB
        self._seen = 0  # bytes looked at: the complete lines, and what there was of the next one
        self._asked = self._kept = False
        self._large: tuple[int, r.Record] = (
            -1,
            r.Unknown(),
        )  # the last one of these: a screen asks for it again and again
        self.header = self._read_header()

    def __len__(self) -> int:
        return len(self._ends) - 1

    @property
    def size(self) -> int:
        """Bytes in complete lines so far."""
        return self._ends[-1]

    @property
    def unread(self) -> int:
        """Bytes that `poll` did not look at yet."""
        return 0 if self.cut else max(0, self._source.size() - self._seen)

    @property
    def torn(self) -> int:
        """Bytes after the last complete line."""
        return self._source.size() - self.size

    def poll(self, limit: int = 64 << 20) -> int:
        """Index about `limit` bytes of what is new, at least a line where there is one; return how many lines came."""
        before = len(self)
        if not self._asked and (self._seen or limit > _CHUNK):  # the first screen needs no index
            self._asked = True
            self._take(index.load(self._source))
        size = self._source.size()
        if size < self._seen or not self._joins(size):
            self.cut = True
        stop = self._seen + limit
        while self._seen < size and not self.cut and (self._seen < stop or len(self) == before):
            self._index_chunk()
        if self._seen >= size > index.SMALLEST and not self._kept and self._has_end():
            self._keep()
        return len(self) - before

    def _take(self, known: array[int] | None) -> None:
        if known:
            self._ends, self._seen, self._kept = known, known[-1], True

    def _joins(self, size: int) -> bool:
        """Whether what is new follows the last line, as it does unless the file was cut short and has grown again."""
        return size == self._seen or not self.size or self._source.read(1, self.size - 1) == b"\n"

    def _index_chunk(self) -> None:
        chunk = self._source.read(_CHUNK, self._seen)
        if self._ends.typecode == "I" and self._seen + len(chunk) > _MOST:
            self._ends = array("Q", self._ends)
        ends = accumulate(map(len, io.BytesIO(chunk)), initial=self._seen)
        next(ends)
        self._ends.extend(ends)
        if chunk and not chunk.endswith(b"\n"):
            self._ends.pop()
        self._seen += len(chunk)
        self.cut = not chunk

    def _keep(self) -> None:
        """Put the index of a recording that is over into the cache, once."""
        self._kept = True
        index.store(self._source, self._ends)

    def raw(self, seq: int) -> bytes:
        """The bytes of line `seq`, without the newline. Raises IndexError; TracerError for a line over MAX_LINE."""
        if not 0 <= seq < len(self):
            raise IndexError(seq)
        if why := self._too_long(seq):
            raise TracerError(f"{self.path}#{seq} cannot be read: {why}", "`tracer show` prints the other records")
        return self._lines(seq, seq + 1)[0]

    def record(self, seq: int) -> r.Record:
        """The record on line `seq`; a damaged line comes as an `Unknown` of kind `damaged`. Raises IndexError."""
        if not 0 <= seq < len(self):
            raise IndexError(seq)
        if seq != self._large[0]:
            record = self.decoded(seq, self._lines(seq, seq + 1)[0])
            if self._length(seq) < _LARGE:
                return record
            self._large = seq, record
        return self._large[1]

    def decoded(self, seq: int, line: bytes) -> r.Record:
        """The record that line `seq` holds, whose bytes `lines` gave."""
        try:
            record = r.decode(line)
        except r.BadRecord as error:
            text, why = line[:200].decode("utf-8", "replace"), self._too_long(seq) or str(error)
            raw = {"kind": "damaged", "why": why, "text": text, "bytes": self._length(seq)}
            return r.Unknown(seq=seq, raw=raw)
        record.seq = seq
        return record

    def _length(self, seq: int) -> int:
        return self._ends[seq + 1] - self._ends[seq] - 1

    def _too_long(self, seq: int) -> str:
        length = self._length(seq)
        return f"the line has {length >> 20} MB, more than {MAX_LINE >> 20} MB" if length > MAX_LINE else ""

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[r.Record]:
        """All records from line `start` to the last complete line there is now, or the indexed ones up to `stop`."""
        for seq, end in self._blocks(start, stop):
            for at, record in enumerate(self._decoded(seq, end), seq):
                record.seq = at
                yield record

    def _decoded(self, start: int, stop: int) -> list[r.Record]:
        """The records of some lines that lie together: at once where nothing is wrong with them, else one by one."""
        try:
            found = r.decode_lines(self._data(start, stop))
        except Exception:  # whatever it was, `decoded` tells of the line
            found = []
        if len(found) == stop - start:
            return found
        return [self.decoded(seq, line) for seq, line in enumerate(self._lines(start, stop), start)]

    def lines(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of the lines, as `records` has them; a line over MAX_LINE comes empty."""
        for seq, end in self._blocks(start, stop):
            yield from enumerate(self._lines(seq, end), seq)

    def _blocks(self, start: int, stop: int | None) -> Iterator[tuple[int, int]]:
        if stop is None:
            self.poll()
        while start < (len(self) if stop is None else stop) or (stop is None and self.poll()):
            end = self._block(start) if stop is None else min(stop, self._block(start))
            yield start, end
            start = end

    def find(
        self, needle: bytes, start: int = 0, stop: int | None = None, fold: bool = False, skip: bytes = b"\n"
    ) -> Iterator[int]:
        """The indexed lines from `start` up to `stop` that hold these bytes, but for those that begin with `skip`.

        `fold`: whatever the case of a to z.
        """
        stop = len(self) if stop is None else min(stop, len(self))
        needle = needle.lower() if fold else needle
        while start < stop:
            end, base = min(stop, self._block(start)), self._ends[start]
            data = self._data(start, end).lower() if fold else self._data(start, end)
            at = data.find(needle)
            while at >= 0:
                seq = bisect_right(self._ends, base + at, start, end + 1) - 1
                if not data.startswith(skip, self._ends[seq] - base):
                    yield seq
                at = data.find(needle, self._ends[seq + 1] - base)
            start = end

    def _block(self, start: int) -> int:
        """Where about a block of lines from `start` on ends: at least one, and only the first may be too long."""
        return max(start + 1, bisect_right(self._ends, self._ends[start] + _CHUNK) - 1)

    def block_before(self, stop: int) -> int:
        """Where about a block of lines that ends before line `stop` begins: at least one line above it."""
        return max(0, min(stop - 1, bisect_right(self._ends, self._ends[stop] - _CHUNK)))

    def _data(self, start: int, stop: int) -> bytes:
        if self._too_long(start):
            return b""
        return self._source.read(self._ends[stop] - self._ends[start], self._ends[start])

    def _lines(self, start: int, stop: int) -> list[bytes]:
        """Lines `start` up to `stop` in one read; of a file cut short since, what is missing is empty."""
        lines = self._data(start, stop).split(b"\n")
        return [*lines, *[b""] * (stop - start)][: stop - start]

    def state(self) -> State:
        """Live while its writer runs, ended after a clean end, else crashed; then indexes what is new.

        So a reader that has taken all lines after `ended` or `crashed` has taken all there will be.
        """
        state = self.standing()
        self.poll()
        if state == "crashed" and not self._kept and self._seen >= self._source.size() and not self.cut:
            self._keep()
        return state

    def standing(self) -> State:
        """As `state`, without looking for new lines."""
        return "crashed" if self.cut else standing(self.header, self._has_end, self.modified)

    def modified(self) -> float:
        """When the file last grew, in seconds since the epoch."""
        return self._source.stats()[-1].st_mtime

    def _has_end(self) -> bool:
        size = self._source.size()
        tail = self._source.read(_TAIL, max(0, size - _TAIL))
        return tail.endswith(b"\n") and tail[:-1].rpartition(b"\n")[2].startswith(_END)

    def follow(self, start: int = 0, interval: float = 0.05) -> Iterator[r.Record | None]:
        """Records as they come, until the recording is over; None when nothing is new (after `interval` s)."""
        seq, checked = start, 0.0
        while True:
            for record in self.records(seq):
                yield record
                seq += 1
            if time.monotonic() - checked > 0.5 or self._has_end():
                checked = time.monotonic()
                if self.state() != "live":
                    yield from self.records(seq)
                    return
            yield None
            time.sleep(interval)

    def close(self) -> None:
        """Close the file; the reader is of no use after it."""
        self._source.close()

    def _read_header(self) -> r.Session:
        try:
            head = self._first_line()
        except OSError as error:
            raise TracerError(f"cannot read {self.path}: {error.strerror}", "name a session file") from error
        if not head:
            raise TracerError(f"{self.path} is empty or its header is incomplete", "`tracer ls` lists whole sessions")
        try:
            record = r.decode(head)
        except r.BadRecord as error:
            if head.startswith(b'{"kind":"session"'):  # it is one, of a writer that took a field's type lightly
                raise TracerError(
                    f"the header of {self.path} cannot be read: {error}", "correct its first line"
                ) from error
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
            chunk = self._source.read(1 << 16, len(head))
            if not chunk or len(head) > _MAX_HEADER:
                return b""
            head += chunk
        return head.partition(b"\n")[0]
