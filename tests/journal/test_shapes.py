"""Sessions of hard shapes stay usable: a huge line, thousands of calls in a cycle, sub-agents hundreds deep."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from benchmarks import big
from tests.tui.story import settled, still
from tracer import records as r
from tracer.cli import main
from tracer.session import Session
from tracer.testing import SessionBuilder

WIDE, DEEP = 10_000, 500


def huge_line(path: Path, size: int = 50_000_000) -> None:
    SessionBuilder(path).start().cycle().tool("big", {}, "x" * size).complete().end().close()


def long_line(path: Path) -> None:
    huge_line(path, 5_000_000)


def wide(path: Path) -> None:
    build = SessionBuilder(path).start().cycle().model("go")
    for index in [build.tool_start("tool", {"n": n}) for n in range(WIDE)]:
        build.tool_end(index, "tool", {"n": index})
    build.complete().end().close()


def deep(path: Path) -> None:
    build = SessionBuilder(path).start(inv="0")
    for _ in range(DEEP):
        build.cycle().model("go", calls=[("agent", {})])
        caller, inner = build.seq, build.inv + ".0"
        build.tool_start("agent", {})
        build.start("deeper", inv=inner, caller=caller)
    build.cycle().model("bottom").complete().end()
    for _ in range(DEEP):
        build.inv, build.cycle_no = build.inv.rpartition(".")[0], 1
        build.tool_end(0, "agent", {}).complete().end()
    build.close()


SHAPES = {long_line: 3, huge_line: 3, wide: WIDE + 3, deep: 4 * DEEP + 3}


@pytest.mark.parametrize(
    "shape", [long_line, *(pytest.param(shape, marks=pytest.mark.slow) for shape in (huge_line, wide, deep))]
)
async def test_it_is_shown_searched_and_drawn(shape: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.jsonl"
    shape(path)
    spans = Session(path).spans()
    assert len(spans) == SHAPES[shape] and all(span.status == "ok" for span in spans)
    assert spans[-1].depth <= 3 * DEEP + 2
    assert main(["show", str(path), "kind:invocation_end"]) == 0
    assert capfd.readouterr().out.count("invocation ") == sum(span.kind == "invocation" for span in spans)
    assert main(["check", str(path)]) == 0
    app = still(path)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("G", "3", "G", "2", "G", "g", "1", "tab", "enter", "escape", "/", "g", "o", "enter", "n")
        await pilot.pause()
        assert app.is_running and not app.viewer.feed.behind


@pytest.mark.parametrize("events", [2, 1000, 20_000])
def test_a_made_session_has_so_many_lines_and_says_what_sessions_say(tmp_path: Path, events: int) -> None:
    session = Session(big.write(tmp_path / "big.jsonl", events))
    records = list(session.records())
    assert [record.seq for record in records] == list(range(events)) and session.state == "ended"
    assert all(one.t <= other.t for one, other in itertools.pairwise(records))
    assert all(span.status in ("ok", "error") for span in session.spans())
    for record in records:
        if isinstance(record, r.ModelStart):
            assert all(isinstance(records[at], r.Message) for at in record.messages)
