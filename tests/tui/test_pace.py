"""A key that is held down decides about one stop: the next one needs a key of its own."""

from __future__ import annotations

import pytest
from textual.events import Key

from tests.tui.test_debugging import Run, home, stopped  # noqa: F401 - a fixture
from tracer.tui.model.pace import PAUSE, REPEAT, Pace

pytestmark = pytest.mark.real_pace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _allowed(pace: Pace, clock: Clock, *presses: tuple[float, str, int]) -> list[bool]:
    """(seconds since the press before, key, what it would decide about)."""
    said = []
    for after, key, subject in presses:
        clock.now += after
        pace.press(key)
        said.append(pace.allows(subject))
    return said


def test_a_repeated_key_decides_once() -> None:
    clock = Clock()
    held = [(0.0, "c", 1), (0.5, "c", 2), *[(0.03, "c", 2)] * 9, (0.03, "c", 3)]
    assert _allowed(Pace(clock), clock, *held) == [True] + [False] * 11


def test_a_pause_makes_it_a_decision_again() -> None:
    clock = Clock()
    assert _allowed(Pace(clock), clock, (0, "c", 1), (0.1, "c", 2), (REPEAT + 0.01, "c", 2), (0.1, "c", 2)) == [
        True, False, True, True,
    ]  # fmt: skip
    assert _allowed(Pace(clock), clock, (0, "c", 1), (PAUSE + 0.01, "s", 2), (0.1, "r", 3)) == [True, True, False]


def test_a_key_that_waited_for_the_connection_counts_as_the_first() -> None:
    pace = Pace(Clock())
    pace.press("c")
    pace.forget()
    pace.press("c")
    assert pace.allows(1)


async def hold_down(run: Run, since: float, times: int = 6) -> None:
    """`c` as a keyboard repeats it, from a moment on the clock of keys."""
    for n in range(times):
        event = Key("c", "c")
        event.time = since + 0.03 * n
        run.app.post_message(event)
        await run.pilot.pause()


async def test_on_screen_a_key_held_down_approves_one_call_of_two() -> None:
    async with stopped(calls=2) as run:
        await run.until("stop 1 of 2", "press i")
        await hold_down(run, 100.0, times=1)
        await run.wait(lambda: run.app.main.viewer.stop is not None and run.app.main.viewer.stop.id == 2, "the other")
        await hold_down(run, 100.5)
        await run.until("let go of it", "‖ STOPPED")
        await run.wait(run.tool_ends, "the first call")
        assert len(run.tool_ends()) == 1
        await hold_down(run, 110.0, times=1)
        await run.wait(lambda: len(run.tool_ends()) == 2, "the second call")


async def test_a_key_repeated_while_the_screen_was_held_up_is_no_new_decision() -> None:
    async with stopped(calls=2) as run:
        clock = Clock()
        run.app.main.pace = Pace(clock)
        await run.until("stop 1 of 2", "press i")
        await hold_down(run, 100.0, times=1)
        await run.wait(lambda: run.app.main.viewer.stop is not None and run.app.main.viewer.stop.id == 2, "the other")
        clock.now += 10  # the keys were pressed before, and are heard now
        await hold_down(run, 100.5)
        await run.until("let go of it", "‖ STOPPED")
        run.app.main.pace.forget()
        await run.pilot.press("c")
        await run.wait(lambda: len(run.tool_ends()) == 2, "the second call")


async def test_a_key_held_down_in_another_pane_only_gives_the_focus() -> None:
    async with stopped() as run:
        await run.until("‖ STOPPED", "press i")
        await run.pilot.press("tab")
        await hold_down(run, 100.0)
        await run.until("let go of it", "‖ STOPPED")
        assert not run.tool_ends() and run.app.main.focused is run.app.main.panel
        await hold_down(run, 110.0, times=1)
        await run.wait(run.tool_ends, "the call")
