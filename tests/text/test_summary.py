"""A row of `tracer ls`: what it decodes is what the records are, and what it did not see it says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tracer import records as r
from tracer.session import Session
from tracer.testing import SessionBuilder, build_session
from tracer.text.summary import EDGE, VERSION, WHOLE, Glance, summarise

SEEN = (r.Session, r.InvocationStart, r.InvocationEnd, r.ModelEnd, r.CycleStart, r.SessionEnd)
NULLABLE = {"labels"}  # a record says "none" by an empty dict


def test_a_glance_has_the_fields_of_the_records_it_looks_at() -> None:
    known = {field.name: field.type for cls in SEEN for field in msgspec.structs.fields(cls)}
    for field in msgspec.structs.fields(Glance):
        if field.name != "kind" and field.name not in NULLABLE:
            assert known[field.name] == field.type, field.name
    assert known.keys() >= NULLABLE and VERSION == r.VERSION


@pytest.mark.parametrize("shape", ["say", "tools3 say", "toolerror fail", "tool abandon", "think tool tool tool say"])
def test_a_row_says_what_the_timeline_says(tmp_path: Path, shape: str) -> None:
    session = build_session(tmp_path / "s.jsonl", shape)
    timeline, row = session.timeline(), summarise(session.path)
    assert row.status == timeline.roots[-1].status and row.prompt == "please " + shape
    assert row.cycles == len([span for span in timeline.spans if span.kind == "cycle"])
    assert row.duration == timeline.end and (row.partial or row.tokens == timeline.usage.total)


def long(path: Path, usage: r.Usage | None, end: bool) -> Session:
    build = SessionBuilder(path).start("first").cycle().model("x" * WHOLE, usage=(5, 6)).complete()
    for _ in range(3):
        build.cycle().model("y" * WHOLE, usage=(5, 6), cost=0.25).complete()
    if end:
        build.put(r.InvocationEnd(ending="end_turn", usage=usage))
    return build.close()


def test_the_sums_at_the_end_stand_for_what_was_skipped(tmp_path: Path) -> None:
    row = summarise(long(tmp_path / "s.jsonl", r.Usage(20, 24, 44), end=True).path)
    assert (row.tokens, row.cycles, row.status, row.partial) == (44, 4, "ok", True)


def test_without_them_what_was_seen_counts_and_the_row_says_so(tmp_path: Path) -> None:
    row = summarise(long(tmp_path / "s.jsonl", None, end=False).path)
    assert row.partial and 0 < row.tokens < 44 and row.cost and row.cost < 1


def failed(path: Path, calls: int, traceback: int, pad: int = 0) -> Session:
    build = SessionBuilder(path).start("first")
    for _ in range(calls):
        build.cycle().model("y" * pad, usage=(5, 6), cost=0.25).complete()
    build.put(r.InvocationEnd(ending="error", error=r.Failure("KeyError", "x", "t" * traceback)))
    return build.close()


QUICK = {(10, WHOLE // 16), (2 * EDGE, EDGE), (WHOLE + EDGE, 0), (9 * WHOLE, 0)}


@pytest.mark.parametrize(
    ("traceback", "pad"),
    [
        pytest.param(traceback, pad, marks=[] if (traceback, pad) in QUICK else pytest.mark.slow)
        for traceback in (10, 2 * EDGE, WHOLE + EDGE, 9 * WHOLE) for pad in (0, EDGE, WHOLE // 16)
    ],
)  # fmt: skip
def test_a_long_traceback_hides_no_failure(tmp_path: Path, traceback: int, pad: int) -> None:
    row = summarise(failed(tmp_path / "s.jsonl", 40, traceback, pad).path)
    assert row.status == "error" and row.prompt == "first"
    assert (row.cycles, row.tokens, row.cost) == (40, 440, 10) or row.partial


@pytest.mark.parametrize("clean", [True, False])
def test_what_can_be_read_whole_is_summed_whole(tmp_path: Path, clean: bool) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl")
    for n in range(30):
        build.start(f"ask {n}").cycle().model("y" * EDGE, usage=(5, 6)).complete().end()
    row = summarise(build.close(clean).path)
    assert (row.cycles, row.tokens, row.partial, row.prompt) == (30, 330, False, "ask 0")
    assert row.status == ("ok" if clean else "crashed")


def test_a_tail_that_reaches_the_head_counts_nothing_twice(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start("a").cycle().model("y", usage=(5, 6)).complete()
    for _ in range(200):
        build.put(r.Log(text="z" * (WHOLE // 64)))
    row = summarise(build.close().path)
    assert (row.cycles, row.tokens, row.status) == (1, 11, "abandoned")


def with_totals(path: Path, totals: r.Totals, pad: int) -> Session:
    build = SessionBuilder(path)
    build.put(r.Log(text="x" * pad))
    build.start("first").cycle().model("y" * 4 * WHOLE, usage=None).complete().end("error", "no")
    build.put(r.SessionEnd(reason="done", totals=totals))
    return build.close(clean=False)


@pytest.mark.parametrize("pad", [0, pytest.param(3 * EDGE, marks=pytest.mark.slow)])
def test_totals_at_the_end_stand_for_the_session(tmp_path: Path, pad: int) -> None:
    totals = r.Totals(3, 9, r.Usage(1, 2, 3, estimated=True), 0.5, "cancelled")
    row = summarise(with_totals(tmp_path / "s.jsonl", totals, pad).path)
    assert (row.cycles, row.tokens, row.estimated, row.cost, row.status, row.partial, row.prompt) == (
        9, 3, True, 0.5, "cancelled", False, "first",
    )  # fmt: skip
