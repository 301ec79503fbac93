"""Whatever a name, an input or an error is made of, what stands beside it stays in its column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.tui.story import builder, screen_text, settled, still
from tests.tui.test_edit import form
from tracer import records as r
from tracer.tui.model import transcript
from tracer.tui.model.transcript import Part

TIME = re.compile(r"\d(?:µs|ms|s)\b")
SAID = ["plain", "two\nlines\tand a tab", "\x1b[31mred\x1b[0m", "天気エージェント 漢字"]


@pytest.mark.parametrize("word", SAID)
async def test_the_waterfalls_numbers_stand_below_each_other(tmp_path: Path, word: str) -> None:
    build = builder(tmp_path / "s.jsonl", agent=word).start("go")
    build.cycle().model("", calls=[(word, {"text": word})], ms=900)
    build.tool(word, {"text": word}, error=f"{word}: {word}", ms=9)  # what is said of it has room before the bar
    build.tool("fine", {"text": word}, ms=900)
    build.tool("bad", {"text": word}, error=word * 9, ms=9).end().close().close()
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        rows = [app.main.waterfall.render_line(1 + row).text for row in range(app.main.waterfall.count)]
    ends = [[cell_len(row[: found.end()]) for found in TIME.finditer(row)][-1] for row in rows]
    assert len(set(ends)) == 1, "\n".join(rows)


@pytest.mark.parametrize("width", range(30, 60))
def test_a_call_of_wide_characters_is_whole(width: int) -> None:
    rows = transcript.lay_out([Part("call", "tool", "漢字" * 8, "dim", 6, "tool", inline=True)], width)
    lines = ["".join(text for text, _ in row) for row in rows]
    assert all(cell_len(line) <= width for line in lines) and "漢字" * 8 in "".join(line[9:] for line in lines)


@pytest.mark.parametrize("word", SAID)
async def test_the_stop_panel_is_as_wide_as_the_screen(tmp_path: Path, word: str) -> None:
    build = builder(tmp_path / "s.jsonl", live=True).start("go")
    build.cycle().model("", calls=[(word, {})])
    build.tool_start(word, {})
    build.put(r.Stopped(id=1, point="before_tool", breakpoint=word, tool_use_id="call_1_0", name=word))
    build._file.close()
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        shown = (await settled(app, pilot)).splitlines()
    assert cell_len(next(row for row in shown if "STOPPED before" in row)) == 119


async def test_the_form_has_the_whole_name(tmp_path: Path) -> None:
    app = still(builder(tmp_path / "s.jsonl").start("go").end().close().path)
    async with app.run_test(size=(120, 40)) as pilot:
        app.push_screen(form(name="天気予報"))
        await pilot.pause()
        assert "天気予報" in screen_text(app)
