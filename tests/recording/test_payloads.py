"""Values that no recorder can like: the agent goes on as if nobody looked, and the file says what it could not hold."""

import _thread
import asyncio
import itertools
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import tracer
from agent_runtime.models.scripted import call
from agent_runtime.plain import plain
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.recording.run import failure
from tracer.session import Session


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    return tmp_path


async def recorded(*values: Any, runtime: str = "own") -> tuple[Session, list[Any]]:
    """What the session holds of an agent whose tool yields these values, and what its consumer saw of them."""

    async def give() -> Any:
        """Give values."""
        for value in values:
            yield value
        yield "done"

    agent = make_agent(runtime, [[call("give", {})], "ok"], [give])
    recording = tracer.attach(agent)
    live = [event async for event in agent.stream_async("go")]
    assert live[-1]["result"].stop_reason == "end_turn"
    recording.close()
    session = tracer.open(recording.id)
    assert session.state == "ended"
    return session, [e["tool_stream_event"]["data"] for e in live if "tool_stream_event" in e]


def streamed(session: Session) -> list[Any]:
    return [record.data for record in session.records() if isinstance(record, r.ToolStream)]


class Raises:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __repr__(self) -> str:
        raise self.error


class RaisingKeys(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("no keys for you")


class Endless(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        return 1

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        return map(str, itertools.count())


class EndlessList(list[Any]):
    def __iter__(self) -> Iterator[Any]:
        return itertools.count()


class Hangs:
    def __repr__(self) -> str:
        threading.Event().wait()
        return ""


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("error", [RuntimeError("x"), SystemExit(3), asyncio.CancelledError(), GeneratorExit()])
async def test_what_raises_when_it_is_looked_at(error: BaseException, runtime: str) -> None:
    session, seen = await recorded(Raises(error), RaisingKeys(a=1), runtime=runtime)
    assert [type(value) for value in seen[:2]] == [Raises, RaisingKeys]
    assert [data["$error"] for data in streamed(session)[:2]] == [type(error).__name__, "RuntimeError"]


async def test_what_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_runtime.plain._ROOM", 1 << 20)  # the end that it is given
    session, seen = await recorded(Endless(), EndlessList())
    assert isinstance(seen[1], EndlessList)
    for data in streamed(session)[:2]:
        assert "$cut" in data or 1000 < len(data) < 10**7


class Slow:
    """Takes its time, and says then what is in it."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def to_dict(self) -> Any:
        self.go.wait(100)
        return {"a": "hello", "b": "world of words"}


async def test_what_hangs_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_runtime.plain._PATIENCE", 0.1)
    session, _ = await asyncio.wait_for(recorded(*[Hangs() for _ in range(30)]), 200)
    assert all(data["$cut"].endswith("Hangs") for data in streamed(session)[:30])


def test_what_was_too_slow_says_nothing_more_once_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_runtime.plain._PATIENCE", 0.1)
    said: list[str] = []
    slow, threads = Slow(), _thread._count()
    assert "$cut" in plain({"v": slow}, str, said.append)["v"]
    told, until = list(said), time.monotonic() + 100
    slow.go.set()
    while _thread._count() > threads and time.monotonic() < until:
        time.sleep(0.01)
    assert said == told and len(told) == 1


async def test_what_is_huge_is_cut_and_the_rest_is_there() -> None:
    huge = "x" * 100_000_000
    session, seen = await recorded({"before": 1, "huge": huge, "raw": b"y" * 100_000_000, "after": 2})
    assert seen[0]["huge"] is huge
    (data, _) = streamed(session)
    assert data["before"] == 1 and data["huge"] == {"$cut": "str", "length": 100_000_000}
    assert data["raw"] == {"$cut": "bytes", "length": 100_000_000}
    assert session.path.stat().st_size < 1 << 20


def gaps(session: Session) -> list[r.Gap]:
    return [record for record in session.records() if isinstance(record, r.Gap)]


async def test_what_is_left_out_is_told_once_in_the_file_before_it_and_once_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    itself: list[Any] = []
    itself.append(itself)
    deep: Any = 0
    for _ in range(100):
        deep = [deep]
    session, _ = await recorded({"huge": "x" * 50_000_000}, {"huge": "x" * 50_000_000}, itself, deep, "fine")
    said = [gap.reason.partition(": ")[2] for gap in gaps(session)]
    assert said == ["str of 50,000,000 beyond 32 MB", "list that holds itself", "list too deep or among too many"]
    assert all(gap.count == 0 and "$cut" in session.reader.raw(gap.seq + 1).decode() for gap in gaps(session))
    assert [record.message for record in caplog.records if "without a part" in record.message] == [
        "a value is recorded without a part of it: str of 50,000,000 beyond 32 MB"
    ]
    assert session.timeline().lost == 0


async def test_what_is_held_whole_leaves_no_gap() -> None:
    session, _ = await recorded({"a": [1, {"b": b"c"}]}, "\ud800", object(), {1: {2}}, 2**99, float("nan"))
    assert not gaps(session)


async def test_what_is_no_utf8() -> None:
    session, _ = await recorded("\ud800", {"\udfff": "\ud800"}, b"\xff")
    assert streamed(session)[:3] == ["\\ud800", {"\\udfff": "\\ud800"}, {"$bytes": "/w=="}]


class Unsayable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("I will not say")


def test_an_exception_that_cannot_be_shown_is_named() -> None:
    said = failure(Unsayable(), str)
    assert said.type.endswith("Unsayable") and "RuntimeError" in said.message and "Unsayable" in said.traceback


async def test_a_log_handler_that_raises_is_not_the_agents_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise Unsayable

    handler = Broken()
    logging.getLogger("tracer").addHandler(handler)
    try:
        monkeypatch.setattr("tracer.recording.run._EVENTS", (("message", lambda self, event: 1 / 0),))
        await recorded("x")
    finally:
        logging.getLogger("tracer").removeHandler(handler)


FULL = """
import asyncio, os, resource, signal, sys, tracer
from agent_runtime.models.scripted import call
from tests.runtimes import make_agent
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
def fill():
    "Fill the disk."
    room(recording.path.stat().st_size + 200)
    return "full"
def empty():
    "Make room."
    room(resource.RLIM_INFINITY)
    return "empty"
agent = make_agent("own", [[call("fill", {})], "in vain", [call("empty", {})], "there again"], [fill, empty])
recording = tracer.attach(agent)
for prompt in ("one", "two"):
    print(agent(prompt).stop_reason)
print(recording.path)
"""


def test_a_disk_that_is_full_for_a_while_costs_a_gap_and_one_warning(home: Path) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", FULL], capture_output=True, text=True, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)}, check=True,
    )  # fmt: skip
    *ends, path = done.stdout.split()
    assert ends == ["end_turn", "end_turn"] and done.stderr.count("interrupted") == 1
    found = list(tracer.open(Path(path)).records())
    gaps = [x for x in found if isinstance(x, r.Gap)]
    assert sum(gap.count for gap in gaps) > 5 and all("large" in gap.reason for gap in gaps)
    said = [m.content for m in found if isinstance(m, r.Message) and m.origin == "model"]
    assert said[-1] == [{"text": "there again"}] and isinstance(found[-1], r.SessionEnd)
