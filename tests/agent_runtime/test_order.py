"""When the hooks come, beside the stream and each other: what tests/parity sees on both runtimes, without the other."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pydantic import BaseModel

from agent_runtime import hooks, tool
from agent_runtime.models.scripted import call
from agent_runtime.testing import collect, scripted_agent

AFTER = (hooks.AfterModelCallEvent, hooks.AfterToolCallEvent, hooks.AfterToolsEvent, hooks.AfterInvocationEvent)


@tool
async def steps(number: int) -> AsyncGenerator[Any, None]:
    """Tell each step."""
    for step in range(number):
        yield step


class Person(BaseModel):
    name: str


def watched(*turns: Any, **kwargs: Any) -> tuple[Any, list[Any]]:
    """An agent, and the list that its After hooks are put into, and whatever else a test adds."""
    agent, told = scripted_agent(*turns, **kwargs), []
    for kind in AFTER:
        agent.add_hook(told.append, kind)
    return agent, told


def names(told: list[Any]) -> list[str]:
    return [one if isinstance(one, str) else type(one).__name__.removesuffix("Event") for one in told]


async def test_a_tools_end_is_told_after_what_it_streamed() -> None:
    agent, told = watched([call("steps", {"number": 3})], "Done.", tools=[steps])
    async for event in agent.stream_async("go"):
        told += ["step"] if "tool_stream_event" in event else []
    assert names(told)[1:5] == ["step", "step", "step", "AfterToolCall"]


async def test_a_reader_that_leaves_in_a_tool_leaves_no_hook_out() -> None:
    agent, told = watched([call("steps", {"number": 3})], "Done.", tools=[steps])
    stream = agent.stream_async("go")
    async for event in stream:
        if "tool_stream_event" in event:
            break
    await stream.aclose()
    assert names(told)[1:] == ["AfterToolCall", "AfterTools", "AfterInvocation"]
    assert told[1].result["status"] == "success", "it had finished, whoever read of it"


async def test_a_hook_that_fails_before_the_model_is_an_attempt_that_failed() -> None:
    agent, told = watched("Hello.")
    fault, faults = RuntimeError("no"), 0

    def fail_once(event: hooks.BeforeModelCallEvent) -> None:
        nonlocal faults
        faults += 1
        if faults == 1:
            raise fault

    def again(event: hooks.AfterModelCallEvent) -> None:
        event.retry = event.exception is fault

    agent.add_hook(fail_once)
    agent.add_hook(again)
    assert str(await agent.invoke_async("go")) == "Hello.\n"
    assert [getattr(one, "exception", None) for one in told[:2]] == [fault, None]


async def test_a_prompt_that_is_refused_begins_nothing() -> None:
    agent, told = watched("Hello.")
    with pytest.raises(ValueError, match="a prompt is a str"):
        await collect(agent, 5)
    assert told == []


async def test_an_unknown_tool_and_a_refused_one_are_told_with_the_reason() -> None:
    agent, told = watched([call("nope", {}), call("steps", {"number": 1})], "Done.", tools=[steps])

    def refuse(event: hooks.BeforeToolCallEvent) -> None:
        event.cancel_tool = "not now" if event.tool_use["name"] == "steps" else False

    agent.add_hook(refuse)
    await collect(agent)
    ends = [one for one in told if isinstance(one, hooks.AfterToolCallEvent)]
    assert [(str(end.exception), end.selected_tool) for end in ends] == [("Unknown tool: nope", None), ("None", None)]


async def test_the_first_of_two_structured_outputs_counts_and_comes_before_the_tools_end() -> None:
    agent, told = watched([call("Person", {"name": "Bob"}), call("Person", {"name": "Al"})])
    async for event in agent.stream_async("go", structured_output_model=Person):
        told += [event["structured_output"].name] if "structured_output" in event else []
    assert names(told)[1:] == ["AfterToolCall", "AfterToolCall", "Bob", "AfterTools", "AfterInvocation"]


async def test_a_name_that_is_too_long_is_told_as_strands_does() -> None:
    agent = scripted_agent([call("x" * 65, {})], "Done.")
    await collect(agent)
    (block,) = agent.messages[2]["content"]
    text = f"Error: tool_name=<{'x' * 65}>, tool_name_max_length=<64> | invalid tool name length"
    assert block["toolResult"]["content"] == [{"text": text}]
