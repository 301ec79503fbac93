"""Scenarios that somebody who looks for trouble would write."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from tests.parity.answers import OVERFLOW, chat
from tests.parity.apart import apart
from tests.parity.asked import HELP, helped, interrupted
from tests.parity.differences import (
    cancel_is_told,
    exceptions_are_told,
    max_tokens_is_told,
    one_force_stop,
    providers_exception,
    whole_schema,
)
from tests.parity.hooked import TOOL
from tests.parity.scenario import Scenario
from tests.parity.tools import declared, double, fail, give, ran
from tests.provider import DROP, call, refusal, stream, think, turn


class Inner(BaseModel):
    """Something inside."""

    x: int


class Outer(BaseModel):
    inner: Inner
    more: list[Inner] = []
    maybe: Inner | None = None


@declared(context=True)
async def stop_all(tool_context: Any) -> str:
    """Cancel the agent."""
    ran("stop_all")
    tool_context.agent.cancel()
    return "cancelled"


@declared(context=True)
async def flag(tool_context: Any) -> str:
    """Leave word that the loop is to end."""
    tool_context.invocation_state["request_state"]["stop_event_loop"] = True
    return "flagged"


@declared(context=True)
async def two_questions(tool_context: Any) -> str:
    """Ask one after the other."""
    return f"{tool_context.interrupt('first')} and {tool_context.interrupt('second')}"


@declared(context="call")
async def remember(word: str, call: Any) -> str:
    """Keep a word in the agent's state.

    Args:
        word: The word.
        call: Not for the model.
    """
    call.agent.state.set("word", word)
    call.agent.system_prompt = f"Mind {word}."
    return json.dumps(call.agent.state.get())


async def with_agent(word: str, agent: Any) -> str:
    """Have the agent injected."""
    return f"{word} {len(agent.messages)}"


def later(word: str) -> Any:
    """Give a coroutine."""

    async def said() -> str:
        return word

    return said()


async def ends_with_a_status(n: int) -> Any:
    """Stream, and end with a whole result."""
    for number in range(n):
        yield {"data": number, "message": "not a message"}
    yield {"status": "error", "content": [{"text": "no"}, {"json": {"a": 1}}]}


def split_in_the_middle(text: str) -> list[Any]:
    """A turn whose bytes are written so that letters of several bytes are cut."""
    raw = b"".join(
        b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n" for chunk in stream({"content": text})
    )
    return [raw[start : start + 7] for start in range(0, len(raw), 7)]


def used(name: str, tool: Any, *calls: Any, **more: Any) -> Scenario:
    return Scenario(name=name, turns=[turn(*calls), turn("Done.")], tools=[tool], **more)


async def direct_call(stage: Any) -> None:
    stage.tell("run", ("direct", {"result": stage.agent.tool.double(number=4)}))
    await stage.ask("go")


async def changed_between(stage: Any) -> None:
    await stage.ask("first")
    stage.agent.system_prompt = "Now differently."
    stage.agent.messages.append({"role": "user", "content": [{"text": "by hand"}]})
    await stage.ask("second")


def resume_twice(event: Any) -> None:
    if len(event.agent.messages) < 5:
        event.resume = "on"


CACHED = [{"text": "long"}, {"cachePoint": {"type": "default"}}, {"text": "short"}]
DOCUMENT = [{"text": "read"}, {"document": {"format": "txt", "name": "a", "source": {"bytes": b"words"}}}]
THOUGHT = [
    *chat(1),
    {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "Hm."}}}, {"text": "Yes."}]},
]

SCENARIOS = [
    Scenario(name="letters cut in two", turns=[split_in_the_middle("Grüße aus 東京 🗼!")]),
    used("a tool cancels the agent", stop_all, call("stop_all"), known=[cancel_is_told]),
    used("a tool sets stop_event_loop", flag, call("flag")),
    used("a tool asks twice", two_questions, call("two_questions"), drive=interrupted),
    used("a tool changes the agent", remember, call("remember", {"word": "Rome"})),
    used("a tool that wants the agent", with_agent, call("with_agent", {"word": "hi"})),
    used(
        "a tool that gives a coroutine",
        later,
        call("later", {"word": "hi"}),
        known=[apart("coroutines_are_awaited", "[{'text': 'hi'}]", "<coroutine object")],
    ),
    used("a stream that ends with a status", ends_with_a_status, call("ends_with_a_status", {"n": 2})),
    used(
        "a failing and a streaming tool's names", fail, call("fail", {"kind": "key"}), call("fail", {"kind": "value"})
    ),
    Scenario(name="a direct tool call", turns=TOOL, tools=[double], drive=direct_call),
    Scenario(name="changed between two prompts", turns=[turn("One."), turn("Two.")], drive=changed_between),
    Scenario(name="cache points in a prompt", turns=[turn("Yes.")], prompts=[CACHED]),
    Scenario(name="a document in a prompt", turns=[turn("Yes.")], prompts=[DOCUMENT]),
    Scenario(name="reasoning in the history", turns=[turn("Yes.")], options=lambda sdk: {"messages": [*THOUGHT]}),
    Scenario(name="further keywords", turns=TOOL, tools=[double], call={"user_id": "u"}),
    Scenario(
        name="overflow that nobody manages",
        turns=[OVERFLOW],
        options=lambda sdk: {"conversation_manager": sdk.managers.NullConversationManager()},
    ),
    Scenario(name="overflow again and again", turns=[OVERFLOW], options=lambda sdk: {"messages": chat()}),
    Scenario(
        name="overflow after a tool",
        turns=[turn(call("give", {"kind": "image"})), OVERFLOW, turn("It fits.")],
        tools=[give],
    ),
    Scenario(
        name="max tokens, then a prompt",
        turns=[turn("This is cut o", finish="length"), turn("Whole.")],
        prompts=["first", "second"],
        known=[max_tokens_is_told],
    ),
    Scenario(name="thinking until the end", turns=[turn(think("Hm."), finish="length")], known=[max_tokens_is_told]),
    Scenario(
        name="a filtered tool call",
        turns=[turn(call("double", {"number": 1}), finish="content_filter")],
        tools=[double],
        known=[apart("cut_calls_are_text", "was not run, because")],
    ),
    Scenario(
        name="nested structured output",
        turns=[
            turn(call("Outer", {"inner": {"x": "y"}})),
            turn(call("Outer", {"inner": {"x": 1}, "more": [{"x": 2}]})),
        ],
        call={"structured_output_model": Outer},
        known=[whole_schema, exceptions_are_told],
    ),
    Scenario(
        name="structured output and a limit",
        turns=[turn("Text."), turn(call("Inner", {"x": 1}))],
        call={"structured_output_model": Inner, "limits": {"turns": 1}},
        known=[apart("no_prompt_at_a_limit", r"'text': 'Text.\n'", "You must format")],
    ),
    Scenario(
        name="a hook that resumes twice",
        turns=[turn("a"), turn("b"), turn("c")],
        hooks=[("AfterInvocationEvent", resume_twice)],
    ),
    Scenario(
        name="a sub-agent whose connection drops",
        turns=[HELP, turn("I ", DROP), turn("Done.")],
        options=helped,
        known=[providers_exception, exceptions_are_told],
    ),
    Scenario(
        name="a tool's answer and a refusal",
        turns=[*TOOL[:1], refusal(400, "bad request")],
        tools=[double],
        known=[one_force_stop],
    ),
    Scenario(
        name="two sub-agents at once",
        turns=[
            turn(call("helper", {"input": "a"}), call("helper", {"input": "b"})),
            turn("I help."),
            turn("Again."),
            turn("Done."),
        ],
        options=helped,
        known=[apart("a_busy_sub_agent_waits", "'input': {'input': 'b'}}, 'data'", "already processing a request")],
    ),
]
