"""A session in one row: from its head and the totals at its end, else from all of it.

Of one without totals that is longer than `WHOLE` bytes the middle is not looked at, and the row says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tracer.endings import STATUS_OF_ENDING
from tracer.errors import TracerError
from tracer.journal.paths import id_of
from tracer.journal.source import Source, open_source
from tracer.journal.standing import standing
from tracer.journal.tally import Tally
from tracer.parts import Totals, Usage

VERSION = 1
EDGE = 4 << 10
WHOLE = 1 << 20
_LONGEST = 16 << 20  # bytes in which a head's first lines, or a tail's last ones, are looked for
_UNNAMED = ("", "agent", "Strands Agents")  # how either runtime calls an agent without a name
_END = b'{"kind":"session_end"'
_RUN = b'{"kind":"invocation_'
_START = b'{"kind":"invocation_start"'
_WANTED = (b'{"kind":"model_end"', b'{"kind":"cycle_start"', _RUN)


@dataclass(slots=True)
class Summary:
    """`status`: live, crashed, unreadable, or how the last invocation ended. `duration` in ns, `start` since the epoch.

    `partial`: the session has no totals and is too long to be summed; `cycles`, `tokens` and `cost` are what was seen.
    `cost` in USD, None if unknown.
    """

    id: str
    path: str
    start: int = 0
    agent: str = ""
    status: str = "unreadable"
    duration: int = 0
    cycles: int = 0
    tokens: int = 0
    estimated: bool = False
    cost: float | None = None
    prompt: str = ""
    labels: dict[str, str] | None = None
    partial: bool = False


class Glance(msgspec.Struct, gc=False):
    """What a row needs of the records it looks at: decoding so little, and no table of kinds, is why `ls` is quick."""

    kind: str
    t: int = -1
    inv: str = ""
    cycle: int = 0
    v: int = VERSION
    id: str = ""
    start: int = 0
    agent: str = ""
    host: str = ""
    pid: int = 0
    pid_start: int = 0
    labels: dict[str, str] | None = None
    prompt: Any = None
    ending: str = ""
    usage: Usage | None = None
    cost: float | None = None
    totals: Totals | None = None


class _Last(msgspec.Struct):
    t: int = -1


_decode = msgspec.json.Decoder(Glance).decode
_decode_last = msgspec.json.Decoder(_Last).decode


def summarise(path: Path) -> Summary:
    """The session's row; a file that cannot be read or is no session gets one with status `unreadable`."""
    row = Summary(id=id_of(path), path=str(path))
    try:
        source = open_source(path)
        try:
            lines, totals, row.partial = _looked_at(source)
        finally:
            source.close()
        header = _decode(lines[0])
    except (OSError, TracerError, msgspec.DecodeError, UnicodeDecodeError, IndexError):
        return row
    if header.kind != "session" or header.v > VERSION:
        row.partial = False
        return row
    row.id, row.start, row.agent, row.labels = header.id or row.id, header.start, header.agent, header.labels or {}
    seen = _decoded(lines)
    row.agent, row.prompt = _agent(row.agent, seen), _prompt(seen)
    _fill(row, totals or _summed(seen, not row.partial))
    row.duration = max(header.t, _time(lines[-1]))
    how = standing(header, lambda: lines[-1].startswith(_END), lambda: path.stat().st_mtime)
    row.status = row.status if how == "ended" else how
    return row


