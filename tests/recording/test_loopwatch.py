"""An event loop that is held up: the line is told while it is, with its tool; and nobody is asked in between runs."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from agent_runtime.models.scripted import call
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.recorder import attach
from tracer.recording import loopwatch
from tracer.session import Session


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


def blocked(path: Path) -> list[r.LoopBlocked]:
    return [record for record in Session(path).records() if isinstance(record, r.LoopBlocked)]


class Told:
    """An event for each function, set once the session names it. Read in another thread: else the reading blocks."""

    def __init__(self) -> None:
        self._events: dict[str, threading.Event] = {}
        self.path: Path | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Told:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._over.wait(0.02):
            for one in blocked(self.path) if self.path else []:
                if one.where is not None:
                    self.event(one.where.name).set()

    def event(self, name: str) -> threading.Event:
        return self._events.setdefault(name, threading.Event())


@pytest.fixture
def told() -> Iterator[Told]:
    with Told() as told:
        yield told


async def recorded(runtime: str, told: Told, *tools: Any) -> list[r.Record]:
    """The records of a run that calls each of the tools, in one turn."""
    agent = make_agent(runtime, [[call(tool.__name__, {}) for tool in tools], "fine"], tools=list(tools))
    recording = attach(agent)
    told.path = recording.path
    [event async for event in agent.stream_async("go")]
    recording.close()
    return list(Session(recording.path).records())


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_the_line_that_blocks_is_told_while_it_does(runtime: str, told: Told) -> None:
    seen: list[bool] = []

    async def hog() -> str:
        """Hold up everything."""
        seen.append(told.event("hog").wait(20))
        return "done"

    records = await recorded(runtime, told, hog)
    blocks = [record for record in records if isinstance(record, r.LoopBlocked)]
    assert seen == [True]  # and on a busy machine other lines may hold the loop up too, before and after
    (first,) = [one for one in blocks if one.where is not None and one.where.name == "hog"]
    over = next(one for one in blocks[blocks.index(first) + 1 :] if one.over)
    assert not first.over and first.where is not None
    assert Path(first.where.file).name == "test_loopwatch.py"
    assert first.where.line == inspect.getsourcelines(hog)[1] + 2
    assert first.lag >= loopwatch.THRESHOLD * 1e9 and over.over and over.lag >= first.lag
    assert [first.tool_use_id] == [record.tool_use_id for record in records if isinstance(record, r.ToolStart)]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_each_that_blocks_is_told_though_the_loop_answers_to_none_in_between(runtime: str, told: Told) -> None:
    seen: list[bool] = []

    def first() -> None:
        seen.append(told.event("first").wait(20))

    def second() -> None:
        seen.append(told.event("second").wait(20))

    async def hog() -> str:
        """Hold up everything, twice."""
        first()
        second()
        return "done"

    records = await recorded(runtime, told, hog)
    assert seen == [True, True]
    names = [one.where.name for one in records if isinstance(one, r.LoopBlocked) and one.where]
    assert [name for name in names if name in ("first", "second")] == ["first", "second"]


async def test_who_waits_with_a_selector_of_its_own_is_no_loop_that_waits_for_work(told: Told) -> None:
    async def hog() -> str:
        """Hold up everything as `subprocess.run` does, which waits for a process with a selector."""
        reader, writer = os.pipe()
        with selectors.DefaultSelector() as selector, open(reader, "rb"), open(writer, "wb", buffering=0) as end:
            selector.register(reader, selectors.EVENT_READ)
            threading.Thread(target=lambda: told.event("hog").wait(20) and end.write(b"x")).start()
            return str(bool(selector.select(40)))

    records = await recorded("own", told, hog)
    assert "hog" in [one.where.name for one in records if isinstance(one, r.LoopBlocked) and one.where]


async def test_each_tool_that_blocks_is_told_with_its_call(told: Told) -> None:
    async def hog() -> str:
        """Hold up everything."""
        return str(told.event("hog").wait(20))

    async def pig() -> str:
        """Hold up everything too."""
        return str(told.event("pig").wait(20))

    records = await recorded("own", told, hog, pig)
    tools = {record.name: record.tool_use_id for record in records if isinstance(record, r.ToolStart)}
    blocks = {one.where.name: one.tool_use_id for one in records if isinstance(one, r.LoopBlocked) and one.where}
    assert {name: blocks.get(name) for name in tools} == tools


def one() -> FrameType:
    return sys._getframe()


def other() -> FrameType:
    return sys._getframe()


def third() -> FrameType:
    return sys._getframe()


def lags(there: Callable[[int], Callable[[], FrameType]], ticks: int) -> list[int]:
    """How old a hold-up was, in nanoseconds, when it was told, of what stands `there` at each tick."""
    told: list[int] = []

    class Watched(loopwatch._Watched):
        def tell(self, lag: int, *rest: Any) -> None:
            told.append(lag)

    watched = Watched(asyncio.new_event_loop(), 0, asked=1)
    for tick in range(2, ticks):
        watched.blame(int(tick * loopwatch.TICK * 1e9), there(tick)())
    watched.loop.close()
    return told


def test_what_stays_for_a_moment_is_told_however_old_the_hold_up_is() -> None:
    told = lags(lambda tick: one if tick < 200 else other if tick < 202 else third, 400)
    assert [round(lag / loopwatch.TICK / 1e9) for lag in told] == [2, 200, 204]


def test_functions_that_take_turns_at_blocking_do_not_fill_the_session() -> None:
    """Told after 0.1 s, and of another then when the hold-up is twice as old: a few lines, however long it takes."""
    told = lags(lambda tick: one if tick % 2 else other, 2000)
    assert 8 <= len(told) <= 10 and all(later >= 2 * earlier for earlier, later in itertools.pairwise(told))


async def test_a_loop_that_answers_is_not_told_and_nobody_is_asked_after_the_run() -> None:
    async def patient() -> str:
        """Wait as one should."""
        await asyncio.sleep(4 * loopwatch.THRESHOLD)
        return "done"

    agent = make_agent("own", [[call("patient", {})], "fine"], tools=[patient])
    recording = attach(agent)
    [event async for event in agent.stream_async("go")]
    recording.close()
    assert "patient" not in {one.where.name for one in blocked(recording.path) if one.where}
    assert asyncio.get_running_loop() not in loopwatch.WATCH._loops


async def test_a_run_that_is_dropped_is_asked_no_more() -> None:
    agent = make_agent("own", ["one two three"])
    recording = attach(agent)
    stream = agent.stream_async("go")
    await anext(stream)
    await stream.aclose()
    recording.close()
    assert asyncio.get_running_loop() not in loopwatch.WATCH._loops


def test_a_loop_that_was_closed_in_mid_run_is_forgotten() -> None:
    agent = make_agent("own", ["one two three"])
    recording = attach(agent)
    loop = asyncio.new_event_loop()
    stream: Any = agent.stream_async("go")
    loop.run_until_complete(anext(stream))
    loop.close()
    until = time.monotonic() + 30
    while loop in loopwatch.WATCH._loops and time.monotonic() < until:
        time.sleep(0.02)
    assert loop not in loopwatch.WATCH._loops
    recording.close()


def test_the_place_is_the_users_and_not_a_librarys() -> None:
    done = threading.Event()

    def mine() -> None:
        done.wait(30)

    thread = threading.Thread(target=mine)
    thread.start()
    until = time.monotonic() + 30
    while not loopwatch.is_library((frame := sys._current_frames()[thread.ident or 0]).f_code.co_filename):
        assert time.monotonic() < until
        time.sleep(0.001)
    found = loopwatch.place(loopwatch.users(frame))
    done.set()
    thread.join()
    assert (Path(found.file).name, found.name) == ("test_loopwatch.py", "mine")


COLLECTED = """
import _thread, gc
from tracer.recording.loopwatch import frame_of

class Late:
    def __del__(self):
        _thread.start_new_thread(int, ())

gc.set_threshold(1)
for _ in range(2000):
    gc.disable()
    late = Late()
    late.me = late
    del late
    more = [[], [], []]
    gc.enable()
    assert frame_of(_thread.get_ident()) is not None and gc.isenabled()
    gc.collect(0)
gc.disable()
frame_of(_thread.get_ident())
assert not gc.isenabled()
"""


def test_a_look_at_a_thread_holds_nobody_up_for_good_when_garbage_is_collected() -> None:
    subprocess.run([sys.executable, "-c", COLLECTED], check=True, timeout=40)
