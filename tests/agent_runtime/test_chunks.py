"""Whatever a model streams, the lifecycle holds, a wrong chunk is a clear error, and the agent works afterwards."""

from __future__ import annotations

import asyncio
import copy
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_runtime import Agent, tool
from agent_runtime.errors import EventLoopException, MalformedChunk, MaxTokensReachedException
from agent_runtime.messages import tool_uses
from tests.agent_runtime.chunks import CLOSE, START, ChunkModel, delta, ended, opened
from tests.agent_runtime.outline import until_raise

WRONG: list[Any] = [
    None,
    5,
    "text",
    [],
    {"contentBlockStart": None},
    {"contentBlockStart": {"start": {"toolUse": {"name": None, "toolUseId": "c"}}}},
    {"contentBlockStart": {"start": {"toolUse": 5}}},
    {"contentBlockDelta": {}},
    {"contentBlockDelta": {"delta": None}},
    delta(text=None),
    delta(text=b"x"),
    delta(toolUse=None),
    delta(toolUse={"input": {"a": 1}}),
    delta(reasoningContent={"text": 1}),
    delta(reasoningContent={"signature": None}),
    delta(reasoningContent={"redactedContent": "text"}),
    {"messageStop": {}},
    {"messageStop": None},
    ended(None),
    {"metadata": 5},
    {"metadata": {"usage": 5}},
    {"metadata": {"metrics": {"latencyMs": "soon"}}},
    {"metadata": {"cost": "much"}},
    {"redactContent": None},
]


def agent_of(*turns: Any) -> Agent:
    return Agent(ChunkModel(*turns), tools=[good, bad], callback_handler=None)


@tool
async def good(n: int = 0) -> Any:
    """Works."""
    yield n
    yield {n, "no JSON"}


@tool
def bad(n: int = 0) -> Any:
    """Fails."""
    raise RuntimeError("bad")


@pytest.mark.parametrize("place", ["first", "in a text", "in a tool use"])
@pytest.mark.parametrize("chunk", WRONG, ids=lambda chunk: repr(chunk)[:50])
async def test_a_wrong_chunk_is_a_clear_error_and_what_came_is_kept(chunk: Any, place: str) -> None:
    begun = {
        "first": [],
        "in a text": [START, opened(), delta(text="Half")],
        "in a tool use": [START, opened({"name": "good", "toolUseId": "c"}), delta(toolUse={"input": '{"n'})],
    }
    agent = agent_of([*begun[place], chunk])
    events, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, MalformedChunk) and raised.__cause__ is not None
    assert "no chunk of the model port" in str(raised) and repr(chunk)[:40] in str(raised)
    assert events[-1]["force_stop_reason"] == str(raised)
    assert len(agent.messages) == 1
    assert str(await agent.invoke_async("again")) == "Fine.\n"


@pytest.mark.parametrize("start", [[opened()], []], ids=["started", "not started"])
async def test_a_tool_that_is_named_in_its_delta_alone(start: list[Any]) -> None:
    named = delta(toolUse={"toolUseId": "c", "name": "good", "input": '{"n": 1}'})
    agent = agent_of([START, *start, named, CLOSE, ended("tool_use")])
    events, raised = await until_raise(agent.stream_async("go"))
    assert raised is None
    assert agent.messages[1]["content"] == [{"toolUse": {"toolUseId": "c", "name": "good", "input": {"n": 1}}}]
    told = next(event["current_tool_use"] for event in events if "current_tool_use" in event)
    assert told == {"toolUseId": "c", "name": "good", "input": '{"n": 1}'}


