"""Sessions of odd shapes and sizes: none fails, each is readable."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandList
from textual.widgets import Input

from tests.tui.story import builder, screen_text, settled, still, tidy
from tracer import records as r
from tracer.errors import TracerError
from tracer.testing import SessionBuilder
from tracer.tui import run_view
from tracer.tui.model.hints import Hint, Hints

SIZES = [(120, 40), (80, 24), (40, 10), (20, 5), (1, 1), (300, 90)]
QUICK = [(False, (120, 40)), (True, (80, 24)), (True, (1, 1))]


@pytest.mark.parametrize(
    ("stopped", "size"),
    [
        pytest.param(stopped, size, id=f"{'stopped' if stopped else 'ended'}-{size[0]}x{size[1]}",
                     marks=[] if (stopped, size) in QUICK else pytest.mark.slow)
        for stopped in (True, False) for size in SIZES
    ],
)  # fmt: skip
async def test_every_size_draws(tmp_path: Path, stopped: bool, size: tuple[int, int]) -> None:
    app = still(
        tidy(tmp_path / "s.jsonl", stopped=stopped), hints=Hints([Hint("stopped", "look"), Hint("ended", "quit")])
    )
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        await pilot.press("2", "3", "1", "e", "enter")
        await pilot.pause()
        assert app.is_running


async def test_a_resize_lays_out_anew(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.resize_terminal(80, 24)
        text = await settled(app, pilot)
        assert app.main.has_class("-narrow") and "disk_usage" in text and "thinks" not in text
        assert all(len(line) <= 80 for line in text.splitlines())


async def test_a_header_alone_is_a_session(tmp_path: Path) -> None:
    builder(tmp_path / "s.jsonl")._file.close()
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        text = await settled(app, pilot)
        assert "tidy-agent" in text and "CRASHED" in text
        await pilot.press("j", "e", "enter", "escape", "y", "2", "3", "w", "J")
        assert app.is_running


def test_what_is_no_session_is_said_before_the_screen_opens(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("")
    with pytest.raises(TracerError, match="empty"):
        run_view(tmp_path / "x.jsonl")


async def test_a_crashed_session_says_so_and_shows_what_there_was(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl").start().cycle()
    build.put(r.ModelStart(model="m"))
    build.put(r.BlockStart())
    build.put(r.Delta(text="I was about to"))
    build._file.write(b'{"kind":"delta","te')
    build._file.close()
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        text = await settled(app, pilot)
        assert "CRASHED" in text and "incomplete" in text


async def test_the_answer_streams_before_its_message_is_there(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl", live=True).start().cycle()
    build.put(r.ModelStart(model="m"))
    build.put(r.BlockStart())
    build.put(r.Delta(reasoning="hmmm"))
    build.put(r.BlockStart(tool="calculator", tool_use_id="1"))
    build.put(r.Delta(input='{"expr'))
    build._file.flush()
    app = still(tmp_path / "s.jsonl", mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        text = await settled(app, pilot)
        assert "LIVE" in text and "hmmm" in text and 'calculator  {"expr' in text
        build.put(r.Delta(input='ession": 1}'))
        build._file.flush()
        assert 'calculator  {"expression": 1}' in await settled(app, pilot)
    build._file.close()


async def test_wide_characters_and_emoji_keep_the_columns(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl", agent="漢字 agent 👩‍🚀").start("漢" * 300)
    build.cycle().model("⚠️ 👩‍🚀 " * 60, calls=[("道具" * 20, {"漢": "字" * 200})])
    build.tool("道具" * 20, {"漢": "字" * 200}, "結果" * 500).results("x").complete().end().close().close()
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(app, pilot)
        for keys in (["1"], ["2"], ["3"], ["G", "enter"]):
            await pilot.press(*keys)
            await pilot.pause(0.05)
            strips = app.screen._compositor.render_strips()
            assert {strip.cell_length for strip in strips} == {100}


@pytest.mark.slow
async def test_a_line_of_five_megabytes_stays_usable(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl").start().cycle().model("reading", calls=[("read", {"path": "x"})])
    build.tool("read", {"path": "x"}, "word " * 1_000_000).results("x").complete().end().close().close()
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("right_curly_bracket", "enter", "G")
        await pilot.pause()
        text = screen_text(app)
        assert "5.0 MB" in text and "word word" in text


@pytest.mark.slow
async def test_ten_thousand_events_fold_and_every_end_is_reached(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl").start()
    for _ in range(130):
        build.cycle().model("word " * 160, calls=[("calculator", {"expression": "6*7"})])
        build.tool("calculator", {"expression": "6*7"}, "42").results("42").complete()
    build.end().close().close()
    assert build.seq > 10_000
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        assert not app.viewer.feed.behind
        await pilot.press("G")
        assert app.main.waterfall.selected is app.viewer.feed.timeline.spans[-1]
        await pilot.press("3", "l")
        await settled(app, pilot)  # keys right behind `3` have a test of their own
        await pilot.press("G")
        assert app.main.events.selected == build.seq - 1
        assert len(app.main.events._strips) < 600


async def test_no_colour_still_tells_states_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = still(tidy(tmp_path / "s.jsonl", stopped=True))
    async with app.run_test(size=(120, 40)) as pilot:
        text = await settled(app, pilot)
        assert "‖ STOPPED" in text and "✗ disk_usage" in text


@pytest.mark.parametrize(
    "theme", ["tracer-light", *(pytest.param(name, marks=pytest.mark.slow) for name in ("tracer", "ansi-dark", "nord"))]
)
async def test_every_theme_draws(tmp_path: Path, theme: str) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        if theme not in app.available_themes:
            pytest.skip(f"this textual has no theme {theme}")
        app.theme = theme
        assert "disk_usage" in await settled(app, pilot)


async def test_the_palette_runs_a_command_of_the_key_table(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("colon")
        app.screen.query_one(Input).value = "next error"
        for _ in range(200):
            await pilot.pause(0.05)
            found = app.screen.query_one(CommandList)
            if found.option_count and found.get_option_at_index(0).hit.text == "Next error":  # type: ignore[attr-defined]
                break
        await pilot.press("down", "enter")
        for _ in range(200):
            await pilot.pause(0.05)
            if app.screen is app.main and app.viewer.span is not None:
                break
        assert app.screen is app.main and app.viewer.span is not None and app.viewer.span.status == "error"


async def test_a_paint_that_never_comes_does_not_end_the_intake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = builder(tmp_path / "s.jsonl", live=True).start()
    build._file.flush()
    app = still(tmp_path / "s.jsonl", mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        monkeypatch.setattr(app.main, "_drawn", lambda: None)
        app.main.tick()
        build.cycle().model("late")._file.flush()
        for _ in range(100):
            await pilot.pause(0.03)
            if app.viewer.feed.fed == build.seq:
                break
        assert app.viewer.feed.fed == build.seq
    build._file.close()
