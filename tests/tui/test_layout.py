"""How the screen shares its rows: the waterfall as many as it needs, up to half; the rest is below."""

from __future__ import annotations

from pathlib import Path

from tests.tui.story import builder, settled, still, tidy
from tracer.tui.screens.help import help_text


async def test_a_short_waterfall_leaves_the_rows_to_what_is_below(tmp_path: Path) -> None:
    builder(tmp_path / "s.jsonl").start("2+2?").cycle().model("4").complete().end().close().close()
    app = still(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        assert app.main.waterfall.size.height == 6
        assert app.main.transcript.size.height == 40 - 2 - 6
        app.main.action_view("events")
        await settled(app, pilot)
        assert app.main.events.size.height > 10


async def test_a_long_waterfall_takes_half_of_what_the_stop_leaves_and_shows_where_the_agent_is(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True), mode="live")
    async with app.run_test(size=(80, 24)) as pilot:
        assert "‖ delete_folder" in await settled(app, pilot)
        waterfall, panel, below = (
            pane.size.height for pane in (app.main.waterfall, app.main.panel, app.main.inspector)
        )
        assert (waterfall, panel, waterfall + panel + below) == (9, 3, 22)


async def test_a_scrollbar_that_comes_after_the_scrolling_stands_where_the_pane_is(tmp_path: Path) -> None:
    app = still(tidy(tmp_path / "s.jsonl", stopped=True), mode="live")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        pane = app.main.transcript
        assert pane.vertical_scrollbar.position == pane.scroll_y > 0
        pane.show_vertical_scrollbar = False
        pane.scroll_to(y=3, animate=False, force=True)
        pane.show_vertical_scrollbar = True
        assert pane.vertical_scrollbar.position == pane.scroll_y == 3


def test_the_help_has_two_columns_where_there_is_room() -> None:
    parts = [["── Move", "  j          down"], ["── Look", "  y          copy"]]
    assert help_text(parts, 80).splitlines()[4:] == ["── Move", "  j          down", "", "── Look", "  y          copy"]
    (title, row) = help_text(parts, 106).splitlines()[3:]
    assert title.split() == ["──", "Move", "──", "Look"] and row.split() == ["j", "down", "y", "copy"]
