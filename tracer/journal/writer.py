"""The write end of a session: one `os.write` a record, in order, never an exception into the agent."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic_ns

import msgspec

from tracer import records as r
from tracer.journal.disk import disk
from tracer.journal.file import create, create_part, reopen, state_of, to_disk, whole_lines
from tracer.journal.paths import part_path, parts_of
from tracer.journal.tally import Tally

_encode, _Delta = r.encode, r.Delta
_TRUST = 1_000_000  # nanoseconds in which what a model streams may go on before the file is looked at again
_STREAMED = frozenset((r.Delta, r.BlockStart, r.BlockStop, r.Event, r.CycleEnd))
_BOUNDARIES = frozenset((r.Session, r.InvocationStart, r.InvocationEnd, r.ModelEnd, r.ToolStart, r.ToolEnd, r.Stopped))
_COUNTED = frozenset((r.InvocationStart, r.InvocationEnd, r.CycleStart, r.ModelEnd))
_UNENCODABLE = (TypeError, ValueError, RecursionError, OverflowError, MemoryError, msgspec.MsgspecError)


class Writer:
    """Appends records to a session, from any thread. `seq` is the next line's number, `failed` what went wrong.

    The first record is the header. A file that somebody deletes, or a fork, begins the file anew with it: then
    `on_restart` is called with the record that is about to be written. A part that has `part_bytes`, or is
    `part_seconds` old, is not written any more: the next record begins the next one. 0: it goes on for ever.
    """

    def __init__(
        self,
        path: Path,
        warn: Callable[[str], None],
        t0: int | None = None,
        *,
        durable: bool = False,
        on_restart: Callable[[r.Record], None] | None = None,
        part_bytes: int = 0,
        part_seconds: float = 0,
    ) -> None:
        """Create the file. `durable`: a record is on the disk when `append` returns. Raises OSError."""
        self._fd = create(path)
        self._known: os.stat_result | None = os.fstat(self._fd)
        self.path = path
        self.seq = 0
        self.failed = ""
        self.closed = False
        self.t0 = monotonic_ns() if t0 is None else t0
        self._part, self._since = 1, 0  # the number of the part that is written, and of its first line
        self._size = 0
        self._most = self._full = part_bytes or sys.maxsize
        self._lasts = int(part_seconds * 1e9) or sys.maxsize
        self._until = monotonic_ns() + self._lasts
        self._missing = 0
        self._tally: Tally | None = Tally()  # None: lines are gone or came that were never counted here
        self._trusted = 0
        self._first: r.Session | None = None
        self._write: Callable[[int, bytes], int] = os.write
        self._durable = durable
        self._on_restart = on_restart
        self._warn = warn
        self._told: set[str] = set()
        self._untold = ""
        self._lock = threading.RLock()  # re-entrant: a signal handler or a finalizer may append too

    def append(self, record: r.Record) -> int:
        """Write it and return its seq, or -1 where it could not be written (then a gap is told of later)."""
        lock, now = self._lock, monotonic_ns()
        lock.acquire()  # `with` takes twice as long, which is felt: this runs for each delta
        try:
            if now <= self._trusted and type(record) in _STREAMED:
                return self._put(record, now)
            return self._append(record, now)
        finally:
            lock.release()
            if self._untold:
                self._tell()  # without the lock: a log handler may wait for a thread that waits for us

    def text(self, inv: str, cycle: int, text: str) -> int:
        """Append a delta that is nothing but text. Most records are one, and each step of the way is felt."""
        lock = self._lock
        lock.acquire()
        try:
            now = monotonic_ns()
            if now > self._trusted:
                return self._append(_Delta(-1, -1, inv, cycle, text), now)
            seq = self.seq
            line = _encode(_Delta(seq, now - self.t0, inv, cycle, text)) + b"\n"
            if seq != self.seq:  # one was written in the middle of this
                return self._append(_Delta(-1, -1, inv, cycle, text), now)
            trusted, self._trusted = self._trusted, 0  # an interruption right after the line is to find it
            done = self._write(self._fd, line)  # here: where a function begins, a signal's handler may write before it
            if done != len(line) or self._durable:
                self._see_to(line[done:])
            if seq == self.seq:  # else one was written right after this, and has counted it
                self.seq, self._size, self._trusted = seq + 1, self._size + len(line), trusted
            return seq
        except _UNENCODABLE as error:
            return self._lose(f"a delta record cannot be encoded: {error}")
        except OSError as error:
            return self._lose(error.strerror or str(error))
        finally:
            lock.release()
            if self._untold:
                self._tell()

    def _append(self, record: r.Record, now: int) -> int:
        if not self._sound(record, now):
            return -1
        if self._tally is not None and type(record) is r.SessionEnd:
            record.totals = self._tally.totals()
        seq = self._bridge(record, now) if self._missing else self._put(record, now)
        if type(record) in _COUNTED and seq >= 0 and self._tally is not None:
            _count(self._tally, record)
        if type(record) in _BOUNDARIES:
            disk.soon(self._fd)
        return seq

    def _put(self, record: r.Record, now: int, gap: r.Gap | None = None) -> int:
        if record.t < 0:
            record.t = now - self.t0
        try:
            before = self.seq
            record.seq = seq = before if gap is None else before + 1
            line = _encode(record) + b"\n"
            if gap is not None:
                line = _encode(gap) + b"\n" + line
            if before != self.seq:  # one was written in the middle of this, perhaps the last
                return -1 if self.closed else self._put(record, now, gap)
            trusted, self._trusted = self._trusted, 0  # an interruption right after the line is to find it
            done = self._write(self._fd, line)  # here: where a function begins, a signal's handler may write before it
            if done != len(line) or self._durable:
                self._see_to(line[done:])
        except _UNENCODABLE as error:
            return self._lose(f"a {r.kind_of(record)} record cannot be encoded: {error}")
        except OSError as error:
            return self._lose(error.strerror or str(error))
        if before == self.seq:  # else one was written right after this, and has counted it
            # in one: an interruption finds both or neither
            self.seq, self._size, self._trusted = seq + 1, self._size + len(line), trusted
        return seq

    def _see_to(self, line: bytes) -> None:
        """Write the rest of a line; `durable`: wait until the disk has all of it. Raises OSError."""
        try:
            while line:
                line = line[self._write(self._fd, line) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)  # a whole line, or none
            raise
        if self._durable:
            to_disk(self._fd)

    # when the file is not as it was left

    def _sound(self, record: r.Record, now: int) -> bool:
        """Whether the file can be written; what can be mended is."""
        if self.closed:
            return False
        if self._first is None and isinstance(record, r.Session):
            self._first = record
        try:
            self._mend(record)
        except OSError as error:
            self._lose(error.strerror or str(error))
            return False
        if self._size >= self._full or (now >= self._until and self._size):
            self._next_part(now)
        self._trusted = now + _TRUST
        return True

    def _mend(self, record: r.Record) -> None:
        was, state = self._size, state_of(self._fd, self._known)
        if state is None:
            self._fd = -1  # whatever has its number now is another's
            self._fd = reopen(part_path(self.path, self._part), self._known)
            state = state_of(self._fd, self._known)
        if state is None or not state.st_nlink:
            self._restart(record, "the session file was deleted")
        elif state.st_size != was:
            self._settle(was, state.st_size, record)
        elif not self.seq and record is not self._first:
            self._restart(record, "")

    def _settle(self, was: int, size: int, record: r.Record) -> None:
        """Take the file as it is: a torn line goes, lines that are there count, those that are not are missing."""
        cut = size < was
        lines, end = whole_lines(self._fd, 0 if cut else was)
        if self._size != was:
            return  # one was written in the middle of this, and has settled it
        if end < size:
            os.ftruncate(self._fd, end)
        if end != self._size:
            self._tally = None
        if not end and self._part == 1:
            self._restart(record, "the session file was emptied")
        elif cut:
            self._lose("the session file was cut short", self.seq - self._since - lines)
            self.seq, self._size = self._since + lines, end
            self._begun_again(record)
        else:
            self.seq, self._size = self.seq + lines, end

    def _restart(self, record: r.Record, why: str) -> None:
        """Begin the part anew where those before it are there, else the session."""
        whole = self._part > 1 and self._preceded()
        part, since = (self._part, self._since) if whole else (1, 0)
        self._tally = None if whole else Tally()
        lost, self._part, self._since, self.seq, self._size = self.seq - since, part, since, since, 0
        if lost:
            self._lose(why, lost)
        if self._fd < 0 or not os.fstat(self._fd).st_nlink:
            before, self._fd = self._fd, create_part(part_path(self.path, part)) if whole else create(self.path)
            self._known = os.fstat(self._fd)
            if before >= 0:
                os.close(before)
        if self._first is None or record is self._first:
            return
        missing = self._missing
        if not whole and self._put(self._first, monotonic_ns()) < 0:
            self._missing = missing
            raise OSError(self.failed)
        self._begun_again(record)

    def _begun_again(self, record: r.Record) -> None:
        if self._on_restart is not None:
            self._on_restart(record)

    # parts

    def _next_part(self, now: int) -> None:
        """Go on in the next part; where there can be none, in this one, and ask again after as much as it has."""
        self._trusted, number = 0, self._part + 1
        try:
            if not self._preceded():
                raise FileNotFoundError(errno.ENOENT, "an earlier one was deleted")
            descriptor = create_part(part_path(self.path, number))
            state = os.fstat(descriptor)
        except OSError as error:
            if self._part < number:  # else one was begun in the middle of this
                self._full, self._until = self._size + self._most, now + self._lasts
                self._say(f"{self.path}: part {number} cannot be begun, part {self._part} goes on: {error.strerror}")
            return
        if self._part >= number:
            os.close(descriptor)
            return
        # in one: an interruption finds the one part or the other; what it leaves empty is taken later
        before, self._fd, self._known, self._part, self._since, self._size, self._full, self._until = (
            self._fd, descriptor, state, number, self.seq, 0, self._most, now + self._lasts,
        )  # fmt: skip
        disk.close(before)

    def _preceded(self) -> bool:
        """Whether every part before the one that is written is there."""
        return self.path.exists() and len(parts_of(self.path)) >= self._part - 1

    # what could not be written

    def _bridge(self, record: r.Record, now: int) -> int:
        """Write it with the gap before it: both, or neither, lest the last free bytes are filled with gaps."""
        gap = r.Gap(count=self._missing, reason=self.failed, seq=self.seq, t=now - self.t0)
        seq = self._put(record, now, gap)
        if seq >= 0:
            self._missing -= gap.count
            self._trusted = 0 if self._missing else self._trusted
            self.failed = self.failed if self._missing else ""
        return seq

    def _lose(self, reason: str, count: int = 1) -> int:
        self._missing += count
        self._trusted = 0
        if not self.failed:
            self._say(f"recording to {self.path} is interrupted: {reason}")
        self.failed = self.failed or reason
        return -1

    def _say(self, text: str) -> None:
        """Warn of it once, a moment later: not under the lock."""
        if text not in self._told and len(self._told) < 8:
            self._told.add(text)
            self._untold = text

    def _tell(self) -> None:
        text, self._untold = self._untold, ""
        with contextlib.suppress(Exception):  # a log handler of the user's is not the agent's trouble either
            self._warn(text)

    # the end

    def close(self, reason: str = "") -> None:
        """Write the clean end and close; a second call does nothing."""
        with self._lock:
            if self.closed:
                return
            if not self.dormant:
                self._append(r.SessionEnd(reason=reason), monotonic_ns())
            self.closed, self._trusted = True, 0
            if state_of(self._fd, self._known) is not None:
                disk.close(self._fd)
            self._fd = -1
        if self._untold:
            self._tell()

    @property
    def dormant(self) -> bool:
        """Whether this process has been forked since and has written nothing yet."""
        return self._known is None

    def fork(self, path: Path, header: r.Session) -> None:
        """Leave the file to the parent process; the next record begins one at `path`. For a forked child."""
        self._lock = threading.RLock()  # the parent's other threads may have held it at the fork
        if state_of(self._fd, self._known) is not None:
            os.close(self._fd)
        self._fd, self._known, self.path, self._first, self.t0 = -1, None, path, header, monotonic_ns()
        self._part, self._since, self._full, self._until = 1, 0, self._most, self.t0 + self._lasts
        self.seq = self._size = self._missing = self._trusted = 0
        self._tally, self.failed = Tally(), ""


def _count(tally: Tally, record: r.Record) -> None:
    if isinstance(record, r.CycleStart):
        tally.reached(record.inv, record.cycle)
    elif isinstance(record, r.ModelEnd):
        tally.called(record.inv, record.cycle, record.usage, record.cost)
    elif isinstance(record, r.InvocationStart):
        tally.began(record.inv)
    elif isinstance(record, r.InvocationEnd):
        tally.ended(record.inv, record.cycle, record.usage, record.cost, record.ending)
