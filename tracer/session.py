"""A recorded session as an object: what contributors build on. It reads; it never writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tracer import records as r
from tracer.errors import TracerError
from tracer.journal.paths import resolve
from tracer.journal.reader import Reader, State
from tracer.timeline import Span, Timeline


class Session:
    """One session file, live or over. `header` is its first record."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader = Reader(path)

    @property
    def id(self) -> str:
        """The session's id."""
        return self.reader.header.id

    @property
    def header(self) -> r.Session:
        """Whose recording it is and what it ran on."""
        return self.reader.header

    @property
    def state(self) -> State:
        """live, ended or crashed."""
        return self.reader.state()

    def records(self) -> Iterator[r.Record]:
        """All records so far, in order."""
        return self.reader.records()

    def record(self, seq: int) -> r.Record:
        """The record at SESSION#seq. Raises IndexError where there is none."""
        self.reader.poll()
        return self.reader.record(seq)

    def message(self, seq: int) -> r.Message:
        """The message that a request refers to. Raises TracerError where it could not be written, or is none."""
        if seq < 0:
            raise TracerError("a message of this request could not be written", "the gap above the request says why")
        try:
            found = self.record(seq)
        except IndexError:
            found = None
        if not isinstance(found, r.Message):
            raise TracerError(f"record {seq} is not the message that the request refers to", "the file is damaged")
        return found

    def messages(self, start: r.ModelStart) -> list[int]:
        """The seqs of all messages that a request sent. Raises TracerError where one that it goes on from is gone."""
        chain = [start]
        while (base := chain[-1].base) is not None:
            before = self.record(base) if 0 <= base < chain[-1].seq else None
            if not isinstance(before, r.ModelStart):
                raise TracerError(
                    f"the request #{chain[-1].seq} goes on from #{base}, which is none", "run tracer check"
                )
            chain.append(before)
        sent: list[int] = []
        for part in reversed(chain):
            del sent[: part.dropped]
            sent += part.messages
        return sent

    def timeline(self) -> Timeline:
        """The fold of all records so far, closed where the recording is over."""
        timeline = Timeline()
        for record in self.records():
            timeline.feed(record)
        if timeline.session_end is None and self.state == "crashed":
            timeline.finish(crashed=True)
        return timeline

    def spans(self) -> list[Span]:
        """The spans in the order they began: invocations, cycles, model calls, tool calls."""
        return self.timeline().spans

    def follow(self, interval: float = 0.05) -> Iterator[r.Record | None]:
        """Records as they are written, from the first, until the recording is over; None when nothing is new."""
        return self.reader.follow(interval=interval)

    def close(self) -> None:
        """Close the file."""
        self.reader.close()


def open_session(session: str | Path) -> Session:
    """The session that a path, an id, the beginning of one, or `last` means. Raises TracerError."""
    return Session(session if isinstance(session, Path) else resolve(session))
