"""What lets a stopped call run needs the focus on the stop panel: a stop takes it, looking around leaves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.story import settled, still, tidy
from tests.tui.test_debugging import stopped


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("leave", "key"),
    [
        ("tab", "c"),
        ("2", "f5"),
        *(
            pytest.param(*keys, marks=pytest.mark.slow)
            for keys in (("k", "s"), ("left_square_bracket", "o"), ("2", "u"))
        ),
    ],
)
async def test_a_stray_key_elsewhere_lets_no_call_run(leave: str, key: str) -> None:
    async with stopped() as run:
        await run.until("▌‖ STOPPED", "c  continue")
        assert run.app.focused is run.app.main.panel
        await run.pilot.press(leave)
        await run.wait(lambda: run.app.focused is not run.app.main.panel, "another pane's focus")
        await run.pilot.press(key)
        await run.until("▌‖ STOPPED", "the key again lets calculator go on")
        assert not run.agent.done() and run.app.focused is run.app.main.panel and run.tool_ends() == []
        await run.pilot.press("c")
        await run.agent
    assert [end.status for end in run.tool_ends()] == ["success"]


async def test_a_retry_is_no_stray_key_either() -> None:
    async with stopped(breakpoints=("after_tool once",)) as run:
        await run.until("after the tool calculator", "r  retry")
        await run.pilot.press("tab", "r")
        await run.until("the key again lets calculator go on")
        await run.pilot.press("c")
        await run.agent
    assert len(run.tool_ends()) == 1


async def test_the_panel_is_in_the_ring_of_tab_and_gives_the_focus_back() -> None:
    async with stopped() as run:
        await run.until("▌‖ STOPPED", "c  continue")
        main = run.app.main
        seen = []
        for _ in range(len(main.ring)):
            await run.pilot.press("tab")
            seen.append(run.app.focused)
        assert seen[-1] is main.panel and set(seen) == set(main.ring)
        await run.pilot.press("shift+tab")
        assert run.app.focused is main.waterfall
        await run.pilot.press("tab", "c")
        await run.agent
        await run.wait(lambda: run.app.focused is main.waterfall, "the focus where it was")


async def test_the_search_line_keeps_the_focus_when_a_run_stops(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True), mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("slash", "c")
        app.main.panel.link = "on"
        await settled(app, pilot)
        assert app.focused is app.main.query_one("#search")


async def test_a_stop_that_cannot_be_decided_takes_no_focus(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True), mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        assert app.focused is app.main.waterfall
