"""A row of `tracer ls`: what it decodes is what the records are, and what it did not see it says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tracer import records as r
from tracer.session import Session
from tracer.testing import SessionBuilder, build_session
from tracer.text.summary import EDGE, VERSION, Glance, Tokens, summarise

SEEN = (r.Session, r.InvocationStart, r.InvocationEnd, r.ModelEnd, r.CycleStart)
NULLABLE = {"labels", "usage"}  # a record says "none" by an empty dict, or by another Struct of the same fields


def test_a_glance_has_the_fields_of_the_records_it_looks_at() -> None:
    known = {field.name: field.type for cls in SEEN for field in msgspec.structs.fields(cls)}
    for field in msgspec.structs.fields(Glance):
        if field.name != "kind" and field.name not in NULLABLE:
            assert known[field.name] == field.type, field.name
    counted = {field.name: field.type for field in msgspec.structs.fields(r.Usage)}
    assert all(counted[field.name] == field.type for field in msgspec.structs.fields(Tokens))
    assert known.keys() >= NULLABLE and VERSION == r.VERSION


@pytest.mark.parametrize("shape", ["say", "tools3 say", "toolerror fail", "tool abandon", "think tool tool tool say"])
def test_a_row_says_what_the_timeline_says(tmp_path: Path, shape: str) -> None:
    session = build_session(tmp_path / "s.jsonl", shape)
    timeline, row = session.timeline(), summarise(session.path)
    assert row.status == timeline.roots[-1].status and row.prompt == "please " + shape
    assert row.cycles == len([span for span in timeline.spans if span.kind == "cycle"])
    assert row.duration == timeline.end and (row.partial or row.tokens == timeline.usage.total)


def long(path: Path, usage: r.Usage | None, end: bool) -> Session:
    build = SessionBuilder(path).start("first").cycle().model("x" * 4 * EDGE, usage=(5, 6)).complete()
    for _ in range(3):
        build.cycle().model("y" * 100, usage=(5, 6), cost=0.25).complete()
    if end:
        build.put(r.InvocationEnd(ending="end_turn", usage=usage))
    return build.close()


def test_the_sums_at_the_end_stand_for_what_was_skipped(tmp_path: Path) -> None:
    row = summarise(long(tmp_path / "s.jsonl", r.Usage(20, 24, 44), end=True).path)
    assert (row.tokens, row.cycles, row.partial) == (44, 4, False)


def test_without_them_what_was_seen_counts_and_the_row_says_so(tmp_path: Path) -> None:
    row = summarise(long(tmp_path / "s.jsonl", None, end=False).path)
    assert row.partial and 0 < row.tokens < 44 and row.cost and row.cost < 1
