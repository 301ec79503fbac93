"""Scenarios: prompts of every shape, structured output, interrupts, agents as tools, callback handlers, odd models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, field_validator

from tests.parity.answers import chat
from tests.parity.apart import apart
from tests.parity.differences import (
    after_tools_always,
    exceptions_are_told,
    own_words,
    refusal_is_told,
    request_order,
    unanswered_calls_first,
    whole_schema,
)
from tests.parity.scenario import Scenario
from tests.parity.tools import ask, double, tally, wait
from tests.provider import call, refusal, turn

TOOL = [turn("Let me see. ", call("double", {"number": 4})), turn("It is 8.")]
NOTHING = apart("something_to_answer", "there is nothing to answer", "'data': 'Yes.'")
BLOCKS = [{"text": "one"}, {"text": "two"}]
IMAGE = [{"text": "what is this?"}, {"image": {"format": "png", "source": {"bytes": b"png"}}}]


class Person(BaseModel):
    """A person."""

    name: str
    age: int = Field(description="in years")
    tags: list[str] | None = None


class Picky(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def only_bob(cls, name: str) -> str:
        if name != "Bob":
            raise ValueError("only Bob will do")
        return name


BOB = call("Person", {"name": "Bob", "age": 3})


def structured(name: str, *turns: Any, model: Any = Person, **more: Any) -> Scenario:
    return Scenario(
        name=f"structured output {name}",
        turns=turns,
        **{"call": {"structured_output_model": model}, "known": [whole_schema], **more},
    )


async def interrupted(stage: Any) -> None:
    """Answer each interrupt with its name in capitals, until there is none."""
    events = await stage.ask("go")
    while events and (asked := events[-1].get("result")) is not None and asked.stop_reason == "interrupt":
        answers = [{"interruptId": one.id, "response": one.name.upper()} for one in asked.interrupts]
        events = await stage.ask([{"interruptResponse": answer} for answer in answers])


async def one_at_a_time(stage: Any) -> None:
    events = await stage.ask("go")
    for _ in range(3):
        asked = events[-1].get("result") if events else None
        if asked is None or asked.stop_reason != "interrupt":
            return
        one = asked.interrupts[0]
        events = await stage.ask([{"interruptResponse": {"interruptId": one.id, "response": "yes"}}])


async def answered_wrongly(stage: Any) -> None:
    await stage.ask("go")
    await stage.ask("a prompt instead")
    await stage.ask([{"interruptResponse": {"interruptId": "nobody", "response": 1}}])


def gate(event: Any) -> None:
    if event.interrupt("approve", reason={"tool": event.tool_use["name"]}) != "APPROVE":
        event.cancel_tool = "denied"


def gate_all(event: Any) -> None:
    if event.interrupt("all", reason="all of them") != "ALL":
        event.cancel = "denied"


def given(event: Any) -> None:
    event.interrupt("ready", response="at hand")


def helped(sdk: Any) -> dict[str, Any]:
    """The options of an agent with another one as its tool, which asks the same provider."""
    kwargs = {"callback_handler": None, "retry_strategy": sdk.retry(1), "tools": [sdk.tool(double)]}
    helper = sdk.top.Agent(model=sdk.model(), name="helper", description="Helps.", **kwargs)
    return {"tools": [helper.as_tool()]}


def with_an_asking_helper(sdk: Any) -> dict[str, Any]:
    kwargs = {"callback_handler": None, "retry_strategy": sdk.retry(1), "tools": [sdk.tool(ask)]}
    return {"tools": [sdk.top.Agent(model=sdk.model(), name="helper", description="Helps.", **kwargs).as_tool()]}


def with_a_gated_helper(sdk: Any) -> dict[str, Any]:
    options = helped(sdk)
    options["tools"][0].agent.add_hook(gate, sdk.hooks.BeforeToolCallEvent)
    return options


def with_a_helper_that_counts(sdk: Any) -> dict[str, Any]:
    kwargs = {"callback_handler": None, "retry_strategy": sdk.retry(1), "tools": [sdk.tool(tally)]}
    helper = sdk.top.Agent(model=sdk.model(), name="helper", description="Helps.", state={"n": 7}, **kwargs)
    return {"tools": [helper.as_tool()]}


HELP = turn(call("helper", {"input": "help me"}))


async def handled(stage: Any) -> None:
    """The handler gets what is yielded, just before."""
    order: list[tuple[str, Any]] = []
    stage.agent.callback_handler = lambda **kwargs: order.append(("handler", kwargs))
    async for event in stage.agent.stream_async("go"):
        order.append(("event", event))
    pairs = list(zip(order[::2], order[1::2], strict=True))
    stage.tell("run", ("handled", all(one[1].keys() == two[1].keys() and one[0] == "handler" for one, two in pairs)))


async def handler_fails(stage: Any) -> None:
    def fails(**kwargs: Any) -> None:
        if "data" in kwargs:
            raise RuntimeError("the handler broke")

    stage.agent.callback_handler = fails
    await stage.ask("go")


SCENARIOS = [
    Scenario(name="prompt of blocks", turns=[turn("Yes.")], prompts=[BLOCKS]),
    Scenario(name="prompt with an image", turns=[turn("Yes.")], prompts=[IMAGE]),
    Scenario(name="prompt of messages", turns=[turn("Yes.")], prompts=[chat(3)]),
    Scenario(
        name="no prompt, with a history",
        turns=[turn("Yes.")],
        prompts=[None],
        options=lambda sdk: {"messages": chat(3)},
    ),
    Scenario(name="no prompt and no history", turns=[turn("Yes.")], prompts=[None], known=[NOTHING]),
    Scenario(name="empty prompt", turns=[turn("Yes.")], prompts=[""]),
    Scenario(name="empty list as a prompt", turns=[turn("Yes.")], prompts=[[]], known=[NOTHING]),
    Scenario(name="no block as a prompt", turns=[turn("Yes.")], prompts=[[{}]], known=[own_words]),
    Scenario(
        name="a block that nobody knows as a prompt", turns=[turn("Yes.")], prompts=[[{"a": 1}]], known=[own_words]
    ),
    Scenario(name="a number as a prompt", turns=[turn("Yes.")], prompts=[5], known=[own_words]),
    Scenario(
        name="a history that ends with tool calls",
        turns=[turn("Yes.")],
        tools=[double],
        prompts=[None],
        options=lambda sdk: {
            "messages": [
                *chat(1),
                {
                    "role": "assistant",
                    "content": [{"toolUse": {"toolUseId": "t", "name": "double", "input": {"number": 2}}}],
                },
            ]
        },
    ),
    Scenario(
        name="a history that ends with tool calls, and a prompt",
        turns=[turn("Yes.")],
        tools=[double],
        known=[unanswered_calls_first],
        options=lambda sdk: {
            "messages": [
                *chat(1),
                {
                    "role": "assistant",
                    "content": [{"toolUse": {"toolUseId": "t", "name": "double", "input": {"number": 2}}}],
                },
            ]
        },
    ),
    Scenario(name="system prompt", turns=[turn("Yes.")], options=lambda sdk: {"system_prompt": "Be brief."}),
    Scenario(
        name="system prompt of blocks",
        turns=[turn("Yes.")],
        options=lambda sdk: {
            "system_prompt": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}, {"text": "Or not."}]
        },
    ),
    Scenario(name="empty system prompt", turns=[turn("Yes.")], options=lambda sdk: {"system_prompt": ""}),
    structured("direct", turn(BOB)),
    structured("after a tool", turn(call("double", {"number": 2})), turn(BOB), tools=[double]),
    structured("beside a tool", turn(call("double", {"number": 2}), BOB), tools=[double]),
    structured("forced", turn("I am Bob."), turn(BOB)),
    structured("forced, and another tool is there", turn("I am Bob."), turn(BOB), tools=[double]),
    structured("refused", turn("I am Bob."), turn("No."), known=[whole_schema, refusal_is_told]),
    structured("in a text when forced", turn("I am Bob."), turn('{"name": "Bob", "age": 3}')),
    structured(
        "invalid then right",
        turn(call("Person", {"name": "Bob"})),
        turn(BOB),
        known=[whole_schema, exceptions_are_told],
    ),
    structured(
        "of wrong types then right",
        turn(call("Person", {"name": 1, "age": "x", "tags": "y"})),
        turn(BOB),
        known=[whole_schema, exceptions_are_told],
    ),
    structured(
        "that a validator refuses",
        turn(call("Picky", {"name": "Al"})),
        turn(call("Picky", {"name": "Bob"})),
        model=Picky,
        known=[whole_schema, exceptions_are_told],
    ),
    structured("twice", turn(BOB, call("Person", {"name": "Al", "age": 4}))),
    structured("then a plain prompt", turn(BOB), turn("Plain.")),
    structured(
        "of no model",
        turn("x"),
        model=int,
        known=[apart("own_words", "must be a pydantic model class", "AttributeError")],
    ),
    Scenario(
        name="interrupt in a hook", turns=TOOL, tools=[double], hooks=[("BeforeToolCallEvent", gate)], drive=interrupted
    ),
    Scenario(
        name="interrupt answered in advance",
        turns=TOOL,
        tools=[double],
        hooks=[("BeforeToolCallEvent", given)],
        drive=interrupted,
    ),
    Scenario(
        name="interrupt in BeforeToolsEvent",
        turns=TOOL,
        tools=[double],
        hooks=[("BeforeToolsEvent", gate_all)],
        drive=interrupted,
        known=[after_tools_always],
    ),
    Scenario(
        name="interrupt in a tool",
        turns=[turn(call("ask", {"what": "colour"})), turn("Done.")],
        tools=[ask],
        drive=interrupted,
    ),
    Scenario(
        name="two parallel interrupts",
        turns=[turn(call("double", {"number": 1}), call("double", {"number": 2})), turn("Done.")],
        tools=[double],
        hooks=[("BeforeToolCallEvent", gate)],
        drive=interrupted,
    ),
    Scenario(
        name="two parallel interrupts, one answered at a time",
        turns=[turn(call("ask", {"what": "colour"}), call("ask", {"what": "size"})), turn("Done.")],
        tools=[ask],
        drive=one_at_a_time,
    ),
    Scenario(
        name="an interrupt beside a tool that finishes",
        turns=[turn(call("ask", {"what": "colour"}), call("wait", {"name": "a", "turns": 1})), turn("Done.")],
        tools=[ask, wait],
        drive=interrupted,
        known=[request_order],
    ),
    Scenario(
        name="an interrupt and a wrong answer",
        turns=[turn(call("ask", {"what": "colour"})), turn("Done.")],
        tools=[ask],
        drive=answered_wrongly,
        known=[own_words],
    ),
    Scenario(
        name="an answer to no question",
        prompts=[[{"interruptResponse": {"interruptId": "x", "response": "yes"}}]],
        known=[own_words],
    ),
    Scenario(
        name="interrupt, no", turns=TOOL, tools=[double], hooks=[("BeforeToolCallEvent", gate)], drive=one_at_a_time
    ),
    Scenario(name="agent as a tool", turns=[HELP, turn("I help."), turn("Done.")], options=helped),
    Scenario(
        name="agent as a tool, which asks",
        turns=[HELP, turn(call("ask", {"what": "colour"})), turn("I help."), turn("Done.")],
        options=with_an_asking_helper,
        drive=interrupted,
    ),
    Scenario(
        name="agent as a tool, which asks twice by one name",
        turns=[HELP, *[turn(call("ask", {"what": "colour"}))] * 2, turn("I help."), turn("Done.")],
        options=with_an_asking_helper,
        drive=interrupted,
    ),
    Scenario(
        name="agent as a tool, which asks two questions at once, one answered at a time",
        turns=[HELP, turn(call("ask", {"what": "a"}), call("ask", {"what": "b"})), turn("I help."), turn("Done.")],
        options=with_an_asking_helper,
        drive=one_at_a_time,
    ),
    Scenario(
        name="agent as a tool, whose hook asks",
        turns=[HELP, *TOOL, turn("Done.")],
        options=with_a_gated_helper,
        drive=interrupted,
    ),
    Scenario(
        name="agent as a tool, called twice with a state",
        turns=[*[HELP, turn(call("tally")), turn("I help.")] * 2, turn("Done.")],
        options=with_a_helper_that_counts,
    ),
    Scenario(
        name="two hooks that ask by one name",
        turns=TOOL,
        tools=[double],
        hooks=[("BeforeToolCallEvent", gate), ("BeforeToolCallEvent", gate)],
    ),
    structured(
        "and a limit before it is forced",
        turn("I am Bob."),
        turn(BOB),
        call={"structured_output_model": Person, "limits": {"turns": 1}},
        known=[apart("nobody_is_asked_at_a_limit", "the limit of 1 turn is reached", "as structured output.")],
    ),
    Scenario(name="agent as a tool, which uses a tool", turns=[HELP, *TOOL, turn("Done.")], options=helped),
    Scenario(
        name="agent as a tool, twice",
        turns=[HELP, turn("I help."), HELP, turn("Again."), turn("Done.")],
        options=helped,
    ),
    Scenario(
        name="agent as a tool that fails",
        turns=[HELP, refusal(500, "oh no"), turn("Done.")],
        options=helped,
        known=[exceptions_are_told],
    ),
    Scenario(
        name="agent as a tool, wrong input",
        turns=[turn(call("helper", {"question": "x"})), turn("Done.")],
        options=helped,
        known=[apart("a_sub_agent_needs_input", "`input` must be a text", "tool_stream_event")],
    ),
    Scenario(
        name="agent as a tool that is cut",
        turns=[HELP, turn("I", finish="length"), turn("Done.")],
        options=helped,
        known=[apart("own_words", "Agent error: the model stopped", "Agent error: Model stopped")],
    ),
    Scenario(name="callback handler", turns=TOOL, tools=[double], drive=handled),
    Scenario(name="callback handler that fails", turns=[turn("One two."), turn("Three.")], drive=handler_fails),
]
