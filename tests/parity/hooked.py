"""Scenarios: what hooks change, refuse, repeat and break."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.parity.apart import apart
from tests.parity.differences import (
    a_stopped_call_asks_nobody,
    after_invocation_always,
    cancel_is_told,
    inputs_are_copies,
    result_of_a_refusal,
    retried_as_proposed,
    told_once,
)
from tests.parity.scenario import Once, Scenario
from tests.parity.tools import count, double, fail, look, wait
from tests.provider import call, refusal, turn

Hook = Callable[[Any], Any]
TOOL = [turn("Let me see. ", call("double", {"number": 4})), turn("It is 8.")]
TWO = [turn(call("double", {"number": 1}), call("double", {"number": 2})), turn("Done.")]
POINTS = (
    "BeforeInvocationEvent",
    "MessageAddedEvent",
    "BeforeModelCallEvent",
    "AfterModelCallEvent",
    "BeforeToolsEvent",
    "BeforeToolCallEvent",
    "AfterToolCallEvent",
    "AfterToolsEvent",
    "AfterInvocationEvent",
)

RAISED: dict[str, list[Any]] = {
    "BeforeInvocationEvent": [after_invocation_always],
    "AfterModelCallEvent": [told_once],
    "AfterToolCallEvent": [apart("a_hooks_fault_is_no_tools", "EventLoopException", "Error: the hook broke")],
}
CANCELLED: dict[str, list[Any]] = {
    **{point: [cancel_is_told, a_stopped_call_asks_nobody] for point in POINTS[:3]},
    **{point: [cancel_is_told] for point in POINTS[3:8]},
}


def in_order(sdk: Any) -> dict[str, Any]:
    return {"tool_executor": sdk.executors.SequentialToolExecutor()}


def sets(**fields: Any) -> Hook:
    def hook(event: Any) -> None:
        for name, value in fields.items():
            setattr(event, name, value)

    return hook


def breaks(event: Any) -> None:
    raise RuntimeError("the hook broke")


def at(name: str, point: str, hook: Any, turns: Any = None, **more: Any) -> Scenario:
    more = {"tools": [double], **more}
    return Scenario(name=name, turns=turns or TOOL, hooks=[(point, hook)], **more)


def edit_input(event: Any) -> None:
    event.tool_use = {**event.tool_use, "input": {"number": 50}}


def other_id(event: Any) -> None:
    event.tool_use = {**event.tool_use, "toolUseId": "other"}


def other_result_id(event: Any) -> None:
    event.result = {**event.result, "toolUseId": "other"}


def edit_input_in_place(event: Any) -> None:
    event.tool_use["input"]["number"] = 50


def rename(event: Any) -> None:
    event.tool_use = {**event.tool_use, "name": "triple"}


def other_tool(event: Any) -> None:
    event.tool_use = {**event.tool_use, "name": "wait", "input": {"name": "x", "turns": 0}}


def edit_result(event: Any) -> None:
    event.result = {**event.result, "content": [{"text": "eighty"}]}


def edit_result_in_place(event: Any) -> None:
    event.result["content"][0]["text"] = "eighty"


def edit_prompt(event: Any) -> None:
    event.messages = [{"role": "user", "content": [{"text": "something else"}]}]


def edit_prompt_in_place(event: Any) -> None:
    event.messages[0]["content"][0]["text"] = "something else"


def edit_request(event: Any) -> None:
    event.agent.messages[0]["content"] = [{"text": "changed"}]
    event.agent.system_prompt = "Be brief."


def add_message(event: Any) -> None:
    event.agent.messages.append({"role": "assistant", "content": [{"text": "I said this."}]})


def retry(event: Any) -> None:
    event.retry = True


def retry_error(event: Any) -> None:
    event.retry = event.exception is not None


def resume(event: Any) -> None:
    event.resume = "and on"


async def slowly(event: Any) -> None:
    event.cancel_tool = "not now"


def cancel_agent(event: Any) -> None:
    event.agent.cancel()


def remember(event: Any) -> None:
    event.invocation_state["user_id"] += "!"


KEPT_ID = apart("results_keep_their_id", "'toolResult': {'toolUseId': 'call_1'", "'toolResult': {'toolUseId': 'other'")

SCENARIOS = [
    *(at(f"hook raises in {point}", point, Once(breaks), known=RAISED.get(point, ())) for point in POINTS),
    at("hook cancels a tool", "BeforeToolCallEvent", sets(cancel_tool=True)),
    at("hook cancels a tool with a text", "BeforeToolCallEvent", sets(cancel_tool="too dear")),
    at(
        "hook cancels one of two tools",
        "BeforeToolCallEvent",
        Once(sets(cancel_tool="too dear")),
        TWO,
        options=in_order,
    ),
    at("an async hook cancels a tool", "BeforeToolCallEvent", slowly),
    at("hook cancels the model call", "BeforeModelCallEvent", sets(cancel=True)),
    at("hook cancels the model call with a text", "BeforeModelCallEvent", sets(cancel="no money")),
    at("hook cancels the invocation", "BeforeInvocationEvent", sets(cancel=True), known=[result_of_a_refusal]),
    at(
        "hook cancels the invocation with a text",
        "BeforeInvocationEvent",
        sets(cancel="not today"),
        known=[result_of_a_refusal],
    ),
    at("hook cancels the tools", "BeforeToolsEvent", sets(cancel=True), TWO),
    at("hook cancels the tools with a text", "BeforeToolsEvent", sets(cancel="not these"), TWO),
    at("hook edits the input", "BeforeToolCallEvent", edit_input),
    at("hook edits the input in place", "BeforeToolCallEvent", edit_input_in_place, known=[inputs_are_copies]),
    at("hook names a tool that is not there", "BeforeToolCallEvent", rename),
    at("hook names another tool", "BeforeToolCallEvent", other_tool, tools=[double, wait]),
    at("hook takes the tool away", "BeforeToolCallEvent", sets(selected_tool=None)),
    at("hook edits the result", "AfterToolCallEvent", edit_result),
    at("hook edits the result in place", "AfterToolCallEvent", edit_result_in_place),
    at(
        "hook edits the result's status",
        "AfterToolCallEvent",
        lambda e: setattr(e, "result", {**e.result, "status": "error"}),
    ),
    at("hook edits the prompt", "BeforeInvocationEvent", edit_prompt),
    at("hook edits the prompt in place", "BeforeInvocationEvent", edit_prompt_in_place),
    at("hook edits the request via the agent", "BeforeModelCallEvent", edit_request),
    at("hook adds a message", "BeforeModelCallEvent", Once(add_message)),
    at("hook retries the model", "AfterModelCallEvent", Once(retry), [turn("First."), turn("Second.")]),
    at(
        "hook retries the model after an error",
        "AfterModelCallEvent",
        Once(retry_error),
        [refusal(500, "oh no"), turn("Second.")],
    ),
    at("hook retries a tool", "AfterToolCallEvent", Once(retry)),
    at(
        "hook retries a failing tool",
        "AfterToolCallEvent",
        Once(retry),
        [turn(call("fail", {"kind": "value"})), turn("Done.")],
        tools=[fail],
    ),
    at(
        "hook retries a streaming tool",
        "AfterToolCallEvent",
        Once(retry),
        [turn(call("count", {"to": 2})), turn("Done.")],
        tools=[count],
    ),
    Scenario(
        name="hook retries a call that was refused",
        turns=TOOL,
        tools=[double],
        hooks=[("BeforeToolCallEvent", Once(sets(cancel_tool="no"))), ("AfterToolCallEvent", Once(retry))],
        known=[apart("a_refused_call_is_retried", "('run', ['double'")],
    ),
    Scenario(
        name="hook edits the input of a call that is retried",
        turns=TOOL,
        tools=[double],
        hooks=[("BeforeToolCallEvent", edit_input), ("AfterToolCallEvent", Once(retry))],
        known=[retried_as_proposed],
    ),
    at("hook changes the call's id", "BeforeToolCallEvent", other_id, known=[KEPT_ID]),
    at("hook changes the result's id", "AfterToolCallEvent", other_result_id, known=[KEPT_ID]),
    at(
        "hook slips",
        "BeforeToolCallEvent",
        sets(cancel_tools="no"),
        known=[apart("own_words", "cancel_tools of BeforeToolCallEvent", "is not writable")],
    ),
    at("hook retries an unknown tool", "AfterToolCallEvent", Once(retry), [turn(call("nope", {})), turn("Done.")]),
    at("hook leaves the messages alone, by None", "BeforeInvocationEvent", sets(messages=None)),
    at("hook ends the turn", "AfterToolsEvent", sets(end_turn=True)),
    at("hook ends the turn with a text", "AfterToolsEvent", sets(end_turn="That is enough.")),
    at("hook ends the turn with blocks", "AfterToolsEvent", sets(end_turn=[{"text": "a"}, {"text": "b"}])),
    at("hook resumes", "AfterInvocationEvent", Once(resume), [turn("One."), turn("Two.")]),
    at(
        "hook leaves something in the state",
        "BeforeToolCallEvent",
        remember,
        call={"invocation_state": {"user_id": "x"}},
        tools=[double, look],
    ),
    *(at(f"cancel in {point}", point, Once(cancel_agent), known=CANCELLED.get(point, ())) for point in POINTS),
    Scenario(
        name="two hooks, in order",
        turns=TOOL,
        tools=[double],
        hooks=[
            ("BeforeToolCallEvent", edit_input),
            ("BeforeToolCallEvent", lambda e: e.tool_use["input"].update(number=e.tool_use["input"]["number"] + 1)),
        ],
    ),
    Scenario(
        name="a hook takes a tool away before the model is asked",
        turns=TOOL,
        tools=[double, wait],
        hooks=[("BeforeModelCallEvent", Once(lambda e: e.agent.tool_registry.registry.pop("wait")))],
    ),
    Scenario(
        name="a hook takes a call out of the message",
        turns=[turn(call("double", {"number": 1}), call("double", {"number": 2}), call("look", {})), turn("Done.")],
        tools=[double],
        hooks=[("BeforeToolsEvent", Once(lambda e: e.message["content"].pop(0)))],
    ),
    Scenario(
        name="a hook takes each call out of the message",
        turns=[turn("Well. ", call("double", {"number": 1})), turn("Done.")],
        tools=[double],
        hooks=[("BeforeToolsEvent", Once(lambda e: e.message["content"].pop()))],
    ),
    Scenario(
        name="a message hook that edits",
        turns=TOOL,
        tools=[double],
        hooks=[("MessageAddedEvent", Once(lambda e: e.message["content"].append({"text": "ps"})))],
    ),
]
