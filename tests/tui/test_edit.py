"""The edit form: what a first-time reader types ends as valid JSON, and a key tells the terminal only what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.events import Key

from tests.tui.story import screen_text, settled, still, tidy
from tracer.tui.screens.edit import EditScreen
from tracer.tui.screens.forms import of_call
from tracer.tui.widgets.jsonarea import JsonArea

START = {"path": "photos", "recursive": True}


def form(given: list[Any] | None = None, value: Any = START, name: str = "delete_folder") -> EditScreen:
    """The form over `value`; what is applied goes into `given`."""

    async def submit(new: dict[str, Any]) -> None:
        (given if given is not None else []).append(new)

    return EditScreen(of_call("input", name, value, submit))


REMOVED = {  # where the cursor is put ("": the value stays selected), and what is done there
    "": ["delete_left", "delete_left"],
    "photos": ["delete_left"] * 7,
    "pho": ["delete_to_end_of_line", "delete_right", "delete_word_left", "delete_word_left"],
    "photo": ["delete_to_start_of_line", "delete_to_start_of_line", "delete_right", "delete_right"],
}


async def test_however_the_old_value_is_removed_the_quotes_stay(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True))
    async with app.run_test(size=(120, 40)) as pilot:
        for before, actions in REMOVED.items():
            opened = form()
            await app.push_screen(opened)
            await pilot.pause()
            assert "type the new value of path: it replaces photos; then Ctrl+S" in screen_text(app)
            area = opened.query_one(JsonArea)
            if before:
                area.move_cursor((1, len('  "path": "' + before)))
            for action in actions:
                getattr(area, f"action_{action}")()
            await pilot.press("t")
            await pilot.pause()
            assert area.text == '{\n  "path": "t",\n  "recursive": true\n}', before
            assert "valid; Ctrl+S applies" in screen_text(app)
            await pilot.press("escape")
        await app.push_screen(form())
        await pilot.press("down", "end", *["backspace"] * 4)
        text = app.screen.query_one(JsonArea).text
        assert text == '{\n  "path": "photos",\n  "recursive": \n}'


async def test_ctrl_s_right_behind_the_letters_applies_them(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True))
    async with app.run_test(size=(120, 40)) as pilot:
        given: list[Any] = []
        await app.push_screen(form(given))
        await pilot.pause()
        for letter in "scratch":
            app.post_message(Key(letter, letter))
        app.post_message(Key("ctrl+s", None))
        app.post_message(Key("ctrl+s", None))
        await pilot.pause()
        assert given == [{"path": "scratch", "recursive": True}]


async def test_a_screen_below_is_not_painted_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True), mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await app.push_screen(form())
        await pilot.pause(0.3)
        compositor, painted = app.screen._compositor, [0]

        def render(*args: Any, **options: Any) -> Any:
            painted[0] += sum(region.area for region in compositor._dirty_regions)
            return type(compositor).render_update(compositor, *args, **options)

        monkeypatch.setattr(compositor, "render_update", render)
        await pilot.press("x")
        await pilot.pause(0.4)
        assert 0 < painted[0] < 120 * 40, "a key and a moment's waiting painted more than one whole screen"
