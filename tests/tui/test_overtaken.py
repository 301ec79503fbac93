"""A form whose stop somebody else decides about, or edits: it goes, says what came of it, and what was typed is not
lost. And keys that come before the form is there."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from textual.widgets import TextArea

from tests.tui.story import screen_text
from tests.tui.test_debugging import Run, home, stopped  # noqa: F401 - a fixture
from tracer.debug.client import Client
from tracer.debug.errors import DebugError
from tracer.tui.model import pace
from tracer.tui.screens import unsent
from tracer.tui.screens.edit import EditScreen
from tracer.tui.widgets.jsonarea import JsonArea


async def decides(run: Run, command: str, **arguments: Any) -> None:
    """Another viewer's request."""
    async with Client(run.socket) as other:
        await other.start("a second one")
        await other.request(command, arguments)


@pytest.mark.parametrize("key", ["i", "x"])
async def test_a_form_closes_when_another_viewer_lets_the_call_go_on(key: str) -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.pilot.press(key)
        await run.wait(lambda: isinstance(run.app.focused, TextArea), "the form")
        await decides(run, "continue", tracer={"stop": 1})
        await run.until("calculator is stopped no more: continue by a second one; nothing was sent")
        assert run.app.screen is run.app.main
        await run.agent
    assert [end.input for end in run.tool_ends()] == [{"expression": "6*7"}]


async def test_what_was_typed_shows_as_not_sent_and_can_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    async with stopped(calls=2) as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.open_form()
        await run.pilot.press(*"100+1")
        await decides(run, "tracer/refuse", stop=1, reason="no")
        await run.until("calculator is stopped no more: refuse by a second one.", "typed and not sent", "100+1")

        def copy(_: object, text: str) -> str:
            copied.append(text)
            return "copied"

        monkeypatch.setattr(unsent, "send_copy", copy)
        await run.pilot.press("c", "q", "K", "enter", "y")  # meant for the form: none of them ends or decides anything
        assert "stopped no more" in screen_text(run.app) and copied == ['{\n  "expression": "100+1"\n}']
        await run.pilot.press("escape")
        await run.until("‖ STOPPED", '"7*7"')
        assert run.app.screen is run.app.main
        await run.pilot.press("c")
        await run.agent


async def test_a_form_that_is_applied_is_not_taken_for_overtaken() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.pilot.press("x")
        await run.wait(lambda: isinstance(run.app.screen, EditScreen), "the form")
        await run.pilot.press(*"42", "ctrl+s")
        text = await run.until("skipped calculator")
        assert "no more" not in text
        await run.agent


async def test_a_form_closes_when_another_viewer_edits_what_it_holds() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        await run.open_form()
        await run.pilot.press(*"100+1")
        await decides(run, "tracer/edit", stop=1, expression="input.expression", value="2+2")
        await run.until("calculator was edited by a second one.", "typed and not sent", "100+1")
        await run.pilot.press("escape")
        await run.until("nothing was sent", "edited", '"2+2"')
        await run.open_form()  # a form of what is there now is nobody's to close
        await run.pilot.press(*"3+3", "ctrl+s")
        await run.until("calculator will go on with this", '"3+3"')
        await run.pilot.press("c")
        await run.agent
    assert [end.input for end in run.tool_ends()] == [{"expression": "3+3"}]


async def test_an_edit_on_its_way_is_not_overwritten() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        assert run.app.main.link is not None
        await run.app.main.link.edit(1, "input", {"expression": "2+2"}, seen={"expression": "6*7"})
        with pytest.raises(DebugError, match="input was edited by somebody else meanwhile; look at it again"):
            await run.app.main.link.edit(1, "input", {"expression": "3+3"}, seen={"expression": "6*7"})
        await run.app.main.link.edit(1, "input.expression", "4+4", seen="2+2")
        await run.pilot.press("c")
        await run.agent
    assert [end.input for end in run.tool_ends()] == [{"expression": "4+4"}]


async def test_a_request_that_is_refused_in_part_can_be_applied_again() -> None:
    async with stopped(breakpoints=("before_model once",)) as run:
        await run.until("‖ STOPPED", "edit the request")
        await run.open_form()
        area = run.app.screen.query_one(JsonArea)
        wanted = json.loads(area.text)
        wanted["messages"][0]["content"][0]["text"] = "compute it"
        area.text = json.dumps({**wanted, "system_prompt": "[redacted:0123abcd]"})
        await run.pilot.press("ctrl+s")
        await run.until("✗ [redacted:0123abcd] is a placeholder")
        area.text = json.dumps({**wanted, "system_prompt": "be quick"})
        await run.pilot.press("ctrl+s")
        await run.until("will go on with this")
        await run.pilot.press("c")
        await run.agent


async def test_a_result_that_was_edited_shows_as_it_is_and_its_input_as_it_was() -> None:
    async with stopped(breakpoints=("after_tool",)) as run:
        await run.until("‖ STOPPED", "result 42")
        await decides(run, "tracer/edit", stop=1, expression="result.content[0].text", value="43")
        assert "edited" not in re.sub("(?s)transcript.*", "", await run.until("result 43"))
        await run.pilot.press("c")
        await run.agent


@pytest.mark.parametrize("keys", [("i", "c"), ("i", "i", "escape", "c"), ("i", "K"), ("i", "s")])
async def test_keys_right_behind_the_one_that_opens_a_form_decide_nothing(keys: tuple[str, ...]) -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        main = run.app.main
        fetching = asyncio.Event()
        assert main.link is not None
        value = main.link.value

        async def slow(stop: int, expression: str) -> tuple[Any, bool]:
            await fetching.wait()
            return await value(stop, expression)

        main.link.value = slow  # type: ignore[method-assign]
        await run.pilot.press(*keys)
        await run.pilot.pause()
        if "escape" in keys:
            await run.wait(run.agent.done, "its end: the form was given up")
            return
        fetching.set()
        await run.wait(lambda: isinstance(run.app.screen, EditScreen), "the form")
        assert len(run.app.screen_stack) == 2 and 1 in run.app.viewer.feed.timeline.stops
        await run.pilot.press("escape", "c")
        await run.agent


@pytest.mark.parametrize("key", ["i", "x"])
async def test_a_form_that_waits_for_the_debugger_is_not_given_up_for_the_next_key(key: str) -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "edit the input")
        link = run.app.main.link
        assert link is not None
        link.state = "connecting"
        await run.pilot.press(key, "c", "K", "s")
        await run.until("connecting to the debugger: the key acts")
        link.state = "on"
        run.app.main._changed("")
        await run.wait(lambda: isinstance(run.app.screen, EditScreen), "the form")
        assert 1 in run.app.viewer.feed.timeline.stops
        await run.pilot.press("escape", "c")
        await run.agent


async def test_a_letter_on_its_way_to_the_form_decides_about_no_other_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "PAUSE", 100.0)  # a slow machine is no reader who looked in between
    async with stopped(calls=2) as run:
        await run.until("stop 1 of 2", "edit the input")
        await run.pilot.press("i")
        await run.wait(lambda: isinstance(run.app.focused, TextArea), "the form")
        await decides(run, "continue", tracer={"stop": 1})
        await run.wait(lambda: run.app.screen is run.app.main, "the form's end")
        await run.pilot.press("c")
        await run.until("let go of it")
        run.app.main.pace.forget()
        await run.pilot.press("c")
        await run.agent
