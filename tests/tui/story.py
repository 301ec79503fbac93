"""The sessions that the screen's tests look at, and the app on them with a clock that stands still. No test is here."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from tracer import records as r
from tracer.journal.process import start_time
from tracer.testing import SessionBuilder
from tracer.tui.app import TracerApp

NOTES = "# Notes\nOld drafts live in `reports/`; they can go.\nThe real reports are in `tmp/`.\n"
LISTING = "NOTES.md\nreports/\n  q1.md\n  q2.md\n  q3.md\ntmp/\n  a.bak\n  b.bak\n  cache.bin\n  run.log\n  swap\n"


def builder(path: Path, live: bool = False, agent: str = "tidy-agent") -> SessionBuilder:
    """A builder; `live`: its writer is this process, so that the session counts as running."""
    header: dict[str, Any] = {"id": "01h8tidy0demo000", "host": ""}
    if live:
        header |= {"pid": os.getpid(), "pid_start": start_time(os.getpid())}
    return SessionBuilder(path, agent=agent, **header)


def tidy(path: Path, stopped: bool = False) -> Path:
    """The demo's story: cycles, parallel tools, an error, a stop; `stopped` ends there, with the writer alive."""
    build = builder(path, live=stopped).start("Tidy the folder sandbox/: keep the reports, remove what is temporary.")
    _look(build)
    _measure(build)
    start = _about_to_delete(build)
    if stopped:
        build._file.close()
        return path
    before, after = {"path": "sandbox/reports", "recursive": True}, {"path": "sandbox/tmp", "recursive": True}
    build.put(
        r.Edited(what="tool input", before=before, after=after, who="the screen", tool_use_id="call_3_0", stop=1),
        40_000,
    )
    build.put(r.Resumed(id=1, act="continue", who="the screen", point="before_tool"), 2000)
    build.tool_end(start, "delete_folder", after, "removed 5 files", ms=350).results("removed 5 files").complete()
    build.cycle().model(
        "Done: the temporary files are gone, the reports are where they were.", usage=(930, 31), cost=0.002, ms=600
    )
    build.complete().end().close().close()
    return path


def _look(build: SessionBuilder) -> None:
    calls = [("list_folder", {"path": "sandbox"}), ("read_file", {"path": "sandbox/NOTES.md"})]
    build.cycle().model(
        "I will look at what is there first.", "There may be notes on what to keep.", calls, (412, 88), 0.0011, ms=900
    )
    first, second = (build.tool_start(name, value) for name, value in calls)
    build.tool_end(second, "read_file", calls[1][1], NOTES, ms=180)
    build.tool_end(first, "list_folder", calls[0][1], LISTING, ms=320).results("", "").complete()


def _measure(build: SessionBuilder) -> None:
    calls = [("disk_usage", {"path": "sandbox/reports"}), ("disk_usage", {"path": "sandbox/tmp"})]
    build.cycle().model("The notes say that `reports/` holds old drafts.", "", calls, (655, 61), 0.0016, ms=700)
    first, second = (build.tool_start(name, value) for name, value in calls)
    build.tool_end(first, "disk_usage", calls[0][1], "12 kB", ms=240)
    build.tool_end(second, "disk_usage", calls[1][1], error="PermissionError: sandbox/tmp/swap", ms=410)
    build.results("", "").complete()


def _about_to_delete(build: SessionBuilder) -> int:
    value = {"path": "sandbox/reports", "recursive": True}
    build.cycle().model(
        "I will remove `reports/` now.",
        "The notes call it old drafts.",
        [("delete_folder", value)],
        (801, 40),
        0.0019,
        ms=800,
    )
    start = build.tool_start("delete_folder", value)
    build.put(r.Stopped(id=1, point="before_tool", breakpoint="before_tool:delete_*", tool_use_id="call_3_0", index=0,
                        name="delete_folder", viewers=1), 5)  # fmt: skip
    return start


def still(path: Path, **options: Any) -> TracerApp:
    """The app on a session, with twelve seconds since the file last grew, whatever the clock says."""
    app = TracerApp(path, **options)
    app.viewer.since = lambda: 12.0
    app.animation_level = "none"
    return app


def screen_text(app: TracerApp) -> str:
    """What stands on the screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def shows(app: TracerApp, pilot: Any, *words: str) -> str:
    """Wait until all the words stand on the screen, which a worker or a timer may bring; the screen's text."""
    limit = time.monotonic() + 100
    while not all(word in (text := screen_text(app)) for word in words):
        assert time.monotonic() < limit, f"{words} did not come:\n{text}"
        await pilot.pause(0.02)
    return text


async def settled(app: TracerApp, pilot: Any) -> str:
    """Wait until all of the file is folded and painted; the screen's text."""
    limit = time.monotonic() + 100
    while time.monotonic() < limit:
        await pilot.pause(0.02)
        viewer = app.viewer
        waiting = viewer.feed.behind and (viewer.playback is None or viewer.playback.at_end)
        if viewer.feed.fed and not waiting and (app.main.transcript.settled or not app.main.transcript.display):
            break
    app.main.update()
    await pilot.pause()
    await pilot.pause()
    return screen_text(app)
