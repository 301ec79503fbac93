"""A long session shows its end, and any place in it, before all of it is read; no row of that is another one later."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from benchmarks import big
from tests.tui.story import builder, screen_text, still
from tracer import records as r
from tracer.journal import reader as journal
from tracer.journal.reader import Reader
from tracer.testing import SessionBuilder
from tracer.timeline import Span
from tracer.tui import viewer as viewers
from tracer.tui.app import TracerApp
from tracer.tui.model import window
from tracer.tui.model.feed import Feed
from tracer.tui.screens.desk import Desk


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few lines count as far away; and the screen takes a rest between two slices, for the pilot waits for one."""
    monkeypatch.setattr(viewers, "MANY", 50)
    monkeypatch.setattr(Desk, "_busy", False)
    monkeypatch.setattr(window, "LEAST", 20)


@pytest.fixture
def short(near: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a few kilobytes are more than a window may begin above its place."""
    monkeypatch.setattr(window, "MOST", 1 << 12)
    monkeypatch.setattr(journal, "_CHUNK", 1 << 11)


def fed(reader: Reader, begin: window.Window = window.WHOLE) -> Feed:
    feed = Feed(reader, window=begin)
    while feed.advance(budget=1):
        pass
    return feed


def told(span: Span) -> tuple[Any, ...]:
    above = span.parent.path if span.parent else ""
    return (span.path, span.name, above, span.start, span.end, span.first, span.last, span.status, span.paused,
            span.usage, span.reason, span.chunks if span.kind == "model" else 0, span.edits, span.depth)  # fmt: skip


def agrees(path: Path, seq: int | None = None) -> window.Window:
    """The window before a line, after a look whether all in it is as in the whole session."""
    reader = Reader(path)
    reader.poll(1 << 40)
    found = window.before(reader, len(reader) - 1 if seq is None else seq)
    part, whole = fed(reader, found), fed(reader)
    expected = [told(span) for span in whole.timeline.spans if span.first >= found.first]
    opened = [told(span) for span in part.timeline.spans if span.first < found.first]
    known = [told(span) for span in whole.timeline.spans]
    assert [told(span) for span in part.timeline.spans if span.first >= found.first] == expected
    assert all(span in known for span in opened)
    for name in ("events", "said", "cycles", "tools", "errors"):
        assert list(getattr(part, name)) == [n for n in getattr(whole, name) if n >= found.first], name
    reader.close()
    return found


def long_call(path: Path, cycles: int, inv: str = "0") -> SessionBuilder:
    build = builder(path).start("go on for long", inv=inv)
    for _ in range(cycles):
        build.cycle().model("once more", calls=[("look", {})]).tool("look", {}).results("ok").complete()
    return build


@pytest.mark.usefixtures("near")
def test_the_end_of_many_calls_is_as_in_the_whole_session(tmp_path: Path) -> None:
    path = big.write(tmp_path / "big.jsonl", 6_000)
    found = agrees(path)
    assert found.first > 3_000 and not found.opening
    agrees(path, 3_000)


@pytest.mark.usefixtures("short")
def test_the_end_of_one_long_call_begins_at_a_cycle_with_the_call_above_it(tmp_path: Path) -> None:
    long_call(tmp_path / "s.jsonl", 30).end().close().close()
    found = agrees(tmp_path / "s.jsonl")
    assert found.first > 300 and [type(record) for record in found.opening] == [r.InvocationStart]


@pytest.mark.usefixtures("short")
def test_it_never_begins_inside_a_sub_agent(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl").start()
    for n in range(30):
        build.inv, build.cycle_no = "0", n
        build.cycle().model(calls=[("ask", {})])
        index = build.tool_start("ask", {})
        build.start("a helper", inv=f"0.{n}", caller=build.seq - 1).cycle().model("well").complete().end()
        build.inv, build.cycle_no = "0", n + 1
        build.tool_end(index, "ask", {}).results("ok").complete()
    build.end().close().close()
    for seq in range(600, 640):
        assert agrees(tmp_path / "s.jsonl", seq).opening


@pytest.mark.usefixtures("short")
def test_a_call_that_the_debugger_held_long_ago_keeps_its_pauses(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl").start().cycle().model(calls=[("look", {})])
    index = build.tool_start("look", {})
    build.start("a helper", inv="0.0", caller=build.seq - 1)
    build.put(r.Stopped(id=1, point="before_model"), 5)
    build.put(r.Resumed(id=1, act="continue"), 60_000)
    build.end()
    build.inv, build.cycle_no = "0", 1
    build.tool_end(index, "look", {}).results("ok").complete()
    for _ in range(30):
        build.cycle().model("once more").complete()
    build.end().close().close()
    found = agrees(tmp_path / "s.jsonl")
    assert [type(record) for record in found.opening] == [r.InvocationStart, r.Stopped, r.Resumed]


@pytest.mark.usefixtures("short")
def test_a_large_stop_that_the_window_takes_for_one_of_the_call_stays_what_it_is(tmp_path: Path) -> None:
    build = long_call(tmp_path / "s.jsonl", 1)
    build.start("a helper", inv="0.0", caller=build.seq - 1)
    seq = build.seq
    build.put(r.Stopped(id=1, point="before_tool", reason="why " * (1 << 18), tool_use_id="call_7"), 5)
    build.inv, build.cycle_no = "0", 1
    for _ in range(30):
        build.cycle().model("once more").complete()
    build.end().close().close()
    reader = Reader(tmp_path / "s.jsonl")
    reader.poll(1 << 40)
    found = window.before(reader, len(reader) - 1)
    assert [(type(record), record.inv, record.cycle) for record in found.opening[1:]] == [(r.Stopped, "0", 0)]
    kept = reader.record(seq)
    assert isinstance(kept, r.Stopped) and (kept.inv, kept.tool_use_id) == ("0.0", "call_7")
    reader.close()


@pytest.mark.usefixtures("short")
def test_where_nothing_near_begins_the_whole_session_is_read(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl").start().cycle()
    for n in range(300):
        build.put(r.Log(text=f"line {n}"))
    build.end().close().close()
    assert agrees(tmp_path / "s.jsonl") == window.WHOLE


# the screen


def halted(path: Path) -> TracerApp:
    """The screen on a session of which only the beginning is read, until `go_on`."""
    app = still(path)
    whole = app.viewer.whole
    whole.reader.poll(1 << 40)
    whole.advance(1.0, until_seq=40)
    whole.advance = lambda *_, **__: 0  # type: ignore[method-assign]
    return app


def go_on(app: TracerApp) -> None:
    del app.viewer.whole.advance
    while app.viewer.whole.advance(1.0):
        pass


@pytest.mark.usefixtures("near")
async def test_the_end_shows_while_the_rest_is_read_and_stays_in_place_after_it(tmp_path: Path) -> None:
    app = halted(big.write(tmp_path / "big.jsonl", 6_000))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("G")
        await pilot.pause()
        text, viewer = screen_text(app), app.viewer
        first = viewer.feed.window.first
        assert first > 3_000 and f"shown from #{first} on" in text and "READING" in text and "tokens 6" not in text
        assert viewer.span is not None and viewer.span.first > first
        pane, seq = app.main.waterfall, viewer.seq
        height = pane.cursor - pane.scroll_offset.y
        go_on(app)
        for _ in range(200):
            await pilot.pause(0.02)
            if not viewer.reading:
                break
        await pilot.pause()
        assert viewer.feed is viewer.whole and viewer.seq == seq and "shown from" not in screen_text(app)
        assert pane.selected is viewer.span and pane.cursor - pane.scroll_offset.y == height
        assert app.main.transcript.selected is not None and app.main.transcript.selected > first


@pytest.mark.usefixtures("near")
async def test_a_match_far_away_shows_at_once_and_the_edges_say_that_there_is_more(tmp_path: Path) -> None:
    app = halted(big.write(tmp_path / "big.jsonl", 6_000))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("right_curly_bracket", *["right_square_bracket"] * 3)
        assert "in what is read yet" in screen_text(app)
        app.main.look_at(3_500)
        await pilot.pause()
        feed = app.viewer.feed
        assert app.viewer.seq == 3_500 and 0 < feed.window.first <= 3_500 < feed.fed < 6_000
        await pilot.press("1")
        app.main.waterfall.goto(0)
        await pilot.press("k")
        await pilot.pause()
        assert f"what is before #{feed.window.first} is still being read" in screen_text(app)
        await pilot.press("g")
        await pilot.pause()
        assert app.viewer.feed is app.viewer.whole and app.main.waterfall.cursor == 0


@pytest.mark.usefixtures("near")
async def test_a_place_that_no_window_reaches_shows_once_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "MOST", 0)
    app = halted(big.write(tmp_path / "big.jsonl", 6_000))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("G")
        await pilot.pause()
        assert "the end is not read yet" in screen_text(app) and app.viewer.feed is app.viewer.whole
        go_on(app)
        await pilot.pause(0.1)
        assert app.main.waterfall.cursor == app.main.waterfall.count - 1
        assert "not read yet" not in screen_text(app)


@pytest.mark.usefixtures("short")
async def test_who_follows_a_long_live_session_begins_at_its_end(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl", live=True).start("go on for long")
    for _ in range(40):
        build.cycle().model("once more").complete()
    build._file.flush()
    app = halted(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        assert app.viewer.feed.window.first > 0 and app.viewer.span is not None and "cycle 40" in screen_text(app)
        build.cycle()
        build._file.flush()
        await pilot.pause(0.2)
        assert "cycle 41" in screen_text(app)
        build._file.close()


async def test_keys_are_heard_while_there_is_nothing_but_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewers, "MANY", 50)
    app = halted(big.write(tmp_path / "big.jsonl", 6_000))
    slices = iter(range(5_000))  # as many would have to pass before a timer, or a key, had its turn
    app.viewer.whole.advance = lambda *_, **__: next(slices) and 0  # type: ignore[method-assign]
    async with app.run_test(size=(120, 40)):
        app.viewer.reach(-1)
        await asyncio.sleep(0.3)
        app.exit()
