"""When textual's pilot may go on: our screen ticks thirty times a second, which the pilot takes for work."""

from __future__ import annotations

import pytest
from textual import _wait

from tracer.tui.model import pace


@pytest.fixture(autouse=True)
def idle_between_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle is a quarter of the time, not a twentieth: a key otherwise waits for up to two seconds on a slow machine."""
    monkeypatch.setattr(_wait, "SLEEP_IDLE", _wait.SLEEP_GRANULARITY / 4)


@pytest.fixture(autouse=True)
def a_pause_between_keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot's keys stand for a reader's, who looks in between; the tests of a key held down measure it."""
    if "real_pace" not in request.keywords:
        monkeypatch.setattr(pace, "PAUSE", 0)
        monkeypatch.setattr(pace, "REPEAT", 0)
