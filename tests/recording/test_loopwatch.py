"""An event loop that is held up: the line is told while it is, with its tool; and nobody is asked in between runs."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from pathlib import Path
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


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_the_line_that_blocks_is_told_while_it_does(runtime: str) -> None:
    seen: list[r.LoopBlocked] = []
    path: list[Path] = []

    async def hog() -> str:
        """Hold up everything."""
        until = time.monotonic() + 10
        while not seen and time.monotonic() < until:
            time.sleep(0.02)
            seen.extend(one for one in blocked(path[0]) if one.where is not None and one.where.name == "hog")
        return "done"

    agent = make_agent(runtime, [[call("hog", {})], "fine"], tools=[hog])
    recording = attach(agent)
    path.append(recording.path)
    [event async for event in agent.stream_async("go")]
    recording.close()
    told = blocked(recording.path)  # on a busy machine other lines may hold the loop up too
    first = next(one for one in told if one.where is not None and one.where.name == "hog")
    over = told[told.index(first) + 1]
    assert seen and not first.over and first.where is not None
    assert (Path(first.where.file).name, first.where.name) == ("test_loopwatch.py", "hog")
    assert inspect.getsourcelines(hog)[1] < first.where.line <= inspect.getsourcelines(hog)[1] + 6
    assert first.lag >= loopwatch.THRESHOLD * 1e9 and over.over and over.lag >= first.lag
    tools = [record.tool_use_id for record in Session(recording.path).records() if isinstance(record, r.ToolStart)]
    assert [first.tool_use_id] == tools


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
    until = time.monotonic() + 10
    while loop in loopwatch.WATCH._loops and time.monotonic() < until:
        time.sleep(0.02)
    assert loop not in loopwatch.WATCH._loops
    recording.close()


def test_the_place_is_the_users_and_not_a_librarys() -> None:
    ready, done = threading.Event(), threading.Event()

    def mine() -> None:
        ready.set()
        done.wait(10)

    thread = threading.Thread(target=mine)
    thread.start()
    ready.wait(10)
    time.sleep(0.05)
    import sys

    found = loopwatch.line_of(sys._current_frames()[thread.ident or 0])
    done.set()
    thread.join()
    assert (Path(found.file).name, found.name) == ("test_loopwatch.py", "mine")
