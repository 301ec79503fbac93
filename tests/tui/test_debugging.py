"""The screen as a viewer of the debugger, over its real socket: it shows the stop, edits the input, lets go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import TextArea

from agent_runtime.models.scripted import call, text
from agent_runtime.testing import collect, scripted_agent
from tests.debug.support import calculator
from tests.tui.story import screen_text, settled, tidy
from tracer import records as r
from tracer.debug import enable
from tracer.debug.client import Client
from tracer.recorder import attach
from tracer.session import Session
from tracer.tui.app import TracerApp
from tracer.tui.model.hints import Hint, Hints
from tracer.tui.screens.edit import EditScreen
from tracer.tui.widgets.jsonarea import JsonArea

PATIENCE = 100  # seconds; none passes on a quiet machine
HINTS = Hints(
    [Hint("running", "watch"), Hint("stopped", "press i"), Hint("edited", "press c"), Hint("ended", "press q")]
)


class Run:
    """A stopped agent, the screen on it, and what came of it."""

    def __init__(self, app: TracerApp, pilot: Any, agent: asyncio.Task[Any], path: Path, socket: Path) -> None:
        self.app, self.pilot, self.agent, self.path, self.socket = app, pilot, agent, path, socket

    async def until(self, *words: str) -> str:
        """Wait until all words stand on the screen."""
        await self.wait(lambda: all(word in screen_text(self.app) for word in words), words)
        return screen_text(self.app)

    async def wait(self, done: Callable[[], object], what: object) -> None:
        """Wait until `done`, for as long as a busy machine may need."""
        limit = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < limit, f"{what} did not come:\n{screen_text(self.app)}"
            await self.pilot.pause(0.03)

    async def open_form(self) -> None:
        """Open the form of the input and wait until it takes keys."""
        await self.pilot.press("i")
        await self.wait(lambda: isinstance(self.app.focused, TextArea), "the form")

    def tool_ends(self) -> list[r.ToolEnd]:
        """What the tools returned, as the session says."""
        return [record for record in Session(self.path).records() if isinstance(record, r.ToolEnd)]


@asynccontextmanager
async def stopped(calls: int = 1, breakpoints: tuple[str, ...] = ("before_tool:calculator",)) -> AsyncIterator[Run]:
    """An agent that is about to compute, held before it does."""
    turns = [[text("I compute."), *[call("calculator", {"expression": f"{n + 6}*7"}) for n in range(calls)]], "done"]
    from agent_runtime import tool

    agent = scripted_agent(*turns, tools=[tool(calculator)], name="counter")
    recording = attach(agent)
    debugger = enable(recording, breakpoints=breakpoints, stop_timeout=4 * PATIENCE)
    running = asyncio.create_task(collect(agent, "compute"))
    app = TracerApp(recording.path, mode="live", socket=debugger.path, hints=HINTS)
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            yield Run(app, pilot, running, recording.path, debugger.path)
            if app.main.link is not None:
                await app.main.link.close()
    finally:
        await asyncio.wait_for(running, PATIENCE)
        recording.close("done")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


async def test_edit_and_continue_run_the_edited_input() -> None:
    async with stopped() as run:
        shown = await run.until("‖ STOPPED", "before the tool calculator", "edit the input", "press i")
        assert '"expression": "6*7"' in shown and "by before_tool:calculator" in shown
        await run.open_form()
        await run.pilot.press(*"100+1", "ctrl+s")
        await run.until("edited", '"100+1"', "press c")
        await run.pilot.press("c")
        await run.until("101", "edited", "press q")
    assert [end.input for end in run.tool_ends()] == [{"expression": "100+1"}]


async def test_the_run_is_followed_while_a_screen_lies_over_it_and_after() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.pilot.press("enter")
        await run.wait(lambda: run.app.screen is not run.app.main, "the other screen")
        async with Client(run.socket) as other:
            await other.start("other")
            await other.request("continue", {"tracer": {"stop": 1}})
            await run.agent
        await run.wait(lambda: not run.app.viewer.feed.timeline.open_invocations(), "the end, below the other screen")
        await run.pilot.press("escape")
        await run.until("42", "press q")


async def test_invalid_json_is_not_applied_and_leaving_changes_nothing() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.open_form()
        await run.pilot.press("end", "backspace", "backspace", "ctrl+s")
        await run.until("✗", "line 2, column")
        await run.pilot.press("escape", "c")
        await run.until("42")
    assert [end.input for end in run.tool_ends()] == [{"expression": "6*7"}]


async def test_refusing_gives_the_model_an_error() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "refuse the call")
        await run.pilot.press("K")
        await run.until("refused calculator")
        await run.agent
    assert [end.status for end in run.tool_ends()] == ["error"]


async def test_an_input_that_the_schema_forbids_is_told_in_the_form() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.open_form()
        run.app.screen.query_one(JsonArea).text = '{"other": "1"}'
        await run.pilot.press("ctrl+s")
        await run.until("✗", "'expression' is a required property")
        await run.pilot.press("escape", "c")
        await run.until("42")
    assert [end.input for end in run.tool_ends()] == [{"expression": "6*7"}]


async def test_a_call_is_skipped_with_a_result() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "x  skip")
        await run.pilot.press("x")
        await run.wait(lambda: isinstance(run.app.screen, EditScreen), "the form")
        await run.pilot.press(*"forty-two", "ctrl+s")
        await run.until("forty-two", "skipped calculator")
        await run.agent
    assert [end.result["content"] for end in run.tool_ends()] == [[{"text": "forty-two"}]]


async def test_a_result_is_edited_and_a_call_made_again() -> None:
    async with stopped(breakpoints=("after_tool",)) as run:
        await run.until("after the tool calculator", "result 42", "r  retry")
        await run.pilot.press("r")
        await run.until("calculator ×2", "‖ STOPPED", "edit the result")
        await run.open_form()
        form = run.app.screen.query_one(JsonArea)
        form.text = form.text.replace('"42"', '"43"')
        await run.pilot.press("ctrl+s")
        await run.until("calculator will go on with this")
        await run.pilot.press("c")
        await run.agent
    first, second = [end.result["content"][0]["text"] for end in run.tool_ends()]
    assert (first, second) == ("42", "43")


async def test_a_request_is_edited_before_it_is_sent() -> None:
    async with stopped(breakpoints=("before_model once",)) as run:
        await run.until("before the model call", "edit the request")
        await run.open_form()
        await run.until("edit the request to", "for this call alone", '"text": "compute"')
        form = run.app.screen.query_one(JsonArea)
        form.text = form.text.replace('"compute"', '"compute at once"').replace(
            '"system_prompt": null', '"system_prompt": "Be brief."'
        )
        await run.pilot.press("ctrl+s")
        await run.until("will go on with this")
        await run.pilot.press("c")
        await run.agent
    edited = [record for record in Session(run.path).records() if isinstance(record, r.Edited)]
    assert {one.path for one in edited} == {"messages", "request.system_prompt"}
    (start, *_) = [record for record in Session(run.path).records() if isinstance(record, r.ModelStart)]
    assert start.system


async def test_what_another_viewer_edits_shows_here() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        async with Client(run.socket) as other:
            await other.start("other")
            await other.request("tracer/edit", {"stop": 1, "value": {"expression": "3+4"}})
            await run.until("edited", '"3+4"')
            await run.pilot.press("c")
            await run.agent
    assert [end.input for end in run.tool_ends()] == [{"expression": "3+4"}]


async def test_two_stops_are_decided_one_after_the_other() -> None:
    async with stopped(calls=2) as run:
        await run.until("stop 1 of 2", "edit the input")
        await run.pilot.press("c")
        await run.wait(lambda: run.app.viewer.stop is not None and run.app.viewer.stop.id == 2, "the other")
        await run.until("‖ STOPPED", '"7*7"')
        await run.pilot.press("c")
        await run.agent
    assert sorted(end.input["expression"] for end in run.tool_ends()) == ["6*7", "7*7"]


async def test_pause_and_step_hold_the_run_again() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.pilot.press("o")
        await run.until("‖ STOPPED", "after the tool")
        await run.pilot.press("c")
        await run.agent


async def test_a_breakpoint_is_set_and_cleared_on_the_selected_tool() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.pilot.press("b")
        await run.until("breakpoint before_tool:calculator")
        await run.pilot.press("b")
        await run.until("no more breakpoint before_tool:calculator")
        await run.pilot.press("c")
        await run.agent


async def test_quitting_while_stopped_lets_the_policy_refuse() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.pilot.press("q")
        await asyncio.wait_for(asyncio.shield(run.agent), PATIENCE)
    assert [end.status for end in run.tool_ends()] == ["error"]


async def test_a_view_without_a_socket_looks_and_says_that_it_cannot_decide(tmp_path: Path) -> None:
    app = TracerApp(tidy(tmp_path / "s.jsonl", stopped=True), mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        assert "it can look, not decide" in await settled(app, pilot)
        await pilot.press("c")
        assert "no connection to the debugger" in await settled(app, pilot)


async def test_a_lost_connection_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[Callable[[], None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from tracer.debug.wire import Decoder, encode

        decoder = Decoder()
        gone.append(writer.close)
        while data := await reader.read(1 << 16):
            for message in decoder.feed(data):
                answer = {
                    "seq": 1,
                    "type": "response",
                    "request_seq": message["seq"],
                    "command": message["command"],
                    "success": True,
                }
                writer.write(encode({**answer, "body": {"stops": []}}))

    socket = tmp_path / "d.sock"
    server = await asyncio.start_unix_server(serve, socket)
    app = TracerApp(tidy(tmp_path / "s.jsonl", stopped=True), mode="live", socket=socket)
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(100):
            await pilot.pause(0.02)
            if app.main.panel.link == "on":
                break
        assert app.main.panel.link == "on"
        gone[0]()
        for _ in range(500):
            if "the connection to the debugger is lost" in await settled(app, pilot):
                break
        assert "the connection to the debugger is lost" in await settled(app, pilot)
        assert app.main.panel.link == "lost"
    server.close()
