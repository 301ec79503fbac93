"""Hostile content: nothing that an agent says acts on the terminal or is read as markup, on any pane."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from tests.terminal import Terminal, environment
from tests.tui.story import builder, screen_text, settled, still
from tests.tui.test_edit import form
from tracer import records as r

BAD = "X\x1b]52;c;aGFjaw==\x07Y\x1b[31mred\x9b2J\u202egnp\u2066 [bold]m[/bold] [@click=app.quit]q[/] \r\x00\x7f漢字"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def hostile(path: Path, stopped: bool = False) -> Path:
    """A session in which every string that an agent, a tool or a model can say is hostile."""
    build = builder(path, live=stopped, agent=f"agent {BAD}").start(BAD)
    build.cycle().model(BAD, BAD, [(f"tool {BAD}", {BAD: BAD})])
    build.put(r.Log(text=BAD, source=BAD, level="error"))
    build.put(r.Throttled(delay=1))
    start = build.tool_start(f"tool {BAD}", {BAD: BAD})
    if stopped:
        build.put(r.Stopped(id=1, point="before_tool", breakpoint=BAD, reason=BAD, tool_use_id="call_1_0", name=BAD))
        build._file.close()
        return path
    build.tool_end(start, f"tool {BAD}", {BAD: BAD}, BAD, error=BAD).results(BAD)
    build.force_stop(BAD, BAD).end("error", BAD).close().close()
    return path


PANES = ["", "2", "e enter", "3 G enter", "slash r e d enter"]
PANES += [pytest.param(keys, marks=pytest.mark.slow) for keys in ("e", "3", "3 l G", "w", "b")]  # type: ignore[misc]


@pytest.mark.parametrize("keys", PANES)
async def test_no_pane_lets_content_act(tmp_path: Path, keys: str) -> None:
    app = still(hostile(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press(*keys.split())
        await pilot.pause(0.1)
        text = screen_text(app)
        assert "[bold]m[/bold]" in text or keys in ("b", "w"), "markup is content"
        assert CONTROL.findall(text.replace("\n", "")) == []


async def test_the_stop_panel_and_the_form_let_nothing_act(tmp_path: Path) -> None:
    app = still(hostile(tmp_path / "s.jsonl", stopped=True), mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        assert "STOPPED" in await settled(app, pilot)
        assert CONTROL.findall(screen_text(app).replace("\n", "")) == []
        app.push_screen(form(value={BAD: BAD}, name=BAD))
        await pilot.pause(0.2)
        text = screen_text(app)
        assert "\\u202e" in text, "what cannot be printed is an escape in the form"
        assert CONTROL.findall(text.replace("\n", "")) == []


@pytest.mark.slow
def test_on_a_real_terminal_no_clipboard_write_leaks_and_quitting_leaves_it_clean(tmp_path: Path) -> None:
    path = hostile(tmp_path / "s.jsonl")
    code = f"from pathlib import Path; from tracer.tui import run_view; raise SystemExit(run_view(Path({str(path)!r})))"
    terminal = Terminal([sys.executable, "-c", code], environment(tmp_path), cwd=Path(__file__).parents[2])
    try:
        seen = b""
        for keys, shows in (
            ("", "waterfall"),
            ("3", "message"),
            ("2", "transcript"),
            ("1", "waterfall"),
            ("\r", "copies"),
        ):
            terminal.type(keys)
            deadline = time.monotonic() + 120
            while shows not in terminal.text:
                assert time.monotonic() < deadline and terminal.read(1), (keys, shows, terminal.text[-2000:])
            terminal.settle()
            seen, terminal.raw = seen + terminal.raw, b""
        assert b"m[/bold]" in seen and b"\x1b]52" not in seen and "\x9d".encode() not in seen
        terminal.type("\x1b")
        terminal.until("waterfall")  # or both keys might be read as one
        terminal.type("\x03")
        assert terminal.end() == 0
        assert b"\x1b[?1049l" in terminal.raw and b"\x1b[?25h" in terminal.raw and b"\x1b[?1003l" in terminal.raw
    finally:
        terminal.close()
