"""What is offered at a stop: what applies at its point, what the tool returned, and no key lost while connecting."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.tui.story import builder, screen_text, settled, still
from tests.tui.test_debugging import PATIENCE, Run, stopped
from tracer import records as r
from tracer.session import Session
from tracer.tui.app import TracerApp
from tracer.tui.keys import footer
from tracer.tui.model.events import summary


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("mode", "point", "offered"),
    [
        ("live", "before_tool", ["edit", "continue", "step", "skip", "refuse"]),
        ("live", "after_tool", ["edit", "continue", "step", "retry", "force-stop"]),
        ("live", "before_model", ["edit", "continue", "step", "force-stop"]),
        ("live", "cycle_end", ["continue", "step", "force-stop"]),
        ("replay", "", ["play", "speed", "back", "step"]),
    ],
)
def test_the_footer_offers_what_applies(mode: str, point: str, offered: list[str]) -> None:
    shown = [key.short for key in footer(mode, point, live=mode == "live")]
    assert shown[: len(offered)] == offered
    assert ("edit" in shown) == ("edit" in offered) and ("refuse" in shown) == ("refuse" in offered)


async def test_after_a_tool_the_panel_shows_what_it_returned_and_the_file_says_what_was_decided() -> None:
    async with stopped() as run:
        await run.until("edit the input", "K  refuse the call")
        assert [row for row in screen_text(run.app).splitlines() if "‖ calculator" in row and "ms" in row] == []
        await run.pilot.press("o")
        shown = await run.until("after the tool calculator", "result 42", "K  force the run to stop")
        assert "i  edit the input" not in shown and "K force-stop" in shown and "K refuse" not in shown
        await run.until("resumed step over by the screen")
        await run.pilot.press("K")
        await run.until("the run was told to stop")
        await run.agent
    acts = [record.act for record in Session(run.path).records() if isinstance(record, r.Resumed)]
    assert acts[0] == "step over"


async def test_a_key_pressed_while_connecting_acts_once_somebody_answers() -> None:
    async with stopped() as run:
        await run.until("edit the input")
        app = TracerApp(run.path, mode="live", socket=run.socket.with_suffix(".late"))
        async with app.run_test(size=(120, 40)) as pilot:
            late = Run(app, pilot, run.agent, run.path, run.socket)
            await late.until("‖ STOPPED", "connecting to the debugger")
            assert "no connection" not in screen_text(app)
            await pilot.press("i")
            await late.until("the key acts as soon as it answers")
            run.socket.with_suffix(".late").symlink_to(run.socket)
            await late.until("edit the input of calculator")
            await pilot.press("escape", "q")
        run.socket.with_suffix(".late").unlink()
        await run.pilot.press("c")
        await asyncio.wait_for(run.agent, PATIENCE)


def test_one_message_is_one_message() -> None:
    assert summary(r.ModelStart(model="m", messages=[1])) == "m · 1 message"
    assert summary(r.ModelStart(model="m", messages=[1, 2], attempt=1)) == "m · 2 messages · attempt 2"


async def test_of_several_requests_at_once_the_panel_says_whose_call_it_is(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl", live=True).start("one").start("two").cycle()
    build.model("I look.", calls=[("look", {})])
    build.tool_start("look", {})
    build.put(r.Stopped(id=1, point="before_tool", tool_use_id="call_1_0", index=0, name="look", viewers=1))
    build._file.close()
    app = still(tmp_path / "s.jsonl", mode="live")
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await settled(app, pilot)
        assert "before the tool look of tidy-agent #1" in shown and "waiting 12.0s" in shown
