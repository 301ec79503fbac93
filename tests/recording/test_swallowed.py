"""What a tool raises and catches within itself is kept on its tool_end, where Python can tell (3.12 and later)."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agent_runtime.models.scripted import call, text
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.recorder import attach
from tracer.session import Session

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="Python tells of caught exceptions from 3.12 on")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


def careless(path: str) -> str:
    """Log, and say that all is well.

    Args:
        path: whatever
    """
    try:
        json.loads(path)
    except ValueError:
        return "ok"
    return "read"


async def careful(path: str) -> str:
    """Catch nothing of its own, but use what does.

    Args:
        path: whatever
    """
    await asyncio.sleep(0)
    return str(getattr(path, "nothing", ""))


def translating(path: str) -> str:
    """Catch, and raise another.

    Args:
        path: whatever
    """
    try:
        return {"a": "b"}[path]
    except KeyError as error:
        raise RuntimeError("no such path") from error


async def ends(runtime: str, *calls: Any, tools: Any) -> list[r.ToolEnd]:
    agent = make_agent(runtime, [[text("I try."), *calls], "done"], tools=tools)
    recording = attach(agent)
    [event async for event in agent.stream_async("go")]
    recording.close()
    return [record for record in Session(recording.path).records() if isinstance(record, r.ToolEnd)]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_what_a_tool_swallows_is_told_with_its_line(runtime: str) -> None:
    (end,) = await ends(runtime, call("careless", {"path": "{"}), tools=[careless])
    assert end.status == "success"
    (told,) = end.swallowed
    assert (told["type"], told["name"], Path(told["file"]).name) == ("JSONDecodeError", "careless", "test_swallowed.py")
    assert "json.loads(path)" in Path(told["file"]).read_text().splitlines()[told["line"] - 1]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_what_libraries_catch_and_what_leaves_the_tool_is_not(runtime: str) -> None:
    calls = [call("careful", {"path": "x"}), call("translating", {"path": "x"})]
    for end in await ends(runtime, *calls, tools=[careful, translating]):
        assert end.swallowed == [], end.name


async def test_parallel_calls_keep_their_own() -> None:
    calls = [call("careless", {"path": "{"}), call("careless", {"path": "1"}), call("careless", {"path": "]"})]
    found = {end.index: [one["type"] for one in end.swallowed] for end in await ends("own", *calls, tools=[careless])}
    assert found == {0: ["JSONDecodeError"], 1: [], 2: ["JSONDecodeError"]}


async def test_nothing_is_watched_between_calls_and_after_a_cancelled_one() -> None:
    from tracer.recording.swallowed import SWALLOWED

    async def endless() -> str:
        """Wait for ever."""
        await asyncio.sleep(100)
        return ""

    agent = make_agent("own", [[call("endless", {})], "done"], tools=[endless])
    recording = attach(agent)
    task = asyncio.create_task(agent.invoke_async("go"))
    await asyncio.sleep(0.2)
    agent.cancel()
    await task
    recording.close()
    assert SWALLOWED is not None and not SWALLOWED._calls
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
    assert SWALLOWED._id is None or monitoring.get_events(SWALLOWED._id) == 0
