"""Scenarios: how an invocation ends before its time, and what can be done with the agent then."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.parity.answers import chat
from tests.parity.apart import apart
from tests.parity.differences import (
    a_stopped_call_asks_nobody,
    cancel_is_told,
    cancel_message_everywhere,
    left_tools_are_told,
    limit_is_told,
    own_words,
    unanswered_calls_first,
)
from tests.parity.scenario import Scenario
from tests.parity.tools import count, double, wait
from tests.provider import GATE, call, turn

TOOL = [turn("Let me see. ", call("double", {"number": 4})), turn("It is 8.")]
WAIT = [turn(call("wait", {"name": "a", "turns": 1})), turn("Done.")]


def said(text: str) -> Any:
    return lambda event: event.get("data") == text


def cancel(**given: Any) -> Any:
    return lambda stage: stage.agent.cancel(**given)


def is_message(role: str) -> Any:
    return lambda event: event.get("message", {}).get("role") == role


async def cancel_before_the_first_chunk(stage: Any) -> None:
    asking = asyncio.create_task(stage.ask("go"))
    await asyncio.to_thread(stage.provider.asked.wait, 100)
    stage.agent.cancel()
    await asyncio.sleep(0.1)
    stage.provider.gate.set()
    await asking


async def cancel_in_a_tool(stage: Any) -> None:
    asking = asyncio.create_task(stage.ask("go"))
    while ("run", ["wait", {"name": "a", "turns": 1}]) not in stage.seen.told:
        await asyncio.sleep(0.001)
    stage.agent.cancel()
    await asking


async def cancel_when_idle(stage: Any) -> None:
    stage.agent.cancel()
    await stage.ask("go")


async def task_cancel(stage: Any) -> None:
    asking = asyncio.create_task(stage.ask("go"))
    await asyncio.to_thread(stage.provider.asked.wait, 100)
    await asyncio.sleep(0.05)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    stage.provider.gate.set()


async def concurrent(stage: Any) -> None:
    first = stage.agent.stream_async("first")
    await anext(first)
    await stage.ask("second")
    await first.aclose()


async def break_and_call(stage: Any) -> None:
    stream = stage.agent.stream_async("first")
    async for event in stream:
        if "data" in event:
            break
    await stream.aclose()
    await stage.ask("second")


async def break_in_the_tools(stage: Any) -> None:
    stream = stage.agent.stream_async("first")
    async for event in stream:
        if event.get("type") == "tool_stream":
            break
    await stream.aclose()
    await stage.ask("second")


async def break_before_the_tools(stage: Any) -> None:
    stream = stage.agent.stream_async("first")
    async for event in stream:
        if "message" in event:
            break
    await stream.aclose()
    await stage.ask("second")


async def synchronously(stage: Any) -> None:
    result = await asyncio.to_thread(stage.agent, "go")
    stage.tell("event", {"result": result})


async def invoked(stage: Any) -> None:
    stage.tell("event", {"result": await stage.agent.invoke_async("go")})


def limit(name: str, **limits: Any) -> Scenario:
    return Scenario(name=name, turns=TOOL, tools=[double], call={"limits": limits}, known=[limit_is_told])


SCENARIOS = [
    Scenario(
        name="cancel before the first chunk",
        turns=[turn(GATE, "text")],
        drive=cancel_before_the_first_chunk,
        known=[cancel_is_told],
    ),
    Scenario(
        name="cancel in mid text", turns=[turn("one two three")], at=[(said("two "), cancel())], known=[cancel_is_told]
    ),
    Scenario(
        name="cancel with a message",
        turns=[turn("one two three")],
        at=[(said("two "), cancel(message="enough"))],
        known=[cancel_is_told, cancel_message_everywhere],
    ),
    Scenario(
        name="cancel at the last word", turns=[turn("one two")], at=[(said("two"), cancel())], known=[cancel_is_told]
    ),
    Scenario(
        name="cancel after messageStop",
        turns=[turn("one two")],
        at=[(lambda e: "messageStop" in e.get("event", ()), cancel())],
        known=[apart("a_whole_answer_stands", r"'text': 'one two\n'", "Cancelled by user")],
    ),
    Scenario(
        name="cancel at start_event_loop",
        turns=[turn("one two")],
        at=[(lambda e: "start_event_loop" in e, cancel())],
        known=[cancel_is_told, a_stopped_call_asks_nobody],
    ),
    Scenario(
        name="cancel at init_event_loop",
        turns=[turn("one two")],
        at=[(lambda e: "init_event_loop" in e, cancel())],
        known=[cancel_is_told, a_stopped_call_asks_nobody],
    ),
    Scenario(
        name="cancel in the reasoning",
        turns=[turn([{"reasoning_content": "a"}, {"reasoning_content": "b"}])],
        at=[(lambda e: "reasoningText" in e, cancel())],
        known=[cancel_is_told],
    ),
    Scenario(
        name="cancel in the tool's input",
        turns=TOOL,
        tools=[double],
        at=[(lambda e: "current_tool_use" in e, cancel())],
        known=[cancel_is_told],
    ),
    Scenario(
        name="cancel in a tool",
        turns=WAIT,
        tools=[wait],
        drive=cancel_in_a_tool,
        known=[apart("running_tools_are_cancelled", "'Tool execution cancelled'", "a is done")],
    ),
    Scenario(
        name="cancel in a streaming tool",
        turns=[turn(call("count", {"to": 3})), turn("Done.")],
        tools=[count],
        at=[(lambda e: e.get("type") == "tool_stream", cancel())],
        known=[cancel_is_told],
    ),
    Scenario(
        name="cancel between message and tools",
        turns=TOOL,
        tools=[double],
        at=[(is_message("assistant"), cancel())],
        known=[cancel_is_told],
    ),
    Scenario(
        name="cancel between message and tools, with a message",
        turns=TOOL,
        tools=[double],
        at=[(is_message("assistant"), cancel(message="enough"))],
        known=[cancel_is_told],
    ),
    Scenario(
        name="cancel after the tools",
        turns=TOOL,
        tools=[double],
        at=[(is_message("user"), cancel())],
        known=[cancel_is_told],
    ),
    Scenario(
        name="cancel after the current tools",
        turns=TOOL,
        tools=[double],
        at=[(is_message("assistant"), cancel(after_current_tools=True))],
        known=[cancel_is_told],
    ),
    Scenario(
        name="cancel after the current tools, with a message",
        turns=TOOL,
        tools=[double],
        at=[(is_message("assistant"), cancel(after_current_tools=True, message="enough"))],
        known=[cancel_is_told],
    ),
    Scenario(
        name="cancel after the current tools, without tools",
        turns=[turn("one two")],
        at=[(said("one "), cancel(after_current_tools=True))],
    ),
    Scenario(
        name="cancel when idle",
        turns=[turn("one")],
        drive=cancel_when_idle,
        known=[apart("cancel_is_for_a_call", "'data': 'one'", "Cancelled by user")],
    ),
    Scenario(
        name="cancel, then a prompt",
        turns=[turn("one two"), turn("three")],
        prompts=["first", "second"],
        at=[(said("one "), cancel())],
        known=[cancel_is_told],
    ),
    Scenario(name="the task is cancelled", turns=[turn("one ", GATE, "two")], drive=task_cancel),
    Scenario(name="concurrent call", turns=[turn("one")], drive=concurrent, known=[own_words]),
    Scenario(name="break and call again", turns=[turn("one two"), turn("three")], drive=break_and_call),
    Scenario(
        name="break in a tool and call again",
        turns=[turn(call("count", {"to": 3})), turn("Done.")],
        tools=[count],
        drive=break_in_the_tools,
        known=[left_tools_are_told, unanswered_calls_first],
    ),
    Scenario(
        name="break before the tools and call again",
        turns=TOOL,
        tools=[double],
        drive=break_before_the_tools,
        known=[unanswered_calls_first],
    ),
    Scenario(name="synchronous call", turns=TOOL, tools=[double], drive=synchronously),
    Scenario(name="invoke_async", turns=TOOL, tools=[double], drive=invoked),
    limit("limit of turns", turns=1),
    limit("limit of output tokens", output_tokens=7),
    limit("limit of total tokens", total_tokens=10),
    limit("two limits", turns=1, total_tokens=10),
    Scenario(
        name="limits that are not reached",
        turns=TOOL,
        tools=[double],
        call={"limits": {"turns": 5, "total_tokens": 500}},
    ),
    Scenario(name="a limit reached with the answer", turns=[turn("Done.")], call={"limits": {"turns": 1}}),
    Scenario(
        name="a limit that is unknown",
        turns=[turn("Done.")],
        call={"limits": {"steps": 1}},
        known=[apart("own_words", "there is no limit 'steps'", "TypeError")],
    ),
    Scenario(
        name="a limit of zero",
        turns=[turn("Done.")],
        call={"limits": {"turns": 0}},
        known=[apart("own_words", "must be a number above 0", "TypeError")],
    ),
    Scenario(
        name="a limit, then a prompt",
        turns=TOOL,
        tools=[double],
        call={"limits": {"turns": 1}},
        prompts=["first", "second"],
        known=[limit_is_told],
    ),
    Scenario(
        name="window of two messages",
        turns=[turn("One."), turn("Two.")],
        prompts=["a", "b"],
        options=lambda sdk: {
            "messages": chat(),
            "conversation_manager": sdk.managers.SlidingWindowConversationManager(window_size=2),
        },
    ),
    Scenario(
        name="window of three messages with tools",
        turns=[*TOOL, *TOOL],
        tools=[double],
        prompts=["a", "b"],
        options=lambda sdk: {"conversation_manager": sdk.managers.SlidingWindowConversationManager(window_size=3)},
    ),
]
