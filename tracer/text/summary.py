"""A session in one row, read from its head and tail only. What lies between is not looked at, and said so."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tracer import records as r
from tracer.journal.standing import standing
from tracer.timeline import Timeline, add_usage

EDGE = 32 << 10
_MAX_EDGE = 16 << 20
_UNNAMED = ("", "agent", "Strands Agents")  # how either runtime calls an agent without a name
_KINDS = ("session", "session_end", "invocation_start", "invocation_end", "cycle_start", "cycle_end", "model_end")
_WANTED = tuple(b'{"kind":"%s"' % kind.encode() for kind in _KINDS)


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


def summarise(path: Path) -> Summary:
    """The session's row; a file that cannot be read or is no session gets one with status `unreadable`."""
    row = Summary(id=path.stem, path=str(path))
    try:
        lines, skipped = _edges(path)
        header = r.decode(lines[0])
    except (OSError, r.BadRecord, IndexError):
        return row
    if not isinstance(header, r.Session) or header.v > r.VERSION:
        return row
    row.id, row.start, row.agent, row.labels = header.id or row.id, header.start, header.agent, header.labels
    records = _decoded(lines)
    _fold(row, records, skipped)
    how = standing(header, lambda: isinstance(records[-1], r.SessionEnd), lambda: path.stat().st_mtime)
    row.status = row.status if how == "ended" else how
    return row


def _edges(path: Path) -> tuple[list[bytes], bool]:
    """The complete lines of the file's head and tail, and whether something between was skipped."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= 2 * EDGE:
            return file.read().split(b"\n")[:-1], False
        head = os.pread(file.fileno(), EDGE, 0)
        while b"\n" not in head and len(head) < min(size, _MAX_EDGE):
            head += os.pread(file.fileno(), len(head), len(head))
        edge = EDGE
        tail = os.pread(file.fileno(), edge, size - edge)
        while tail.count(b"\n") < 2 and edge < min(size, _MAX_EDGE):
            edge = min(size, 2 * edge)
            tail = os.pread(file.fileno(), edge, size - edge)
    first, last = head.split(b"\n")[:-1], tail.split(b"\n")[1:-1]
    return (first + last, True) if len(head) + len(tail) < size else (first + last[-1:], True)


def _decoded(lines: list[bytes]) -> list[r.Record]:
    found = []
    for number, line in enumerate(lines):
        if line.startswith(_WANTED) or number == len(lines) - 1:
            try:
                found.append(r.decode(line))
            except r.BadRecord:
                continue
    return found


def _fold(row: Summary, records: list[r.Record], skipped: bool) -> None:
    timeline, usage, cycles = Timeline(), r.Usage(), dict[str, int]()
    counted = r.InvocationEnd if skipped else r.ModelEnd  # the sums at the end stand for the calls that were skipped
    for record in records:
        cycles[record.inv] = max(cycles.get(record.inv, 0), record.cycle)
        row.duration = max(row.duration, record.t)
        if isinstance(record, r.InvocationEnd) and timeline.at(f"inv:{record.inv}") is None:
            timeline.feed(r.InvocationStart(inv=record.inv))
        if isinstance(record, counted):
            usage = add_usage(usage, record.usage or r.Usage())
            row.cost = row.cost if record.cost is None else (row.cost or 0.0) + record.cost
        if isinstance(record, r.InvocationStart) and not row.prompt:
            row.prompt = record.prompt if isinstance(record.prompt, str) else _first_text(record.prompt)
        timeline.feed(record)
    row.cycles, row.tokens, row.estimated = (
        sum(cycles.values()),
        usage.total or usage.input + usage.output,
        usage.estimated,
    )
    row.agent = _agent(row.agent, records)
    tops = [int(inv) for inv in cycles if inv.isascii() and inv.isdigit()]
    row.partial = skipped and len(tops) <= max(tops, default=0)
    row.status = timeline.roots[-1].status if timeline.roots else "empty"


def _agent(named: str, records: list[r.Record]) -> str:
    """The first agent's own name; a header may only know the file that it came from."""
    own = next((record.agent for record in records if isinstance(record, r.InvocationStart)), "")
    return named if own in _UNNAMED and named else own


def _first_text(prompt: object) -> str:
    blocks = prompt if isinstance(prompt, list) else []
    return " ".join(str(block["text"]) for block in blocks if isinstance(block, dict) and "text" in block)
