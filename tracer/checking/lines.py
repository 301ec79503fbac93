"""Each line of a session against the format of `tracer.records`, and what lines must say of each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from tracer import records as r
from tracer.journal.reader import Reader

_START = b'{"kind":"'


class _Stamp(msgspec.Struct):
    seq: int | None = None
    t: int | None = None


_stamp = msgspec.json.Decoder(_Stamp).decode


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with line `seq`: an error is against the format, a warning is what a reader can live with."""

    seq: int
    level: Literal["error", "warning"]
    kind: str
    message: str


def findings(reader: Reader) -> Iterator[Finding]:
    """All that is to be said of the lines so far, in order. The header was checked when the reader was opened."""
    seen, clock, ended = _Seen(), -1, False
    for seq, line in reader.lines():
        record = reader.record(seq) if not line else _decoded(line)
        if isinstance(record, str):
            yield Finding(seq, "error", "", record)
            continue
        kind = r.kind_of(record)
        if kind == "damaged":
            yield Finding(seq, "error", "", str(record.raw["why"]) if isinstance(record, r.Unknown) else "")
            continue
        for level, message in (*_form(seq, line, record), *seen.references(seq, record)):
            yield Finding(seq, level, kind, message)
        if record.t < clock:
            yield Finding(seq, "warning", kind, f"its time {record.t} is before that of the record above, {clock}")
        if ended:
            yield Finding(seq, "warning", kind, "it stands after the session's end")
        clock, ended = max(clock, record.t), ended or kind == "session_end"


_Said = tuple[Literal["error", "warning"], str]


def _decoded(line: bytes) -> r.Record | str:
    try:
        return r.decode(line)
    except r.BadRecord as error:
        return str(error)


def _form(seq: int, line: bytes, record: r.Record) -> Iterator[_Said]:
    kind = r.kind_of(record)
    if not line.startswith(_START + kind.encode() + b'"'):
        yield "error", f'the line does not begin with {{"kind":"{kind}": compact JSON, `kind` first, is how it is found'
    if isinstance(record, r.Unknown):
        yield "warning", f"the kind {kind!r} is not known to this version"
    if seq and isinstance(record, r.Session):
        yield "error", "a second header: one file is one session"
    stamp = _stamp(line)
    for name, value in (("seq", stamp.seq), ("t", stamp.t)):
        if value is None:
            yield "error", f"`{name}` is missing"
    if record.seq != seq and stamp.seq is not None:
        yield "warning", f"`seq` is {record.seq}, the line's number is {seq}"


class _Seen:
    """Which lines are messages, contents and tool calls: what later records refer to."""

    def __init__(self) -> None:
        self._messages: set[int] = set()
        self._calls: set[int] = set()
        self._requests: set[int] = set()
        self._hashes: set[str] = set()
        self._open: set[str] = set()
        self._lost = False

    def references(self, seq: int, record: r.Record) -> Iterator[_Said]:
        """What the record refers to and is not there; below a gap it may be what could not be written."""
        for message in self._missing(seq, record):
            yield ("warning", f"{message}; a gap is above it") if self._lost else ("error", message)
        if record.inv and record.inv not in self._open:
            self._open.add(record.inv)
            yield "warning", f"the invocation {record.inv!r} was not started by an invocation_start above it"

    def _missing(self, seq: int, record: r.Record) -> Iterator[str]:
        match record:
            case r.Gap():
                self._lost = self._lost or record.count > 0
            case r.Message():
                self._messages.add(seq)
            case r.Content():
                self._hashes.add(record.hash)
            case r.ToolStart():
                self._calls.add(seq)
            case r.ModelStart():
                if record.base is not None and record.base not in self._requests:
                    yield f"it goes on from {record.base}, which is no model_start above it"
                self._requests.add(seq)
                for at in record.messages:
                    if at not in self._messages:
                        yield f"it refers to message {at}, which is no message above it"
                for name in ("system", "tools"):
                    if (hash := getattr(record, name)) and hash not in self._hashes:
                        yield f"its `{name}` is content {hash!r}, which is not above it"
            case r.InvocationStart():
                self._open.add(record.inv)
                if record.caller is not None and record.caller not in self._calls:
                    yield f"its caller {record.caller} is no tool_start above it"
