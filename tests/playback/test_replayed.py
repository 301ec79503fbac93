"""Streams with corners are replayed as they were seen: broken off, passed on by a tool, of one id, of odd keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import tracer
from agent_runtime.hooks import AfterToolCallEvent, BeforeToolCallEvent
from agent_runtime.models.scripted import call, fail, text, think
from agent_runtime.plain import plain
from tests.playback.saw import again, bare, watched
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.playback.deltas import live
from tracer.testing import SessionBuilder


async def seen(agent: Any, events: int = 0, runtime: str = "own") -> tuple[list[Any], tracer.Recording]:
    """What a consumer sees that leaves after so many events, which is what the replay has to give."""
    found, recording, _ = await watched(agent, "break" if events else "", events)
    said = [bare(event, runtime) for event in found]
    replayed, _ = await again(tracer.open(recording.path))
    assert [bare(event, runtime) for event in replayed] == said
    return said, recording


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_consumer_that_leaves_anywhere_sees_just_that_again(runtime: str) -> None:
    turns = [[think("hm ", "sig"), text("a b"), call("add", {"a": 1})], "done"]
    whole, _ = await seen(make_agent(runtime, turns, [add]), 0, runtime)
    for events in range(1, len(whole)):
        found, _ = await seen(make_agent(runtime, turns, [add]), events, runtime)
        assert len(found) == events


def add(a: int) -> str:
    """Add.

    Args:
        a: one
    """
    return str(a)


async def passing(turns: list[Any], keep: str = "") -> AsyncIterator[Any]:
    """Ask another agent, and pass on what it says; with `keep` only the events of that key."""
    inner = make_agent("own", turns)
    try:
        async for event in inner.stream_async("psst"):
            if keep in event or not keep:
                yield event
    except RuntimeError:
        yield "it failed"


@pytest.mark.parametrize("keep", ["", "data", "event", "force_stop"])
async def test_a_tool_that_passes_on_what_another_agent_says(keep: str) -> None:
    async def ask() -> AsyncIterator[Any]:
        """Ask another."""
        async for event in passing([[text("half an answer"), fail(RuntimeError("gone"))]], keep):
            yield event

    found, recording = await seen(make_agent("own", [[call("ask", {})], "done"], [ask]))
    streamed = [event["tool_stream_event"]["data"] for event in found if "tool_stream_event" in event]
    assert len(streamed) > 1 and streamed[-1] == "it failed"
    kept = [record for record in tracer.open(recording.path).records() if isinstance(record, r.ToolStream)]
    assert [record.data for record in kept if record.of is None] == ["it failed"]


async def test_an_agent_two_levels_down_is_told_again() -> None:
    async def ask() -> AsyncIterator[Any]:
        """Ask another."""
        async for event in passing(["deep down"]):
            yield event

    async def relay() -> AsyncIterator[Any]:
        """Ask one that asks another."""
        middle = make_agent("own", [[call("ask", {})], "middle"], [ask])
        async for event in middle.stream_async("psst"):
            yield event

    _found, _recording = await seen(make_agent("own", [[call("relay", {})], "done"], [relay]))


def test_a_forced_stop_of_an_older_file_is_passed_on_too(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "old.jsonl").start().cycle()
    call_seq = build.put(r.ToolStart(name="ask", tool_use_id="c"))
    build.put(r.InvocationStart(inv="0.0", caller=call_seq))
    build.put(r.ForceStop(inv="0.0", reason="gone"))
    closed = build.put(r.CycleEnd(inv="0.0", ending="force_stop"))
    build.put(r.ToolStream(tool_use_id="c", of=closed))
    session = build.close()

    async def replayed() -> list[Any]:
        return [event async for event in tracer.replay(session, speed=0)]

    streamed = [event["tool_stream_event"] for event in asyncio.run(replayed()) if "tool_stream_event" in event]
    assert streamed == [{"tool_use": {"toolUseId": "c"}, "data": {"force_stop": True, "force_stop_reason": "gone"}}]


ODD = [
    {"$bytes": "AP8="}, {"$int": "12"}, {"$float": "nan!"}, {"$dict": {"$bytes": "AA=="}}, {"$dict": 5},
    {"$type": "set"}, {"$cut": "x", "length": 3}, {"a": {"$bytes": {"$int": "1"}}}, {"$bytes": "AA==", "more": 1},
    b"\xff", 2**80, float("inf"),
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=repr)
async def test_data_that_looks_like_the_recorders_own_form_comes_as_it_was(value: Any) -> None:
    assert live(plain(value)) == value

    async def odd(given: dict[str, Any] | None = None) -> AsyncIterator[Any]:
        """Stream it."""
        yield value
        yield "the end"

    given = value if isinstance(value, dict) else {}
    found, _recording = await seen(make_agent("own", [[call("odd", {"given": given})], "done"], [odd]))
    streamed = [event["tool_stream_event"]["data"] for event in found if "tool_stream_event" in event]
    assert streamed == [value, "the end"]


@pytest.mark.parametrize(
    "said", [{"$bytes": 5}, {"$bytes": "no base 64"}, {"$int": "many"}, {"$float": None}, {"$dict": 5}]
)
def test_what_an_older_file_says_as_it_was_is_no_error(said: Any) -> None:
    assert live(said) == said


@pytest.mark.parametrize("inputs", [({"n": 1}, {"n": 2}), ({"n": 1}, {"n": 1})], ids=["other inputs", "the same input"])
@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_two_calls_with_one_id_have_each_their_own_stream_and_end(runtime: str, inputs: Any) -> None:
    begun: list[int] = []

    async def count(n: int) -> AsyncIterator[Any]:
        """Count.

        Args:
            n: which
        """
        begun.append(n)
        mine = len(begun)
        await asyncio.sleep(0)
        yield f"step {mine}"
        if mine == 1:
            await asyncio.sleep(0.02)  # the first ends last
        yield f"end {mine}"

    turn = [call("count", value, id="same") for value in inputs]
    _found, recording = await seen(make_agent(runtime, [turn, "done"], [count]), 0, runtime)
    records = list(tracer.open(recording.path).records())
    streams = [(x.index, x.data) for x in records if isinstance(x, r.ToolStream)]
    assert sorted(streams) == [(i, f"{word} {i + 1}") for i in range(2) for word in ("end", "step")]
    ends = [(x.index, x.input["n"], x.result["content"][0]["text"]) for x in records if isinstance(x, r.ToolEnd)]
    assert sorted(ends) == [(i, value["n"], f"end {i + 1}") for i, value in enumerate(inputs)]


async def test_a_call_that_is_edited_and_repeated_is_told_as_it_ran() -> None:
    async def count(n: int) -> AsyncIterator[Any]:
        """Count.

        Args:
            n: which
        """
        yield f"step {n}"
        yield f"end {n}"

    agent = make_agent(
        "own", [[call("count", {"n": 1}, id="same"), call("count", {"n": 2}, id="same")], "done"], [count]
    )
    tries: list[int] = []

    async def edit(event: BeforeToolCallEvent) -> None:
        event.tool_use["input"] = {"n": event.tool_use["input"]["n"] + 10}

    async def repeat(event: AfterToolCallEvent) -> None:
        tries.append(event.tool_use["input"]["n"])
        event.retry = event.tool_use["input"]["n"] == 12 and tries.count(12) == 1

    agent.hooks.add_callback(BeforeToolCallEvent, edit)
    agent.hooks.add_callback(AfterToolCallEvent, repeat)
    found, recording = await seen(agent)
    records = list(tracer.open(recording.path).records())
    ends = [(x.index, x.attempt, x.input["n"]) for x in records if isinstance(x, r.ToolEnd)]
    assert sorted(ends) == [(0, 0, 11), (1, 0, 12), (1, 1, 12)]
    uses = [event["tool_stream_event"]["tool_use"]["input"] for event in found if "tool_stream_event" in event]
    assert sorted(use["n"] for use in uses) == [11, 11, 12, 12, 12, 12]
