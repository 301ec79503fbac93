"""What is selected when a form opens: by one rule for each kind of stop, and just that value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import TextArea

from tests.tui.story import screen_text, settled, shows, still, tidy
from tests.tui.test_debugging import home, stopped  # noqa: F401 - a fixture
from tracer.tui.model import jsontext
from tracer.tui.model.chosen import Rule, choose
from tracer.tui.screens.edit import EditScreen
from tracer.tui.screens.forms import of_call
from tracer.tui.widgets.jsonarea import JsonArea

RESULT = {"status": "error", "content": [{"json": {}}, {"text": 'a "b"\n'}, {"text": "c"}]}
ASKED = [{"role": "user", "content": [{"text": "hi"}]}, {"role": "assistant", "content": [{"text": "and?"}]}]


@pytest.mark.parametrize(
    ("value", "rule", "name", "text"),
    [
        ({"n": 3, "note": "abc"}, "first", "n", "3"),
        ({"path": "photos", "deep": True}, "first", "path", "photos"),
        ({"none": None, "list": [[], {"x": 1.5}]}, "first", "x", "1.5"),
        ({"none": None}, "first", "none", "null"),
        ({"words": ["one", "two"]}, "first", "words", "one"),
        (RESULT, "first text", "text", 'a \\"b\\"\\n'),
        ({"status": "success", "content": [{"json": {"n": 1}}]}, "first text", "status", "success"),
        ({"system_prompt": "Be kind.", "params": {"text": 3}, "messages": ASKED}, "last text", "text", "and?"),
        ({"system_prompt": None, "params": {}, "messages": []}, "last text", "system_prompt", "null"),
    ],
)
def test_the_rule_of_each_kind_of_form(value: Any, rule: Rule, name: str, text: str) -> None:
    chosen = choose(value, rule)
    assert chosen is not None and (chosen.name, chosen.text) == (name, text)


@pytest.mark.parametrize("value", [{}, {"a": {}, "b": []}])
def test_where_there_is_no_value_nothing_is_chosen(value: Any) -> None:
    assert choose(value, "first") is None


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=6)
KEYS = st.text(max_size=4) | st.just("text")
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.sampled_from(["first", "first text", "last text"]))
def test_it_stands_where_it_is_said_to(value: dict[str, Any], rule: Rule) -> None:
    chosen = choose(value, rule)
    if chosen is not None:
        line = jsontext.pretty(value).split("\n")[chosen.row]
        rest = line[chosen.column :].removesuffix(",")
        assert rest == chosen.text + ('"' if chosen.quoted else "")


async def test_a_number_is_replaced_by_what_is_typed(tmp_path: Path) -> None:
    async def submit(new: dict[str, Any]) -> None: ...

    app = still(tidy(tmp_path / "s.jsonl", stopped=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await app.push_screen(EditScreen(of_call("input", "pay", {"amount": 5, "note": "rent"}, submit)))
        await shows(app, pilot, "type the new value of amount: it replaces 5; then Ctrl+S")
        await pilot.press("1", "7")
        assert app.screen.query_one(JsonArea).text == '{\n  "amount": 17,\n  "note": "rent"\n}'


async def test_the_form_that_skips_a_call_asks_for_its_text() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "x  skip")
        await run.pilot.press("x")
        await run.until("type the new value of text: it is empty; then Ctrl+S")
        await run.pilot.press(*"42", "ctrl+s")
        await run.agent


async def test_a_long_form_shows_all_that_stands_around_the_json(tmp_path: Path) -> None:
    async def submit(new: dict[str, Any]) -> None: ...

    app = still(tidy(tmp_path / "s.jsonl", stopped=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        value = {f"key{n}": "a long value that does not fit into the line" for n in range(30)}
        await app.push_screen(EditScreen(of_call("input", "pay", value, submit)))
        shown = await shows(app, pilot, "edit the input of pay", "Apply  Ctrl+S")
        assert "it replaces a long…; then Ctrl+S" in shown


async def test_the_form_of_a_request_selects_what_was_said_last_and_shows_it() -> None:
    async with stopped(breakpoints=("before_model once",)) as run:
        await run.until("edit the request")
        await run.pilot.press("i")
        await run.wait(lambda: isinstance(run.app.focused, TextArea), "the form")
        await run.until("type the new value of text: it replaces compute")
        assert isinstance(run.app.focused, TextArea) and run.app.focused.selected_text == "compute"
        assert '"text": "compute"' in screen_text(run.app)
        await run.pilot.press("escape", "c")
        await run.agent
