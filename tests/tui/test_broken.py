"""Answers and runs that broke off, and agents below agents: the transcript and the inspector tell them as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tui.story import builder, settled, still
from tests.tui.test_models import fed, text_of
from tracer import records as r
from tracer.testing import SessionBuilder
from tracer.tui.model import inspect, value

WHY = "the line went dead"
PARTIAL = {"role": "assistant", "content": [{"text": "It is on its"}]}


def dies(path: Path, partial: dict[str, Any] | None, ending: str = "") -> SessionBuilder:
    """A run whose model said four words; `ending` "": it fails, "crash": nothing follows, else how it ended."""
    build = builder(path).start("where is it?").cycle()
    for record in (r.ModelStart(model="m"), r.BlockStart(), r.Delta(text="It is "), r.Delta(text="on its")):
        build.put(record)
    if not ending:
        error = r.Failure("ConnectionError", WHY, f"Traceback:\n  line 1\nConnectionError: {WHY}")
        build.put(r.ModelEnd(error=error, partial=partial))
        build.put(r.ForceStop(reason=WHY, error="ConnectionError"))
        build.put(r.CycleEnd(ending="force_stop"))
        build.put(r.InvocationEnd(ending="error", error=error))
    elif ending != "crash":
        build.put(r.InvocationEnd(ending=ending))
    if ending != "crash":
        build.put(r.SessionEnd(reason="over"))
    build._file.close()
    return build


async def shown(path: Path, *keys: str) -> str:
    """What stands on the screen after some keys."""
    app = still(path)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        app.viewer.feed.settle()
        await pilot.press(*keys)
        return await settled(app, pilot)


def left(text: str) -> str:
    """The transcript's side."""
    return "\n".join(line.split("│ ")[0] for line in text.splitlines())


@pytest.mark.parametrize("partial", [PARTIAL, None])
async def test_a_failed_answer_is_told_as_far_as_it_came_and_its_reason_once(
    tmp_path: Path, partial: dict[str, Any] | None
) -> None:
    dies(tmp_path / "s.jsonl", partial)
    text = left(await shown(tmp_path / "s.jsonl", "2"))
    assert "agent It is on its" in text and "cut off the answer ends here: ConnectionError" in text
    assert text.count(WHY) == 1


def test_the_inspector_puts_the_partial_answer_above_the_traceback(tmp_path: Path) -> None:
    dies(tmp_path / "s.jsonl", None)
    feed = fed(tmp_path / "s.jsonl")
    span = next(span for span in feed.timeline.spans if span.kind == "model")
    text = text_of(inspect.of_span(span, feed.reader, 0, 60))
    assert text.index("agent  cut off") < text.index("It is on its") < text.index("Traceback")
    assert text.count(WHY) == 1
    assert "── agent (cut off)\nIt is on its" in value.of_span(span, feed.reader)[1]


async def test_an_abandoned_answer_is_told_too(tmp_path: Path) -> None:
    dies(tmp_path / "s.jsonl", None, "abandoned")
    text = left(await shown(tmp_path / "s.jsonl", "2"))
    assert "agent It is on its" in text and "the run was abandoned" in text


async def test_a_crashed_recording_says_where_it_breaks_off(tmp_path: Path) -> None:
    dies(tmp_path / "s.jsonl", None, "crash")
    text = await shown(tmp_path / "s.jsonl", "e")
    assert "agent It is on its" in left(text) and "crashed the recording breaks off here" in left(text)
    assert "The recording breaks off here" in text and "m  model" in text


async def test_a_tool_that_never_returned_is_named(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl").start().cycle().model("so be it", calls=[("resize", {})])
    build.tool_start("resize", {})
    build._file.close()
    assert "(resize had not returned)" in " ".join(left(await shown(tmp_path / "s.jsonl", "2")).split())


def nested(path: Path) -> None:
    """An editor that asks a librarian."""
    build = builder(path, agent="editor").start("when?").cycle().model("I ask.", calls=[("librarian", {})])
    caller = build.tool_start("librarian", {})
    build._agent = "librarian"
    build.start("which year?", inv="0.0", caller=caller).cycle().model("1851")
    inner = build.seq - 1
    build.complete().end()
    build.inv, build.cycle_no = "0", 1
    for _ in range(3):
        build.put(r.ToolStream(of=inner))
    build.put(r.ToolStream(data="a page"))
    build.tool_end(caller, "librarian", {}, "1851").results("1851").complete().end().close().close()


async def test_a_sub_agent_speaks_beside_a_rule_under_its_name(tmp_path: Path) -> None:
    nested(tmp_path / "s.jsonl")
    rows = [line[:60].rstrip() for line in (await shown(tmp_path / "s.jsonl", "2")).splitlines()]
    at = rows.index("         ┌ librarian")
    assert rows[at + 1] == "   asked │ which year?" and "   agent │ 1851" in rows[at:]
    assert any(row.startswith("  result librarian") for row in rows[at:])
    assert [row for row in rows if "you" in row] == ["     you when?"]


def test_what_passes_through_the_caller_is_a_piece_of_the_stream(tmp_path: Path) -> None:
    nested(tmp_path / "s.jsonl")
    feed = fed(tmp_path / "s.jsonl")
    rows = [feed.reader.record(seq) for seq in feed.events]
    assert [record.data for record in rows if isinstance(record, r.ToolStream)] == ["a page"]


@pytest.mark.parametrize("between", [40, 2000])
def test_an_answer_whose_message_comes_late_is_whole(tmp_path: Path, between: int) -> None:
    """A hook may hold a message up, while agents beside this one speak."""
    build = builder(tmp_path / "s.jsonl").start("where is it?").cycle()
    for record in (r.ModelStart(model="m"), r.BlockStart(), r.Delta(text="It is here"), r.BlockStop()):
        build.put(record)
    build.put(r.ModelEnd(stop_reason="end_turn"))
    for _ in range(between):
        build.put(r.Log(text="somebody else"))
    build.put(r.Message(role="assistant", content=[{"text": "It is here"}], origin="model"))
    build.complete().end().close().close()
    feed = fed(tmp_path / "s.jsonl")
    span = next(one for one in feed.timeline.spans if one.kind == "model")
    for said in (text_of(inspect.of_span(span, feed.reader, 0, 60)), value.of_span(span, feed.reader)[1]):
        assert "It is here" in said and "cut off" not in said
