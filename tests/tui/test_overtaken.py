"""A form whose stop somebody else decides about: it goes, says how the call went on, and what was typed is not lost."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import TextArea

from tests.tui.story import screen_text
from tests.tui.test_debugging import Run, home, stopped  # noqa: F401 - a fixture
from tracer.debug.client import Client
from tracer.tui.model import pace
from tracer.tui.screens import unsent
from tracer.tui.screens.edit import EditScreen


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
