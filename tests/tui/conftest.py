"""When textual's pilot may go on: once every widget has done all that it was sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from textual import app, pilot
from textual._compositor import Compositor
from textual._context import active_app, visible_screen_stack
from textual.geometry import Region
from textual.message_pump import MessagePump

from tracer.recording import loopwatch
from tracer.tui.model import pace

TURNS = 8  # of the event loop: a key goes through a callback and two tasks before it is in anybody's queue
PATIENCE = 60.0


def _pumps() -> Iterator[MessagePump]:
    """All that take messages: the app, and what is on its screens."""
    running = active_app.get()
    yield running
    for screen in running.screen_stack:
        yield from screen.walk_children(with_self=True)


async def _round(limit: float) -> bool:
    """Let each do what it has been sent by now; whether that led to nothing more."""
    waiting = 0

    def done() -> None:
        nonlocal waiting
        waiting -= 1

    for pump in _pumps():
        waiting += pump.call_later(done)
    while waiting > 0 and time.monotonic() < limit:
        await asyncio.sleep(0)
    return all(pump._message_queue.empty() and not pump._next_callbacks for pump in _pumps())


async def wait_until_quiet(*_: Any, **__: Any) -> None:
    """Textual itself waits until the process uses little time: on a busy machine that is at once, or much too late."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        for _turn in range(TURNS):
            await asyncio.sleep(0)
        if await _round(limit):
            return


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot's keys and pauses wait so, and for longer than its 30 s."""
    for module in (app, pilot):
        monkeypatch.setattr(module, "wait_for_idle", wait_until_quiet)
    monkeypatch.setattr(pilot.Pilot._wait_for_screen, "__defaults__", (PATIENCE,))


def draw_what_changed(compositor: Compositor, screen_stack: Any = None) -> None:
    """All that a refresh does but for the last step."""
    regions = compositor._dirty_regions.copy()
    compositor._dirty_regions.clear()
    visible_screen_stack.set(screen_stack or [])
    if regions:
        for _ in compositor._get_renders(Region.from_union(regions).intersection(compositor.size.region)):
            pass


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each widget draws what changed; it is not cut to size for a terminal that is not there, which takes as long."""
    whole = Compositor.render_update

    def update(compositor: Compositor, full: bool = False, screen_stack: Any = None, simplify: bool = False) -> Any:
        if full:
            return whole(compositor, full, screen_stack, simplify)
        return draw_what_changed(compositor, screen_stack)

    monkeypatch.setattr(Compositor, "render_update", update)


@pytest.fixture(autouse=True)
def no_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here agent and screen share one loop: on a slow machine the drawing would be told as what holds the agent up."""
    monkeypatch.setattr(loopwatch, "THRESHOLD", 1e6)


@pytest.fixture(autouse=True)
def a_pause_between_keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot's keys stand for a reader's, who looks in between; the tests of a key held down measure it."""
    if "real_pace" not in request.keywords:
        monkeypatch.setattr(pace, "PAUSE", 0)
        monkeypatch.setattr(pace, "REPEAT", 0)
