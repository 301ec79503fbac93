"""The keys: one table, no collisions, all of DESIGN's, each in the help; and what each does."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from textual.events import Key
from textual.keys import format_key
from textual.widgets import Input

from tests.tui.story import screen_text, settled, shows, still, tidy
from tracer.tui.keys import KEYS
from tracer.tui.model.status import Mode
from tracer.tui.screens.main import MainScreen

DESIGNED = """
    q ? Esc : Tab j k h l g G Enter y / n N e E [ ] { } 1 2 3 f + - w m ' J Space < > , .
    c F5 s F11 o F10 u p F6 b F9
    i r x K B v
""".split()  # noqa: SIM905


def test_no_key_does_two_things() -> None:
    bound = Counter(key for row in KEYS for key in row.keys.split(","))
    assert [key for key, times in bound.items() if times > 1] == []


def test_every_key_of_the_design_is_there() -> None:
    shown = {key for row in KEYS for key in row.show.split()}
    assert [key for key in DESIGNED if key not in shown] == []


def test_what_a_key_shows_is_what_is_bound() -> None:
    names = {"Esc": "escape", "S-Tab": "shift+tab", "PgDn": "pagedown", "PgUp": "pageup"}
    for row in KEYS:
        bound = set(row.keys.split(","))
        for key in row.show.split():
            name = names.get(key, key.replace("^", "ctrl+"))
            spelled = {name, name.lower(), *(bind for bind in bound if format_key(bind) == name)}
            assert bound & spelled, (row, key)


async def test_every_live_binding_has_an_action_and_stands_in_the_help(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 90)) as pilot:
        await settled(app, pilot)
        live = [active.binding for active in app.screen.active_bindings.values()]
        for binding in live:
            name = re.split(r"\W", binding.action)[0]
            assert hasattr(MainScreen, f"action_{name}") or hasattr(type(app), f"action_{name}"), binding
        await pilot.press("question_mark")
        rows = [row for part in app.screen.value.sections for row in part]  # type: ignore[attr-defined]
        assert [b.description for b in live if not any(row.endswith(b.description) for row in rows)] == []
        await pilot.press("escape")
        assert app.screen is app.main


async def test_no_pane_takes_a_key_from_the_screen(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        for _ in range(4):
            await pilot.press("tab")
            for active in app.screen.active_bindings.values():
                assert active.node in (app, app.main), active


ALL_KEYS = [key for row in KEYS if row.action not in ("quit", "suspend") for key in row.keys.split(",")]


@pytest.mark.parametrize(
    ("mode", "keys"),
    [
        pytest.param("view", ALL_KEYS[::5], id="view-some"),
        pytest.param("view", ALL_KEYS, id="view-all", marks=pytest.mark.slow),
        pytest.param("replay", ALL_KEYS[2::9], id="replay-some"),
        pytest.param("replay", ALL_KEYS, id="replay-all", marks=pytest.mark.slow),
    ],
)
async def test_no_key_fails_anywhere(tmp_path: Path, mode: Mode, keys: list[str]) -> None:
    app = still(tidy(tmp_path / "s.jsonl"), mode=mode, speed=0)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(app, pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            assert app.is_running, key
            if app.screen is not app.main or isinstance(app.focused, Input):
                await pilot.press("escape")
                await pilot.pause()


async def test_moving_up_leaves_follow_and_the_end_resumes_it(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True), mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        viewer, waterfall = app.viewer, app.main.waterfall
        assert viewer.follow and waterfall.cursor == waterfall.count - 1
        await pilot.press("k")
        await settled(app, pilot)
        assert not viewer.follow and waterfall.cursor == waterfall.count - 2
        app.main.tick()
        await pilot.pause(0.3)
        assert waterfall.cursor == waterfall.count - 2, "the reader was yanked away"
        await pilot.press("G")
        await settled(app, pilot)
        assert viewer.follow and waterfall.cursor == waterfall.count - 1
        await pilot.press("f")
        assert not viewer.follow


async def test_jumps_go_to_errors_cycles_and_tools_in_every_pane(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("e")
        assert app.viewer.span is not None and app.viewer.span.error == "RuntimeError"
        assert app.main.waterfall.selected is app.viewer.span
        await pilot.press("e")
        assert "no more errors after this" in await settled(app, pilot)
        await pilot.press("left_square_bracket")
        assert app.viewer.span.name == "cycle 2"
        await pilot.press("right_curly_bracket")
        assert app.viewer.span.name == "disk_usage"
        await pilot.press("3")
        await settled(app, pilot)
        assert app.main.events.selected == app.viewer.seq


async def test_folding_and_zooming(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        rows = app.main.waterfall.count
        await pilot.press("j", "h")
        assert app.main.waterfall.count == rows - 3
        await pilot.press("l")
        assert app.main.waterfall.count == rows
        await pilot.press("plus", "plus")
        assert "zoom 4×" in await settled(app, pilot)
        await pilot.press("3", "l")
        await settled(app, pilot)
        assert app.main.events.count == app.viewer.feed.fed
        await pilot.press("h")
        assert app.main.events.count < app.viewer.feed.fed


async def test_a_move_is_not_undone_by_a_tick_before_the_screen_hears_of_it(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True), mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        assert app.viewer.follow
        row = app.main.waterfall.cursor
        app.main.waterfall.move(-1)
        app.main.update()
        await pilot.pause()
        assert app.main.waterfall.cursor == row - 1 and not app.viewer.follow
        assert app.viewer.span is app.main.waterfall.selected


@pytest.mark.parametrize("keys", [["3", "G"], ["3", "l", "G"]])
async def test_keys_right_behind_a_view_act_on_it(tmp_path: Path, keys: list[str]) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        for key in keys:
            app.post_message(Key(key, key))
        await settled(app, pilot)
        assert app.main.events.model.pieces == ("l" in keys)
        assert app.main.events.selected == app.viewer.feed.fed - 1 == app.viewer.seq


async def test_a_key_right_behind_the_search_line_is_none_of_its(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("slash", *"swap")
        for key in ("enter", "G"):
            app.post_message(Key(key, key if key == "G" else "\r"))
        await settled(app, pilot)
        assert app.main.query_one("#search", Input).value == "swap"
        assert app.main.waterfall.cursor == app.main.waterfall.count - 1


async def test_search_goes_from_match_to_match(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("slash", *"swap", "enter")
        await shows(app, pilot, "'swap': 1 of 2")
        first = app.viewer.seq
        await pilot.press("n")
        assert app.viewer.seq > first
        await pilot.press("N")
        assert app.viewer.seq == first
        await pilot.press("slash", *"zebra", "enter")
        await shows(app, pilot, "'zebra' is nowhere in this session")
        await pilot.press("slash", "escape")
        assert app.main.focused is not None and app.is_running


async def test_enter_shows_the_whole_value_and_y_copies_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("e", "enter")
        text = screen_text(app)
        assert "disk_usage" in text and "exception" in text and "RuntimeError: PermissionError" in text
        await pilot.press("y", "escape", "y")
        assert "copied 155 B to the terminal's clipboard" in await settled(app, pilot)


async def test_replay_plays_pauses_steps_and_ends(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"), mode="replay", speed=1)
    async with app.run_test(size=(120, 40)) as pilot:
        playback = app.viewer.playback
        assert playback is not None
        await pilot.press("space")
        await pilot.pause(0.1)
        at = playback.now
        assert not playback.playing and "REPLAY" in screen_text(app)
        await pilot.press("greater_than_sign")
        assert playback.speed == 2
        before = app.viewer.feed.fed
        await pilot.press("full_stop")
        assert app.viewer.feed.fed > before and playback.now >= at - 50_000_000
        for _ in range(12):
            await pilot.press("full_stop")
        later = app.viewer.feed.fed
        await pilot.press("comma")
        assert app.viewer.feed.fed < later
        assert app.viewer.feed.reader.record(app.viewer.feed.fed - 1).seq == app.viewer.feed.events[-1]
        playback.finish()
        playback.limit = None
        assert "ENDED ok" in await settled(app, pilot)
        await pilot.press("space")
        await pilot.pause(0.1)
        assert playback.playing and app.viewer.feed.behind > 0


SAID = {"space": "this is no replay", "n": "no search yet", "apostrophe": "no marks yet"}


async def test_a_key_that_cannot_act_says_so(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        for key, says in SAID.items():
            await pilot.press(key)
            assert says in await settled(app, pilot)


@pytest.mark.parametrize(
    ("given", "where"),
    [("", "http://localhost:16686/trace/"), ("https://traces.example/", "https://traces.example/trace/")],
)
async def test_the_link_is_that_of_the_jaeger_which_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, where: str
) -> None:
    monkeypatch.setenv("JAEGER_URL", given)
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("J")
        assert where in await shows(app, pilot, "copied")
