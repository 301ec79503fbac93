"""A session in one row, read from its head and tail only. What lies between is not looked at, and said so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tracer.endings import STATUS_OF_ENDING
from tracer.errors import TracerError
from tracer.journal.paths import id_of
from tracer.journal.source import Source, open_source
from tracer.journal.standing import standing

VERSION = 1
EDGE = 4 << 10
_MAX_EDGE = 16 << 20
_UNNAMED = ("", "agent", "Strands Agents")  # how either runtime calls an agent without a name
_END = b'{"kind":"session_end"'
_WANTED = (b'{"kind":"model_end"', b'{"kind":"cycle_start"', b'{"kind":"invocation_')


@dataclass(slots=True)
class Summary:
    """`status`: live, crashed, unreadable, or how the last invocation ended. `duration` in ns, `start` since the epoch.

    `partial`: the file is long, and invocations in its middle were not counted. `cost` in USD, None if unknown.
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


class Tokens(msgspec.Struct, gc=False):
    """What a row needs of `records.Usage`."""

    input: int = 0
    output: int = 0
    total: int = 0
    estimated: bool = False


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
    usage: Tokens | None = None
    cost: float | None = None


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
            lines, skipped = _edges(source)
        finally:
            source.close()
        header = _decode(lines[0])
    except (OSError, TracerError, msgspec.DecodeError, UnicodeDecodeError, IndexError):
        return row
    if header.kind != "session" or header.v > VERSION:
        return row
    row.id, row.start, row.agent, row.labels = header.id or row.id, header.start, header.agent, header.labels or {}
    _fold(row, _decoded(lines), skipped)
    row.duration = max(header.t, _time(lines[-1]))
    how = standing(header, lambda: lines[-1].startswith(_END), lambda: path.stat().st_mtime)
    row.status = row.status if how == "ended" else how
    return row


def _edges(source: Source) -> tuple[list[bytes], bool]:
    """The complete lines of the session's head and tail, and whether something between was skipped."""
    size = source.size()
    if size <= 2 * EDGE:
        return source.read(size, 0).split(b"\n")[:-1], False
    head, tail = source.read(EDGE, 0), source.read(EDGE, size - EDGE)
    first, last = head.split(b"\n"), tail.split(b"\n")
    while len(first) < 3 and len(head) < min(size, _MAX_EDGE):
        head += source.read(len(head), len(head))
        first = head.split(b"\n")
    while len(last) < 3 and len(tail) < min(size, _MAX_EDGE):
        tail = source.read(2 * len(tail), max(0, size - 2 * len(tail)))
        last = tail.split(b"\n")
    if len(head) + len(tail) >= size:  # one of them grew over what lies between: the last line is not said twice
        return first[:-1] + last[-2:-1], True
    return first[:-1] + last[1:-1], True


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


def _fold(row: Summary, seen: list[Glance], skipped: bool) -> None:
    cycles, roots, calls = dict[str, int](), dict[str, str](), dict[str, list[Glance]]()
    for one in seen:
        inv = one.inv
        if one.cycle > cycles.get(inv, 0):
            cycles[inv] = one.cycle
        if one.kind == "model_end":
            calls.setdefault(inv, []).append(one)
        elif one.kind == "invocation_end":
            if one.usage is not None or inv not in calls:
                calls[inv] = [one]  # its sums stand for the calls, those that were skipped too
        elif one.kind == "invocation_start":
            row.prompt = row.prompt or (one.prompt if isinstance(one.prompt, str) else _first_text(one.prompt))
        if one.kind.startswith("invocation_") and "." not in inv:
            roots[inv] = STATUS_OF_ENDING.get(one.ending, "error") if one.kind == "invocation_end" else "abandoned"
    row.cycles = sum(cycles.values())
    row.agent = _agent(row.agent, seen)
    row.status = next(reversed(roots.values()), "empty")
    row.partial = skipped and _incomplete(roots, calls)
    _total(row, [call for found in calls.values() for call in found])


def _incomplete(roots: dict[str, str], calls: dict[str, list[Glance]]) -> bool:
    """Of a session whose middle was skipped: whether an invocation was, or one whose sums were not seen."""
    numbers = [int(inv) for inv in roots if inv.isascii() and inv.isdigit()]
    summed = all(inv in calls and calls[inv][-1].kind == "invocation_end" for inv in {**roots, **calls})
    return len(roots) <= max(numbers, default=0) or not summed


def _total(row: Summary, calls: list[Glance]) -> None:
    for call in calls:
        if usage := call.usage:
            row.tokens += usage.total or usage.input + usage.output
            row.estimated = row.estimated or usage.estimated
        if call.cost is not None:
            row.cost = (row.cost or 0.0) + call.cost


def _agent(named: str, seen: list[Glance]) -> str:
    """The first agent's own name; a header may only know the file that it came from."""
    own = next((one.agent for one in seen if one.kind == "invocation_start"), "")
    return named if own in _UNNAMED and named else own


def _first_text(prompt: object) -> str:
    blocks = prompt if isinstance(prompt, list) else []
    return " ".join(str(block["text"]) for block in blocks if isinstance(block, dict) and "text" in block)
