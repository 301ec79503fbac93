"""A clock that a test moves on by hand, so that a limit is reached when the test says so and on no machine before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest


def movable(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> Callable[[float], None]:
    """Let the running loop and the `time.monotonic` of these modules stand still; what is returned moves them on."""
    loop, now = asyncio.get_running_loop(), [time.monotonic()]

    def move(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(loop, "time", lambda: now[0])
    for module in modules:
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return move
