"""Pictures of the screens: fixed size, a clock that stands still, no animation. Re-record with --snapshot-update.

None is marked slow: a run of some of them takes the others for unused, and fails.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import TextArea

from tests.tui.story import settled, shows, still, tidy
from tests.tui.test_edit import form
from tracer.tui.app import TracerApp
from tracer.tui.model.hints import Hint, Hints

HINTS = Hints(
    [Hint("stopped", "About to delete a folder: press i to change what it deletes."), Hint("ended", "q quits.")]
)


def after(app: TracerApp, *keys: str) -> Any:
    """Wait until all is shown, then press the keys."""

    async def run(pilot: Any) -> None:
        await settled(app, pilot)
        for key in keys:
            await pilot.press(key)
            await settled(app, pilot)

    return run


@pytest.mark.parametrize(
    ("name", "size", "keys"),
    [
        ("waterfall", (120, 40), []),
        ("waterfall-small", (80, 24), []),
        ("error-zoomed", (120, 40), ["e", "plus", "plus"]),
        ("transcript", (120, 40), ["2"]),
        ("events", (120, 40), ["3", "j", "j", "j"]),
        ("whole-value", (120, 40), ["e", "enter"]),
        ("help", (120, 40), ["question_mark"]),
    ],
)
def test_a_session_that_ended(
    snap_compare: Any, tmp_path: Path, name: str, size: tuple[int, int], keys: list[str]
) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    assert snap_compare(app, terminal_size=size, run_before=after(app, *keys))


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_a_stopped_run(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True), mode="live", hints=HINTS)
    app.main.panel.link = "on"
    assert snap_compare(app, terminal_size=size, run_before=after(app))


def test_the_edit_form_says_what_is_wrong(snap_compare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda self: None)
    app = still(tidy(tmp_path / "s.jsonl", stopped=True), mode="live")
    app.main.panel.link = "on"

    async def run(pilot: Any) -> None:
        await settled(app, pilot)
        await app.push_screen(form(value={"path": "sandbox/reports", "recursive": True}))
        await pilot.press(*"tmp", "end", "backspace")
        await shows(app, pilot, "line 3, column 3")

    assert snap_compare(app, terminal_size=(120, 40), run_before=run)


def test_a_replay_in_the_middle(snap_compare: Any, tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"), mode="replay", speed=4)
    app.viewer.playback.playing = False  # type: ignore[union-attr]
    assert snap_compare(app, terminal_size=(120, 40), run_before=after(app, *["full_stop"] * 16))
