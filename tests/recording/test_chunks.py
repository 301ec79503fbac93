"""Chunks that providers send in forms of their own are replayed as the consumer saw them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tracer
from agent_runtime import Agent, tool
from tests.agent_runtime.chunks import CLOSE, START, ChunkModel, delta, ended, opened


@tool
def good(n: int = 0) -> int:
    """Works."""
    return n


NAMED = delta(toolUse={"toolUseId": "c", "name": "good", "input": '{"n": 1}'})
RESULT = {"contentBlockStart": {"start": {"toolResult": {"toolUseId": "c", "type": "t", "status": "success"}}}}
TURNS = {
    "a tool named in its delta": [START, opened(), NAMED, CLOSE, ended("tool_use")],
    "and never begun": [START, NAMED, delta(toolUse={"input": " "}), CLOSE, ended("tool_use")],
    "a signed call": [
        START,
        opened({"name": "good", "toolUseId": "c", "reasoningSignature": "s"}),
        delta(toolUse={"input": "{}"}),
        CLOSE,
        ended("tool_use"),
    ],
    "a tool of the provider": [
        START,
        opened({"name": "search", "toolUseId": "c", "type": "server_tool_use"}),
        delta(toolUse={"input": "{}"}),
        CLOSE,
        RESULT,
        delta(toolResult=[{"json": [1]}]),
        CLOSE,
        ended(),
    ],
    "redacted and cited": [
        START,
        delta(reasoningContent={"redactedContent": b"\xff"}),
        opened(),
        delta(citation={"title": "t"}),
        delta(text="x"),
        CLOSE,
        ended(),
    ],
}


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS.keys())
async def test_replayed_as_it_was_seen(turn: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    agent = Agent(ChunkModel(turn), tools=[good], callback_handler=None)
    recording = tracer.attach(agent)
    seen = [event async for event in agent.stream_async("go")]
    recording.close()
    again = [event async for event in tracer.replay(tracer.open(recording.path), speed=0)]
    assert [event for event in again if "result" not in event] == [event for event in seen if "result" not in event]


async def test_a_secret_in_the_input_of_a_tool_named_there_is_in_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    monkeypatch.setenv("MY_API_KEY", "hunter2hunter2")
    pieces = [
        delta(toolUse={"toolUseId": "c", "name": "good", "input": text}) for text in ('{"x": "hunter2', 'hunter2"}')
    ]
    agent = Agent(ChunkModel([START, opened(), *pieces, CLOSE, ended("tool_use")]), tools=[good], callback_handler=None)
    recording = tracer.attach(agent)
    assert (await agent.invoke_async("go")).stop_reason == "end_turn"
    recording.close()
    assert b"hunter2" not in Path(recording.path).read_bytes()
