"""In replay the reader goes to what its clock has reached, and no key shows what is later."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tests.tui.story import settled, shows, still, tidy
from tracer.tui.app import TracerApp


def halfway(path: Path) -> TracerApp:
    """A replay that stands still in the middle of the session."""
    app = still(tidy(path), mode="replay", speed=1)
    playback, feed = app.viewer.playback, app.viewer.feed
    assert playback is not None
    feed.reader.poll(1 << 40)
    middle = len(feed.reader) // 2
    playback.seek(feed.reader.record(middle - 1).t, middle)
    return app


async def taken_in(app: TracerApp, pilot: Pilot[None]) -> str:
    """What stands on the screen after the clock's next step."""
    app.main.tick()
    return await settled(app, pilot)


async def test_a_search_speaks_of_what_is_played(tmp_path: Path) -> None:
    app = halfway(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await taken_in(app, pilot)
        await pilot.press("slash", *"the temporary files are gone", "enter")
        await shows(app, pilot, "is nowhere in what is played yet")
        await pilot.press("slash", *"zebra", "enter")
        await shows(app, pilot, "'zebra' is nowhere in what is played yet")


async def test_the_end_is_where_the_clock_stands(tmp_path: Path) -> None:
    app = halfway(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await taken_in(app, pilot)
        viewer = app.viewer
        fed = viewer.feed.fed
        assert fed and viewer.feed.behind
        await pilot.press("3", "g", "G")
        await taken_in(app, pilot)
        assert viewer.feed.fed == fed
        assert (
            app.main.events.cursor == app.main.events.count - 1 and app.main.events.selected == viewer.feed.events[-1]
        )


async def test_a_mark_that_is_later_waits_for_the_clock(tmp_path: Path) -> None:
    app = halfway(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await taken_in(app, pilot)
        viewer, playback = app.viewer, app.viewer.playback
        assert playback is not None
        fed, mark = viewer.feed.fed, viewer.feed.fed + 20
        app.main.marks = (mark,)
        await pilot.press("apostrophe")
        assert f"#{mark} is later in the replay" in app.main.notice.text
        await taken_in(app, pilot)
        assert viewer.feed.fed == fed and viewer.seq < fed
        playback.seek(viewer.feed.reader.record(mark).t, mark + 1)
        await taken_in(app, pilot)
        assert viewer.seq == mark and viewer.feed.fed == mark + 1
        assert not app.main.notice.text


async def test_a_match_that_is_later_waits_for_the_clock(tmp_path: Path) -> None:
    app = halfway(tmp_path / "s.jsonl")
    async with app.run_test(size=(120, 40)) as pilot:
        await taken_in(app, pilot)
        viewer, playback = app.viewer, app.viewer.playback
        assert playback is not None
        playback.seek(playback.total, len(viewer.feed.reader))
        await taken_in(app, pilot)
        await pilot.press("slash", *"temporary files are gone", "enter")
        await shows(app, pilot, "'temporary files are gone': 1 of")
        (first, *_) = app.main.search.matches  # type: ignore[union-attr]
        for _ in range(12):
            await pilot.press("comma")
        fed = viewer.feed.fed
        assert fed <= first
        await pilot.press("n")
        assert f"#{first} is later in the replay" in app.main.notice.text
        await taken_in(app, pilot)
        assert viewer.feed.fed == fed and viewer.seq < first