def _looked_at(source: Source) -> tuple[list[bytes], Totals | None, bool]:
    """The complete lines that a row is made of, the totals that stand for the rest, and whether nothing does."""
    size = source.size()
    if size <= 2 * EDGE:
        return source.read(size, 0).split(b"\n")[:-1], None, False
    head, last = _first_lines(source, size, EDGE), _last_lines(source, size, EDGE)
    totals = _totals(last[-1]) if last else None
    if totals is not None and (not totals.invocations or any(line.startswith(_START) for line in head)):
        return [*head, last[-1]], totals, False
    if size <= WHOLE:
        return source.read(size, 0).split(b"\n")[:-1], totals, False
    head = _first_lines(source, size, WHOLE // 2)
    if totals is not None:
        return [*head, last[-1]], totals, False
    floor = sum(map(len, head)) + len(head)
    last = _last_lines(source, size, WHOLE // 2, floor, _tells_of_a_run)
    return [*head, *last], None, True


def _first_lines(source: Source, size: int, length: int) -> list[bytes]:
    """Those in the first `length` bytes, or as many as the first line needs."""
    data = source.read(length, 0)
    while b"\n" not in data and len(data) < min(size, _LONGEST):
        data += source.read(len(data), len(data))
    return data.split(b"\n")[:-1]


def _last_lines(
    source: Source, size: int, length: int, floor: int = 0, enough: Callable[[list[bytes]], object] = bool
) -> list[bytes]:
    """Those in the last `length` bytes, or in as many as it takes till they are `enough`; none that begins before
    `floor`, where a line does."""
    while True:
        start = max(floor, size - length)
        data = source.read(size - start, start)
        lines = data.split(b"\n")[start > floor : -1]
        if enough(lines) or start == floor or length >= _LONGEST:
            return lines
        length *= 2


def _tells_of_a_run(lines: list[bytes]) -> bool:
    """Whether they say how a top-level invocation goes, if anything is still to be said of it: the end came."""
    ended = bool(lines) and lines[-1].startswith(_END)
    runs = (_glance(line) for line in reversed(lines) if line.startswith(_RUN)) if ended else ()
    return bool(lines) and (not ended or any(run is not None and "." not in run.inv for run in runs))


def _totals(line: bytes) -> Totals | None:
    found = _glance(line) if line.startswith(_END) else None
    return found.totals if found is not None else None


def _decoded(lines: list[bytes]) -> list[Glance]:
    wanted = [line for line in lines if line.startswith(_WANTED)]
    try:
        return [_decode(line) for line in wanted]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return [glance for glance in map(_glance, wanted) if glance is not None]


def _glance(line: bytes) -> Glance | None:
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _time(line: bytes) -> int:
    try:
        return _decode_last(line).t
    except (msgspec.DecodeError, UnicodeDecodeError):
        return -1


def _summed(seen: list[Glance], whole: bool) -> Totals:
    tally = Tally(whole)
    for one in seen:
        if one.kind == "cycle_start":
            tally.reached(one.inv, one.cycle)
        elif one.kind == "model_end":
            tally.called(one.inv, one.cycle, one.usage, one.cost)
        elif one.kind == "invocation_start":
            tally.began(one.inv)
        elif one.kind == "invocation_end":
            tally.ended(one.inv, one.cycle, one.usage, one.cost, one.ending)
    return tally.totals()


def _fill(row: Summary, totals: Totals) -> None:
    row.cycles, row.cost = totals.cycles, totals.cost
    if totals.usage is not None:
        row.tokens, row.estimated = totals.usage.total, totals.usage.estimated
    unended = "abandoned" if totals.invocations else "empty"
    row.status = STATUS_OF_ENDING.get(totals.ending, "error") if totals.ending else unended


def _prompt(seen: list[Glance]) -> str:
    """The first that is text, in words."""
    prompts = (one.prompt for one in seen if one.kind == "invocation_start")
    told = (prompt if isinstance(prompt, str) else _first_text(prompt) for prompt in prompts)
    return next(filter(None, told), "")


def _agent(named: str, seen: list[Glance]) -> str:
    """The first agent's own name; a header may only know the file that it came from."""
    own = next((one.agent for one in seen if one.kind == "invocation_start"), "")
    return named if own in _UNNAMED and named else own


def _first_text(prompt: object) -> str:
    blocks = prompt if isinstance(prompt, list) else []
    return " ".join(str(block["text"]) for block in blocks if isinstance(block, dict) and "text" in block)
