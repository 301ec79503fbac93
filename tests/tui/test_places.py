"""Where a jump ends in the transcript: on the words that tell of it, with what they say in sight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tui.story import builder, settled, still, tidy
from tracer import records as r
from tracer.tui.app import TracerApp


def row_of(app: TracerApp) -> str:
    """The row under the cursor, and whether it is among those that show."""
    pane = app.main.transcript
    at = pane.cursor - pane.scroll_offset.y
    assert 0 <= at < pane.size.height - pane.lead, "the cursor is out of sight"
    return "".join(text for text, _ in pane.row(pane.cursor, pane.columns)).rstrip()


async def jumps(app: TracerApp, pilot: Any, *keys: str) -> list[str]:
    """The row that each of the keys leads to."""
    await settled(app, pilot)
    await pilot.press("2")
    rows = []
    for key in keys:
        await pilot.press(key)
        await settled(app, pilot)
        rows.append(row_of(app))
    return rows


async def test_a_jump_to_a_tool_ends_on_the_call_itself(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(80, 24)) as pilot:
        assert await jumps(app, pilot, *["right_curly_bracket"] * 5) == [
            '    call list_folder  path: "sandbox"',
            '    call read_file  path: "sandbox/NOTES.md"',
            '    call disk_usage  path: "sandbox/reports"',
            '    call disk_usage  path: "sandbox/tmp"',
            '    call delete_folder  path: "sandbox/reports", recursive: true',
        ]
        assert await jumps(app, pilot, "left_curly_bracket") == ['    call disk_usage  path: "sandbox/tmp"']


async def test_a_jump_to_a_cycle_ends_on_its_first_words(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await jumps(app, pilot, *["right_square_bracket"] * 4)
        assert rows == [
            "  thinks There may be notes on what to keep.",
            "   agent The notes say that `reports/` holds old drafts.",
            "  thinks The notes call it old drafts.",
            "   agent Done: the temporary files are gone, the reports are where they were.",
        ]


async def test_what_a_jump_leads_to_is_in_sight_below_its_heading(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl").start("go")
    for n in range(12):
        build.cycle().model(f"Step {n}.\nIt goes on.\nAnd on.", calls=[("look", {"n": n})])
        build.tool("look", {"n": n}, "seen").results("seen").complete()
    build.end().close().close()
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(80, 24)) as pilot:
        for n in range(12):
            assert await jumps(app, pilot, "right_square_bracket") == [f"   agent Step {n}."]
            pane = app.main.transcript
            shown = [strip.text for strip in pane.render_lines(pane.region.reset_offset)]
            assert any(f"look  n: {n}" in row for row in shown), n


async def test_a_sub_agents_cycle_and_the_call_that_led_to_it(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl").start("go").cycle().model("I ask.", calls=[("helper", {"q": "x"})])
    start = build.tool_start("helper", {"q": "x"})
    build.start("x", inv="0.1", caller=start).cycle().model("I look.").complete().end()
    build.inv, build.cycle_no = "0", 1
    build.tool_end(start, "helper", {"q": "x"}, "found").results("found").complete().end().close().close()
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await jumps(app, pilot, "right_square_bracket", "right_square_bracket", "left_curly_bracket")
        assert [row.strip(" │") for row in rows] == ["agent I ask.", "agent │ I look.", 'call helper  q: "x"']


async def test_a_jump_to_the_cycle_that_runs_ends_on_what_streams(tmp_path: Path) -> None:
    build = builder(tmp_path / "s.jsonl", live=True).start("go").cycle().model("First.").complete().cycle()
    for record in (r.ModelStart(model="m"), r.BlockStart(), r.Delta(text="And then")):
        build.put(record)
    build._file.close()
    app = still(tmp_path / "s.jsonl", mode="live")
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await jumps(app, pilot, "g", "right_square_bracket", "right_square_bracket")
        assert rows[1:] == ["   agent First.", "   agent And then"]


async def test_the_line_that_says_where_one_is_hides_nothing_of_it(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("e")
        text = await settled(app, pilot)
        assert "error 1 of 1" in text and "failed disk_usage 410ms" in text and "  PermissionError: sandbox/tmp" in text
        assert row_of(app) == "  failed disk_usage 410ms"
