"""Whatever a model does, the stream keeps its grammar: hypothesis writes the turns."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent_runtime import tool
from agent_runtime.models.scripted import call, fail, stop, text, think
from agent_runtime.testing import scripted_agent
from tests.agent_runtime.outline import until_raise


@tool
async def good(n: int = 0) -> Any:
    """Works."""
    yield n
    yield n + 1


@tool
def bad(n: int = 0) -> Any:
    """Fails."""
    raise RuntimeError("bad")


NAMES = st.sampled_from(["good", "bad", "unknown", "no name!"])
INPUTS = st.one_of(
    st.fixed_dictionaries({}, optional={"n": st.integers(), "x": st.text(max_size=5)}),
    st.sampled_from(['{"n": ', "[]", ""]),
)
BLOCKS = st.one_of(
    st.text(max_size=12).map(text),
    st.builds(think, st.text(max_size=12), st.none() | st.just("sig")),
    st.builds(lambda name, given, id: call(name, given, id=id), NAMES, INPUTS, st.sampled_from([None, "same"])),
)
ENDS = st.one_of(
    st.just([]),
    st.just([]),
    st.sampled_from(["max_tokens", "content_filtered", "end_turn", "tool_use"]).map(lambda reason: [stop(reason)]),
    st.sampled_from([ValueError("x"), asyncio.CancelledError(), BaseExceptionGroup("g", [OSError()])]).map(
        lambda error: [fail(error)]
    ),
)
TURNS = st.lists(st.builds(lambda blocks, end: [*blocks, *end], st.lists(BLOCKS, max_size=4), ENDS), max_size=4)


def cycles(events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    parts: list[list[dict[str, Any]]] = []
    for event in events:
        if "start_event_loop" in event:
            parts.append([])
        elif parts:
            parts[-1].append(event)
    return parts


def check_cycle(cycle: list[dict[str, Any]]) -> None:
    closings = [n for n, event in enumerate(cycle) if "complete" in event or "force_stop" in event]
    assert len(closings) == 1
    assert all("start" in event or "result" in event for event in cycle[closings[0] + 1 :])
    told = next((e["message"] for e in cycle if "message" in e and e["message"]["role"] == "assistant"), None)
    if told is None:
        return
    assert "".join(event.get("data", "") for event in cycle) == "".join(b.get("text", "") for b in told["content"])
    uses = [block["toolUse"] for block in told["content"] if "toolUse" in block]
    pieces: list[str] = []
    for event in cycle:
        if "contentBlockStart" in event.get("event", {}) and event["event"]["contentBlockStart"]["start"]:
            pieces.append("")
        elif "current_tool_use" in event:
            pieces[-1] += event["delta"]["toolUse"]["input"]
            assert event["current_tool_use"]["input"] == pieces[-1]
    assert [parsed(piece) for piece in pieces] == [use["input"] for use in uses]
    answers = [
        b["toolResult"]["toolUseId"]
        for e in cycle
        for b in e.get("message", {}).get("content", [])
        if "toolResult" in b
    ]
    if answers:
        assert answers == [use["toolUseId"] for use in uses]


def parsed(raw: str) -> Any:
    return {} if raw in ('{"n": ', "[]", "") else __import__("json").loads(raw)


def no_raw_twin_is_missing(events: list[dict[str, Any]]) -> None:
    for number, event in enumerate(events):
        if "delta" in event:
            assert events[number - 1]["event"]["contentBlockDelta"]["delta"] == event["delta"]


@given(TURNS)
def test_the_grammar_of_the_stream(turns: list[Any]) -> None:
    agent = scripted_agent(*turns, tools=[good, bad])
    events, raised = asyncio.run(until_raise(agent.stream_async("go", limits={"turns": 6})))
    assert sum("init_event_loop" in event for event in events) == 1
    assert sum("start" in event for event in events) == sum("start_event_loop" in event for event in events)
    assert ("result" in events[-1]) == (raised is None)
    assert sum("result" in event for event in events) == (raised is None)
    for cycle in cycles(events):
        check_cycle(cycle)
    no_raw_twin_is_missing(events)
    if raised is None:
        roles = [message["role"] for message in agent.messages]
        assert all(a != b for a, b in itertools.pairwise(roles))
    assert agent.claims.active is None
