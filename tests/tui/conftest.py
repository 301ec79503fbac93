"""When textual's pilot may go on: our screen ticks thirty times a second, which the pilot takes for work."""

from __future__ import annotations

import pytest
from textual import _wait


@pytest.fixture(autouse=True)
def idle_between_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle is a quarter of the time, not a twentieth: a key otherwise waits for up to two seconds on a slow machine."""
    monkeypatch.setattr(_wait, "SLEEP_IDLE", _wait.SLEEP_GRANULARITY / 4)
