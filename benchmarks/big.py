"""Sessions of any length, made fast: one invocation goes through the encoder once, its copies only get new numbers.

`python -m benchmarks.big FILE EVENTS` writes one. A million events are about 200 MB.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from tracer import records as r
from tracer.session import Session
from tracer.testing import MS, SessionBuilder

_SEQ, _TIME, _PATH = 7_000_000_000_000, 8_000_000_000_000_000, 999_983  # stand for numbers that differ in each copy
_MARK = re.compile(rb'(?<=[:,\[])(7\d{12}|8\d{15})(?=[,\]}])|(?<="inv":")999983(?=[".])')
_WORDS = (
    "the agent looks at each report in turn, keeps what is new since the last run and leaves the rest as it was; "
    "then it asks for prices, compares them with those of the week before and writes down what it found. "
)


def write(path: Path, events: int) -> Path:
    """A session of exactly `events` lines (at least 2): header, invocations, log lines to fill it, clean end."""
    template, slots, lines, took = _template()
    header = r.Session(id=path.stem, seq=0, t=0, start=1_700_000_000_000_000_000, agent="big", runtime="agent_runtime")
    seq, t, number = 1, MS, 0
    with path.open("wb", buffering=1 << 20) as file:
        file.write(r.encode(header) + b"\n")
        while seq + lines < events:
            base = {"seq": seq, "t": t, "inv": number}
            file.write(template % tuple(base[kind] + offset for kind, offset in slots))
            seq, t, number = seq + lines, t + took, number + 1
        for at in range(seq, events - 1):
            file.write(r.encode(r.Log(seq=at, t=t, text="and so on", source="stdout")) + b"\n")
        file.write(r.encode(r.SessionEnd(seq=events - 1, t=t, reason="done")) + b"\n")
    return path


def _template() -> tuple[bytes, list[tuple[str, int]], int, int]:
    """One invocation as bytes with a %d for each number; what each is and its offset; its lines; its nanoseconds."""
    slots: list[tuple[str, int]] = []

    def slot(match: re.Match[bytes]) -> bytes:
        value = int(match[1] or 0)
        slots.append(("inv", 0) if not value else ("t", value - _TIME) if value >= _TIME else ("seq", value - _SEQ))
        return b"%d"

    with tempfile.TemporaryDirectory() as folder:
        session = _invocation(Path(folder) / "one.jsonl")
        records = list(session.records())[1:]
        session.close()
    took = records[-1].t
    return (
        _MARK.sub(slot, b"".join(_marked(record) for record in records).replace(b"%", b"%%")),
        slots,
        len(records),
        took,
    )


def _marked(record: r.Record) -> bytes:
    record.seq, record.t = record.seq - 1 + _SEQ, record.t + _TIME
    record.inv = f"{_PATH}{record.inv[1:]}"
    if isinstance(record, r.ModelStart):
        record.messages = [seq - 1 + _SEQ for seq in record.messages]
    return r.encode(record) + b"\n"


def _invocation(path: Path) -> Session:
    """Six cycles as an agent has them: reasoning, text in small pieces, tool calls with results of some kilobytes."""
    build = SessionBuilder(path).start("Compare this week's prices with the last. " + _WORDS)
    for cycle in range(5):
        calls = [("search_prices", {"query": _WORDS[:60], "page": cycle, "region": "north"})] * (1 + cycle % 2 * 2)
        build.cycle().model(_WORDS * 4, think=_WORDS * 6, calls=calls, usage=(2000 + 900 * cycle, 180), ms=2600)
        started = [build.tool_start(name, value) for name, value in calls]
        results = [f"{index}: " + _WORDS * (12 + 9 * cycle) for index in started]
        for index, (name, value), result in zip(started, calls, results, strict=True):
            build.tool_end(index, name, value, result, "no such region" if cycle == 3 and not index else "", ms=240)
        build.results(*results).complete()
    build.cycle().model(_WORDS * 6, think=_WORDS * 2, usage=(6800, 420), cost=0.012, ms=4000).complete()
    return build.end().close(clean=False)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
