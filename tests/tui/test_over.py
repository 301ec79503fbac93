"""Keys of the debugger where nothing can be changed: one line, whichever it is, and the same in the whole screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.story import builder, settled, still, tidy
from tracer.tui.model.status import Mode

KEYS = ["i", "c", "s", "o", "u", "r", "x", "v", "p", "b", "B", "K", "f5", "f6", "f9"]
INSTEAD = "`tracer run -b before_tool ...` stops a new run, `tracer attach` a live one"


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("view", "this is a recording of a run that is over"),
        pytest.param("replay", "this is a replay", marks=pytest.mark.slow),
        pytest.param("live", "this is a run that is over", marks=pytest.mark.slow),
    ],
)
async def test_each_key_says_the_same_and_what_to_do_instead(tmp_path: Path, mode: Mode, says: str) -> None:
    app = still(tidy(tmp_path / "s.jsonl"), mode=mode, speed=0)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("g")
        for key in KEYS:
            app.main.say("")
            await pilot.press(key)
            text = " ".join((await settled(app, pilot)).split())
            assert f"{says}: nothing can be changed in it." in text and INSTEAD in text, key
            assert "nothing is stopped" not in text and "connection" not in text, key


def crashed(path: Path) -> int:
    """A run that breaks off in a tool; the seq of its last record."""
    build = builder(path).start("go").cycle().model("I look.", calls=[("look", {})])
    build.tool_start("look", {})
    build._file.close()
    return build.seq - 1


async def test_a_crash_is_said_and_the_selected_tool_is_in_the_command(tmp_path: Path) -> None:
    crashed(tmp_path / "s.jsonl")
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("right_curly_bracket", "c")
        text = " ".join((await settled(app, pilot)).split())
        assert "a recording of a run that crashed" in text and "`tracer run -b before_tool:look ...`" in text


@pytest.mark.parametrize(
    "key", [pytest.param(key, marks=[] if key in "cxK" else pytest.mark.slow) for key in KEYS[:12]]
)
async def test_who_only_looks_at_a_run_is_told_so_by_each_key(tmp_path: Path, key: str) -> None:
    build = builder(tmp_path / "s.jsonl", live=True).start("go").cycle().model("Hm.")
    build._file.close()
    app = still(tmp_path / "s.jsonl", mode="live")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press(key)
        text = await settled(app, pilot)
        assert "this view has no connection to the debugger" in text and "nothing is stopped" not in text


async def test_a_key_that_has_nothing_to_act_on_says_so(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("f")
        assert "the run is over: nothing new comes" in await settled(app, pilot) and not app.viewer.follow
        for view in ("2", "3"):
            await pilot.press(view, "plus")
            assert "only the waterfall has a time axis; 1 shows it" in await settled(app, pilot)
        await pilot.press("1", "plus")
        assert "zoom 2× around the selection" in await settled(app, pilot)


async def test_a_replay_speaks_of_what_is_played(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"), mode="replay", speed=1)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        await pilot.press(*["full_stop"] * 8, "g", "G")
        assert "this is how far the replay is; Space plays on" in await settled(app, pilot)
        await pilot.press("g", "right_curly_bracket")
        assert "in what is played yet" in await settled(app, pilot)


async def test_what_was_copied_is_said_in_a_narrow_screen_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "there")  # which makes it a longer sentence
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("e", "enter", "y")
        assert "copied 155 B to the" in await settled(app, pilot)


async def test_below_the_last_words_of_a_crash_the_inspector_shows_what_came_last(tmp_path: Path) -> None:
    last = crashed(tmp_path / "s.jsonl")
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("2", "g", "pagedown")
        shown = await settled(app, pilot)
        assert "the recording breaks off here" in shown and f"tool_start  #{last}" in shown
