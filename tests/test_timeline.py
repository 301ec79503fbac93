"""The fold: a tree of spans from records, whatever the records are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import records as r
from tracer.spans import input_of
from tracer.testing import MS, SessionBuilder, build_session
from tracer.timeline import Timeline


def fold(records: list[r.Record]) -> Timeline:
    timeline = Timeline()
    for record in records:
        timeline.feed(record)
    return timeline


def shape_of(timeline: Timeline) -> list[str]:
    return [f"{s.path} {s.status}" for s in timeline.spans]


@pytest.mark.parametrize(
    ("shape", "ending", "spans"),
    [
        ("say", "ok", ["inv:0 ok", "inv:0/cycle:1 ok", "inv:0/cycle:1/model:0 ok"]),
        ("say fail", "error", ["inv:0/cycle:2 forced", "inv:0/cycle:2/model:0 error"]),
        ("tools2", "ok", ["inv:0/cycle:1/tool:0 ok", "inv:0/cycle:1/tool:1 ok"]),
        ("toolerror say", "ok", ["inv:0/cycle:1/tool:0 error"]),
        ("tool abandon", "abandoned", ["inv:0/cycle:1 ok"]),
        ("tool crash", "incomplete", ["inv:0/cycle:1 ok"]),
    ],
)
def test_each_shape_has_its_spans(tmp_path: Path, shape: str, ending: str, spans: list[str]) -> None:
    timeline = build_session(tmp_path / "s.jsonl", shape).timeline()
    assert timeline.roots[0].status == ending
    assert set(spans) <= set(shape_of(timeline))


def test_a_call_that_was_edited_and_then_refused_says_both(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle()
    index = build.tool_start("rm", {"path": "a"})
    use = f"call_1_{index}"
    build.put(r.Edited(what="input", before={"path": "a"}, after={"path": "b"}, tool_use_id=use))
    said = {"toolUseId": use, "status": "error", "content": [{"text": "no"}]}
    build.put(r.ToolEnd(index=index, tool_use_id=use, name="rm", result=said, status="error", cancelled="no"))
    session = build.complete().end().close()
    records = list(session.records())
    (edited,) = [n for n, record in enumerate(records) if isinstance(record, r.Edited)]
    (span,) = [s for s in fold(records[: edited + 1]).spans if s.kind == "tool"]
    assert (span.status, span.input_seq, input_of(records[span.input_seq])) == ("running", edited, {"path": "b"})
    (span,) = [s for s in fold(records).spans if s.kind == "tool"]
    assert (span.status, span.reason, span.edited) == ("cancelled", "no", True)


def test_a_crash_in_mid_call_closes_what_was_open_as_incomplete(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle().model("x", calls=[("slow", {})])
    build.tool_start("slow", {})
    timeline = build.close(clean=False).timeline()
    assert shape_of(timeline) == [
        "inv:0 incomplete",
        "inv:0/cycle:1 incomplete",
        "inv:0/cycle:1/model:0 ok",
        "inv:0/cycle:1/tool:0 incomplete",
    ]
    assert all(s.end == timeline.end for s in timeline.spans if s.status == "incomplete")


def test_a_stock_stream_without_cycle_ends_is_closed_by_the_next_cycle(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle().model("a").cycle().model("b").end()
    first, second = (s for s in build.close().timeline().spans if s.kind == "cycle")
    assert first.end == second.start
    assert (first.status, second.status) == ("ok", "ok")


def test_pauses_are_left_out_of_durations(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle().model("x", calls=[("rm", {}), ("ls", {})])
    rm, ls = build.tool_start("rm", {}), build.tool_start("ls", {})
    build.put(r.Stopped(id=1, point="before_tool", tool_use_id="call_1_0", name="rm"))
    build.tool_end(ls, "ls", {}, ms=100)
    build.put(r.Resumed(id=1, act="continue"), ms=900)
    build.tool_end(rm, "rm", {}, ms=50).complete().end()
    timeline = build.close().timeline()
    tool, other = timeline.at("inv:0/cycle:1/tool:0"), timeline.at("inv:0/cycle:1/tool:1")
    assert tool and other and tool.parent
    assert tool.paused == tool.parent.paused == 1000 * MS
    assert other.paused == 0
    assert tool.duration() == (tool.end or 0) - tool.start - 1000 * MS
    assert not timeline.stops


def test_a_held_span_is_held_until_it_resumes(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle().model("x", calls=[("rm", {})])
    build.tool_start("rm", {})
    build.put(r.Stopped(id=1, point="before_tool", tool_use_id="call_1_0", name="rm"))
    timeline = fold(list(build.close(clean=False).records()))
    tool = timeline.at("inv:0/cycle:1/tool:0")
    assert tool and tool.held and tool.parent and tool.parent.held
    assert timeline.current is tool
    assert tool.duration(timeline.end + 10_000 * MS) == tool.duration(timeline.end)


def test_a_sub_agent_lies_under_the_tool_that_called_it(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle().model("x", calls=[("writer", {})])
    build.tool_start("writer", {})
    build.start("write", inv="0.0", caller=build.seq - 1).cycle().model("y").complete().end()
    timeline = build.close(clean=False).timeline()
    inner = timeline.at("inv:0.0")
    assert inner and inner.parent is timeline.at("inv:0/cycle:1/tool:0")
    assert inner.depth == 3


def test_totals_count_each_model_call_once(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start()
    build.cycle().model("a", usage=(10, 5), cost=0.25).complete().cycle().model("b", usage=(1, 2)).complete().end()
    timeline = build.close().timeline()
    assert (timeline.usage.input, timeline.usage.output, timeline.usage.total) == (11, 7, 18)
    assert timeline.cost == 0.25


def test_live_blocks_show_the_answer_as_it_streams(tmp_path: Path) -> None:
    session = build_session(tmp_path / "s.jsonl", "think")
    timeline, seen = Timeline(), set()
    for record in session.records():
        timeline.feed(record)
        seen |= {(block.kind, block.text) for block in timeline.live_blocks("0")}
    assert ("reasoning", "Let me see.") in seen
    assert ("text", "The answer is forty-nine.") in seen
    assert timeline.live_blocks("0") == []


kinds = st.sampled_from(
    [r.InvocationStart, r.InvocationEnd, r.CycleStart, r.CycleEnd, r.ModelStart, r.ModelEnd, r.Delta, r.BlockStart,
     r.ToolStart, r.ToolEnd, r.Message, r.ForceStop, r.Stopped, r.Resumed, r.Edited, r.Log, r.Gap, r.Unknown]
)  # fmt: skip


@st.composite
def random_records(draw: st.DrawFn) -> list[r.Record]:
    found: list[r.Record] = []
    for seq in range(draw(st.integers(0, 40))):
        record = draw(kinds)(seq=seq, t=seq * 10, inv=draw(st.sampled_from(["", "0", "0.0", "1"])))
        record.cycle = draw(st.integers(0, 2))
        for name in ("index", "id", "attempt"):
            if hasattr(record, name):
                setattr(record, name, draw(st.integers(0, 2)))
        if hasattr(record, "tool_use_id"):
            record.tool_use_id = draw(st.sampled_from(["", "a", "b"]))
        found.append(record)
    return found


@given(random_records())
def test_any_order_of_records_gives_a_sound_tree(records: list[r.Record]) -> None:
    timeline = fold(records)
    timeline.finish()
    assert len({s.path for s in timeline.spans}) == len(timeline.spans)
    for span in timeline.spans:
        assert span.end is not None and span.end >= span.start
        assert span.status != "running" and not span.held
        assert 0 <= span.duration() <= span.end - span.start
        assert span in (span.parent.children if span.parent else timeline.roots)
    assert sum(1 for root in timeline.roots for _ in root.walk()) == len(timeline.spans)
    assert timeline.count == len(records)


@given(random_records(), st.integers(0, 40))
def test_feeding_in_two_parts_is_feeding_at_once(records: list[r.Record], cut: int) -> None:
    whole, parts = fold(records), fold(records[:cut])
    shape_of(parts)
    for record in records[cut:]:
        parts.feed(record)
    assert shape_of(whole) == shape_of(parts)
