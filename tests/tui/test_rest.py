"""A screen on which nothing moves by itself does next to nothing, and sees at once what comes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.tui.story import settled, still, tidy
from tracer.tui.app import TracerApp
from tracer.tui.screens import desk


def frames(app: TracerApp, monkeypatch: pytest.MonkeyPatch, ago: float = 0.0) -> int:
    """How many ticks one frame makes, that long after the last."""
    ticks: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(app.main, "tick", lambda: ticks.append(1))
        app.main._waiting, app.main._ticked = False, time.monotonic() - ago
        app.main._frame()
    return len(ticks)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine is no reason for a tick here."""
    monkeypatch.setattr(desk, "CLOCK", 100.0)


async def test_a_session_that_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test() as pilot:
        await settled(app, pilot)
        app.main.viewer.feed.settle()
        app.main.tick()
        quick = app.main._quick
        assert frames(app, monkeypatch) == 0 and frames(app, monkeypatch, ago=101.0) == 1
        assert quick is not None and not quick._active.is_set()


async def test_a_live_session_that_is_quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tidy(tmp_path / "s.jsonl", stopped=True)
    app = still(path, mode="live")
    async with app.run_test() as pilot:
        await settled(app, pilot)
        app.main.tick()
        assert frames(app, monkeypatch) == 0
        assert app.main._quick is not None and app.main._quick._active.is_set()
        with path.open("ab") as file:
            file.write(b'{"kind":"log","seq":100,"t":99,"text":"one more"}\n')
        assert frames(app, monkeypatch) == 1


async def test_a_replay_that_stands_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = still(tidy(tmp_path / "s.jsonl"), mode="replay", speed=0)
    async with app.run_test() as pilot:
        await settled(app, pilot)
        app.main.viewer.feed.settle()
        assert frames(app, monkeypatch) == 0
        await pilot.press("space")
        assert app.main.viewer.playback is not None and app.main.viewer.playback.playing
        assert frames(app, monkeypatch) == 1
