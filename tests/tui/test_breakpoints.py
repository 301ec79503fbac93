"""The breakpoints pane, over the real socket: it lists all, sets one that is typed, says where a fault is, removes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.widgets import Input

from tests.tui.story import screen_text
from tests.tui.test_debugging import Run, stopped
from tracer.debug.client import Client
from tracer.tui.model.breakpoints import InForce, fault_of, line, rows
from tracer.tui.model.lines import width_of
from tracer.tui.screens.breakpoints import BreakpointsScreen


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


async def opened(run: Run) -> BreakpointsScreen:
    await run.until("STOPPED", "c  continue")
    await run.pilot.press("B")
    await run.until("in force")
    screen = run.app.screen
    assert isinstance(screen, BreakpointsScreen)
    return screen


async def test_all_are_listed_with_hits_and_whose_and_one_is_typed_and_removed() -> None:
    async with stopped() as run, Client(run.socket) as other:
        await other.start("other", breakpoints=["tool_error"])
        screen = await opened(run)
        shown = await run.until("before_tool:calculator", "1 hit", "the run's", "another viewer's")
        assert shown.count("0 hits") == 1
        await run.pilot.press("tab", *"after_tool hit 2", "enter")
        await run.until("set after_tool hit 2", "3 in force", "yours")
        assert run.app.main.link is not None
        await run.pilot.press("tab", "j")
        assert screen.list.selected is not None and screen.list.selected.text == "tool_error"
        await run.pilot.press("d")
        await run.until("is not there, or a viewer's own")
        await run.pilot.press("j", "d")
        await run.until("removed after_tool hit 2", "2 in force")
        await run.pilot.press("k", "k", "d")
        await run.until("removed before_tool:calculator", "1 in force")
        left = (await other.request("tracer/breakpoints"))["breakpoints"]
        assert [(one["text"], one["mine"], one["stays"]) for one in left] == [("tool_error", True, False)]
        await run.pilot.press("escape", "c")
        await run.agent


async def test_tab_stays_in_the_line_while_there_is_no_other() -> None:
    async with stopped() as run:
        screen = await opened(run)
        await run.pilot.press("d")
        await run.until("removed before_tool:calculator", "none is in force")
        await run.pilot.press("tab", "tab", *"tool_error", "enter")
        await run.until("set tool_error", "1 in force")
        assert screen.list.count
        await run.pilot.press("escape", "c")
        await run.agent


async def test_a_fault_is_pointed_at_as_it_is_typed_and_is_not_set() -> None:
    async with stopped() as run:
        await opened(run)
        await run.pilot.press("tab", *"before_tool hut 3")
        shown = (await run.until("✗ column 13")).splitlines()
        (typed,) = (row for row in shown if "before_tool hut 3" in row)
        arrow = shown[shown.index(typed) + 1]
        assert arrow.index("^") == typed.index("hut")
        await run.pilot.press("enter")
        field = run.app.screen.query_one(Input)
        assert field.value == "before_tool hut 3" and field.cursor_position == 12
        assert "1 in force" in screen_text(run.app)
        await run.pilot.press("escape", "c")
        await run.agent


async def test_the_arrow_points_behind_wide_characters_too() -> None:
    async with stopped() as run:
        await opened(run)
        await run.pilot.press("tab", *"after_tool:天気 hut 3")
        rows = (await run.until("✗ column 15")).splitlines()
        (typed,) = (row for row in rows if "hut 3" in row)
        arrow = rows[rows.index(typed) + 1]
        assert cell_len(arrow[: arrow.index("^")]) == cell_len(typed[: typed.index("hut")])
        await run.pilot.press("escape", "c")
        await run.agent


async def test_one_that_was_once_does_not_come_back_when_another_is_set() -> None:
    async with stopped(breakpoints=("before_tool",)) as run:
        link = run.app.main.link
        await run.until("STOPPED", "c  continue")
        assert link is not None
        await link.add("after_tool once")
        await run.pilot.press("c")
        await run.until("after the tool calculator")
        assert await link.toggle("before_tool:other") is True
        assert [one.text for one in await link.in_force()] == ["before_tool", "before_tool:other"]
        assert await link.toggle("before_tool:other") is False
        await run.pilot.press("c")
        await run.agent


async def test_a_debugger_that_does_not_answer_holds_up_no_key() -> None:
    async with stopped() as run:
        await run.until("STOPPED", "c  continue")
        link, answers = run.app.main.link, asyncio.Event()
        assert link is not None
        ask = link.ask

        async def slow(command: str, **arguments: Any) -> dict[str, Any]:
            await answers.wait()
            return await ask(command, **arguments)

        link.ask = slow  # type: ignore[method-assign]
        await run.pilot.press("B")
        await run.until("the debugger has not answered yet")
        await run.pilot.press(*"tool_error", "enter", *"; more")
        assert "tool_error; more" in screen_text(run.app)
        answers.set()
        await run.until("2 in force", "tool_error; more")
        await run.pilot.press("escape", "c")
        await run.agent


async def test_changes_that_are_asked_for_at_once_come_one_after_the_other() -> None:
    async with stopped() as run:
        await run.until("STOPPED", "c  continue")
        link = run.app.main.link
        assert link is not None
        first, second = await asyncio.gather(link.toggle("after_tool"), link.toggle("after_tool"))
        assert (first, second) == (True, False)
        await asyncio.gather(link.add("tool_error"), link.add("model_error"))
        assert [one.text for one in await link.in_force() if one.whose == "yours"] == ["tool_error", "model_error"]
        await run.pilot.press("c")
        await run.agent


@given(st.text(max_size=60))
def test_whatever_is_typed_has_a_place_within_it_or_can_be_set(text: str) -> None:
    column, fault = fault_of(text)
    assert bool(fault) == bool(column) and 0 <= column <= len(text) + 1


@given(st.text(max_size=60), st.text(max_size=60), st.integers(24, 120))
def test_a_row_fits(text: str, fault: str, width: int) -> None:
    both = rows([InForce(1, text, 3, "another viewer's", fault)])
    assert len(both) == 1 + bool(fault)
    assert all(width_of(line(*row, max(width, 45))) <= max(width, 45) for row in both)
