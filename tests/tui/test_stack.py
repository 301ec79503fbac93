"""The stack pane: frames, scopes and variables of the stop, read over the real socket, a page at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.story import screen_text, settled
from tests.tui.test_debugging import Run, stopped
from tracer.debug.client import Client
from tracer.tui.model.lines import width_of
from tracer.tui.model.stack import PAGE, Node, Stack, line


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


async def to(run: Run, *path: str) -> None:
    """Put the pane's cursor on a node."""
    pane = run.app.main.stack
    run.app.main.set_focus(pane)
    stack = pane.stack
    assert stack is not None
    pane.goto([node.path for node, _ in stack.rows()].index(path))
    await run.pilot.pause()


async def test_the_stop_shows_its_stack_opens_it_and_shows_what_another_viewer_edits() -> None:
    async with stopped() as run:
        shown = await run.until("before_tool calculator", "▾ Input", 'expression  "6*7"', "▸ Messages", "▸ cycle 1")
        assert "▸ invocation counter #0" in shown and "inspector" in shown
        await to(run, "0", "Messages")
        await run.pilot.press("l")
        await run.until("▾ Messages", "▸ 0 ", "▸ 1 ")
        async with Client(run.socket) as other:
            await other.start("other")
            await other.request("tracer/edit", {"stop": 1, "value": {"expression": "1\x1b[2J+\u202e1" + "0" * 3000}})
        shown = await run.until('expression  "1', "▾ Messages")
        assert "\x1b" not in shown and "\u202e" not in shown
        await to(run, "0", "Input", "expression")
        await run.pilot.press("enter")
        await run.until("input.expression", "Esc closes")
        assert run.app.screen.value.text == "1\x1b[2J+\u202e1" + "0" * 3000  # type: ignore[attr-defined]
        assert "\x1b" not in screen_text(run.app)
        await run.pilot.press("escape", "h", "h")
        await run.until("▸ Input")
        await run.pilot.press("K")
        await run.agent
        await run.wait(lambda: not run.app.main.has_class("-stack"), "the inspector again")


async def test_v_and_the_selection_change_between_stack_and_inspector() -> None:
    async with stopped() as run:
        main = run.app.main
        await run.until("▾ Input")
        await run.pilot.press("v")
        assert not main.stack.display and main.inspector.display
        await run.pilot.press("v")
        assert main.stack.display and not main.inspector.display
        main._wanted = None
        await settled(run.app, run.pilot)
        await run.pilot.press("k")
        await run.wait(lambda: main.inspector.display, "the inspector of what is selected")
        await run.pilot.press("K")
        await run.agent


class Counted:
    """What was asked of the debugger, over its socket."""

    def __init__(self, client: Client) -> None:
        self.client, self.counts = client, list[int]()

    async def __call__(self, command: str, **arguments: Any) -> dict[str, Any]:
        told = await self.client.request(command, arguments)
        if command == "variables":
            self.counts.append(len(told["variables"]))
        return told


@pytest.mark.slow
async def test_a_history_of_10_000_messages_is_read_a_page_at_a_time() -> None:
    async with stopped(breakpoints=("before_model once",)) as run, Client(run.socket) as client:
        await run.until("before the model call", "▾ Request")
        await client.start("counts")
        many = [{"role": "user", "content": [{"text": f"message {n}"}]} for n in range(10_001)]
        await client.request("tracer/edit", {"stop": 1, "expression": "messages", "value": many})
        asked = Counted(client)
        stack = Stack(asked, 1, (await client.request("tracer/stops"))["stops"][0]["threadId"])
        await stack.read()
        node = next(node for node, _ in stack.rows() if node.path == ("0", "Messages"))
        asked.counts.clear()
        await stack.open(node)
        assert asked.counts == [] and node.below is not None and len(node.below) == 2
        first, last = node.below
        assert (first.path[-1], last.path[-1]) == ("0 … 9999", "10000 … 10000")
        await stack.open(first)
        assert first.below is not None and len(first.below) == PAGE
        await stack.open(first.below[-1])
        assert asked.counts == [PAGE]
        found = first.below[-1].below
        assert found is not None and found[-1].expression == "messages[9999]" and "message 9999" in found[-1].value
        await run.pilot.press("c")
        await run.agent


@given(st.integers(0, 10**7), st.integers(PAGE + 1, 10**9))
def test_ranges_are_few_and_hold_each_item_once(first: int, count: int) -> None:
    from tracer.tui.model.stack import _ranges

    found = list(_ranges(Node("value", ("0", "Messages"), reference=1, first=first, count=count)))
    assert 2 <= len(found) <= PAGE
    assert all(one.count < count for one in found)
    edges = [one.first for one in found] + [first + count]
    assert edges[0] == first and [one.first + one.count for one in found] == edges[1:]


@given(st.text(max_size=40), st.text(max_size=200), st.integers(0, 30), st.integers(10, 120))
def test_a_row_fits(name: str, value: str, depth: int, width: int) -> None:
    for kind in ("frame", "scope", "value", "range"):
        node = Node(kind, ("0", name), value, reference=1, count=3)
        assert width_of(line(node, depth, width)) <= width