# What a model may say, well formed or not: what is odd about it is that nobody promised an order.
TOOL = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["good", "bad", "unknown", "no name!", ""]),
        "toolUseId": st.sampled_from(["a", "b", "a", ""]),
        "type": st.just("server_tool_use"),
        "reasoningSignature": st.just("sig"),
    },
)
INPUT = st.sampled_from(
    ["", "{}", '{"n": 1}', '{"n": ', "1}", "[]", "null", "NaN", '{"n": NaN}', '"\\ud800"', "\ud800"]
)
DELTAS = st.one_of(
    st.text(max_size=6).map(lambda text: {"text": text}),
    st.builds(lambda text, named: {"toolUse": {"input": text, **named}}, INPUT, st.one_of(st.just({}), TOOL)),
    st.just({"toolUse": {}}),
    st.text(max_size=6).map(lambda text: {"reasoningContent": {"text": text}}),
    st.just({"reasoningContent": {"signature": "sig"}}),
    st.just({"reasoningContent": {"redactedContent": b"\xff"}}),
    st.just({"reasoningContent": {}}),
    st.just({"citation": {"title": "t"}}),
    st.just({"toolResult": [{"json": 1}]}),
    st.sampled_from([{}, {"video": 1}]),
)
CHUNKS = st.one_of(
    DELTAS.map(lambda body: delta(**body)),
    DELTAS.map(lambda body: delta(**body)),
    st.just(opened()),
    TOOL.map(opened),
    st.just({"contentBlockStart": {"start": {"toolResult": {"toolUseId": "a", "type": "t", "status": "success"}}}}),
    st.just(CLOSE),
    st.just(START),
    st.sampled_from(["end_turn", "tool_use", "max_tokens", "stop_sequence", "content_filtered", "odd"]).map(ended),
    st.sampled_from([{}, {"unknown": {}}, {"metadata": {}}, {"metadata": {"usage": {"inputTokens": None}, "cost": 1}}]),
)
ERRORS = [ValueError("x"), asyncio.CancelledError(), BaseExceptionGroup("g", [OSError()]), StopAsyncIteration()]
ITEMS = st.one_of(CHUNKS, CHUNKS, CHUNKS, CHUNKS, st.sampled_from(ERRORS), st.sampled_from(WRONG))
TURNS = st.lists(
    st.builds(lambda items, end: [*items, *end], st.lists(ITEMS, max_size=10), st.sampled_from([[], [ended()]])),
    min_size=1,
    max_size=3,
)
ALLOWED = (MalformedChunk, MaxTokensReachedException, *map(type, ERRORS), RuntimeError)


@given(TURNS, st.sampled_from(["read", "cancel", "break"]), st.integers(0, 30))
def test_the_life_of_any_stream(turns: list[Any], how: str, at: int) -> None:
    asyncio.run(live(turns, how, at))


async def live(turns: list[Any], how: str, at: int) -> None:
    agent = agent_of(*turns)
    events, copies, raised, ended_well = [], [], None, False
    stream = agent.stream_async("go", limits={"turns": 4})
    try:
        async for event in stream:
            events.append(event)
            copies.append(copied(event))
            if len(events) == at and how == "cancel":
                agent.cancel()
            elif len(events) == at and how == "break":
                break
        else:
            ended_well = True
    except BaseException as error:
        raised = error
    assert raised is None or (isinstance(raised, ALLOWED) and not isinstance(raised, EventLoopException)), raised
    assert [copied(event) for event in events] == copies, "an event was changed after it was yielded"
    if ended_well or raised is not None:
        check(events, raised)
    if ended_well:
        assert all(a["role"] != b["role"] for a, b in itertools.pairwise(agent.messages))
        every_use_is_answered_once(agent.messages)
    del stream
    agent.model = ChunkModel()
    assert (await agent.invoke_async("again")).stop_reason == "end_turn"
    every_use_is_answered_once(agent.messages)


def copied(event: Any) -> Any:
    return None if "result" in event else copy.deepcopy(event)


def check(events: list[dict[str, Any]], raised: BaseException | None) -> None:
    starts = [number for number, event in enumerate(events) if "start_event_loop" in event]
    assert sum("start" in event for event in events) == len(starts)
    for begin, end in itertools.pairwise([*starts, len(events)]):
        cycle = events[begin:end]
        closings = [number for number, event in enumerate(cycle) if "complete" in event or "force_stop" in event]
        assert len(closings) == 1
        assert not any("event" in event or "message" in event for event in cycle[closings[0] :])
        the_text_adds_up(cycle)
    assert sum("result" in event for event in events) == (raised is None)
    assert raised is not None or "result" in events[-1]


def the_text_adds_up(cycle: list[dict[str, Any]]) -> None:
    told = [e["message"]["content"] for e in cycle if e.get("message", {}).get("role") == "assistant"]
    if not told or told[0] == [{"text": "Cancelled by user"}]:
        return
    words = ""
    for block in told[0]:
        words += block.get("text", "")
        words += "".join(part["text"] for part in block.get("citationsContent", {}).get("content", []))
    assert words == "".join(event.get("data", "") for event in cycle)


def every_use_is_answered_once(messages: list[dict[str, Any]]) -> None:
    for message, answer in itertools.pairwise([*messages, {"role": "user", "content": []}]):
        asked = [use["toolUseId"] for use in tool_uses(message)]
        results = [block["toolResult"]["toolUseId"] for block in answer["content"] if "toolResult" in block]
        assert answer["role"] == "assistant" or results == asked
