"""Left at any event or cancelled at any step, an agent and its sub-agent are free at once, every call answered."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from agent_runtime import Agent, tool
from agent_runtime.errors import ConcurrencyException
from agent_runtime.hooks import (
    AfterInvocationEvent,
    AfterModelCallEvent,
    AfterToolCallEvent,
    AfterToolsEvent,
    BeforeInvocationEvent,
    BeforeModelCallEvent,
    BeforeToolCallEvent,
    BeforeToolsEvent,
    MessageAddedEvent,
)
from agent_runtime.messages import tool_uses
from agent_runtime.models.scripted import ScriptedModel, call, text, think
from agent_runtime.testing import collect, scripted_agent

STEPS = 60
HOOKS = [
    BeforeInvocationEvent,
    AfterInvocationEvent,
    MessageAddedEvent,
    BeforeModelCallEvent,
    AfterModelCallEvent,
    BeforeToolsEvent,
    AfterToolsEvent,
    BeforeToolCallEvent,
    AfterToolCallEvent,
]


@tool
async def streams() -> Any:
    """Stream."""
    for number in range(2):
        await asyncio.sleep(0)
        yield number


@tool
def blocks() -> str:
    """Run in a thread."""
    return "done"


def busy() -> tuple[Agent, Agent, list[str]]:
    """An agent that awaits wherever one can, its sub-agent, and the names of the hooks that ran."""
    log: list[str] = []
    child = scripted_agent("Deep.", name="child")
    asked = [think("Hm", "s"), text("One two"), call("streams"), call("blocks"), call("child", {"input": "x"})]
    agent = scripted_agent(asked, "Done.", tools=[streams, blocks, child])

    async def hook(event: Any) -> None:
        log.append(type(event).__name__)
        await asyncio.sleep(0)

    agent.add_hook(hook, HOOKS)
    return agent, child, log


async def usable(agent: Agent, child: Agent, log: list[str]) -> None:
    agent.model = ScriptedModel(["Again."])
    async with asyncio.timeout(10):
        assert str(await agent.invoke_async("again")) == "Again.\n"
    assert child.claims.active is None
    assert log.count("BeforeInvocationEvent") == log.count("AfterInvocationEvent")
    for message, answer in itertools.pairwise(agent.messages):
        if asked := [use["toolUseId"] for use in tool_uses(message)]:
            assert [block["toolResult"]["toolUseId"] for block in answer["content"] if "toolResult" in block] == asked


@pytest.mark.parametrize("how", ["drop", "aclose", "thread"])
async def test_a_reader_may_leave_at_any_event(how: str) -> None:
    total = len(await collect(busy()[0]))
    for leave_at in range(1, total + 1):
        agent, child, log = busy()
        stream = agent.stream_async("go")
        for _ in range(leave_at):
            await anext(stream)
        if how == "aclose":
            await stream.aclose()
        del stream
        if how == "thread":
            agent.model = ScriptedModel(["From a thread."])
            assert str(await asyncio.to_thread(agent, "again")) == "From a thread.\n"
        await usable(agent, child, log)


async def test_a_stream_that_is_held_refuses_another_call_at_any_event() -> None:
    total = len(await collect(busy()[0]))
    for hold_at in range(1, total):
        agent, _, _ = busy()
        stream = agent.stream_async("go")
        for _ in range(hold_at):
            await anext(stream)
        with pytest.raises(ConcurrencyException, match="still held"):
            await agent.invoke_async("again")
        await stream.aclose()


async def test_a_task_may_be_cancelled_at_any_step() -> None:
    cancelled = 0
    for step in range(STEPS):
        agent, child, log = busy()
        task = asyncio.create_task(collect(agent))
        for _ in range(step):
            await asyncio.sleep(0)
        if task.done():
            continue
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        cancelled += 1
        await usable(agent, child, log)
    assert cancelled > 10


async def test_the_agent_may_be_cancelled_at_any_step() -> None:
    reasons = set()
    for step in range(STEPS):
        agent, child, log = busy()
        task = asyncio.create_task(collect(agent))
        for _ in range(step):
            await asyncio.sleep(0)
        agent.cancel()
        events = await task
        closed = [event for event in events if "complete" in event or "force_stop" in event]
        assert len(closed) == sum("start_event_loop" in event for event in events)
        reasons.add(events[-1]["result"].stop_reason)
        await usable(agent, child, log)
    assert reasons == {"cancelled", "end_turn"}
