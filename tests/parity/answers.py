"""Scenarios: what the provider answers, and how it fails."""

from __future__ import annotations

from typing import Any

from tests.parity.apart import apart
from tests.parity.differences import (
    broken_stream_is_told,
    max_tokens_is_told,
    one_force_stop,
    providers_exception,
    tool_use_is_said,
)
from tests.parity.scenario import Scenario
from tests.parity.tools import count, double, give, wait
from tests.provider import DROP, call, refusal, think, turn

LONG = "This model's maximum context length is 10 tokens."
OVERFLOW = refusal(400, LONG, "context_length_exceeded")


def chat(length: int = 8) -> list[dict[str, Any]]:
    """A conversation so far, made anew: stock writes into its messages."""
    roles = ("user", "assistant") * 4
    return [{"role": role, "content": [{"text": f"{role} {n}"}]} for n, role in enumerate(roles[:length])]


SCENARIOS = [
    Scenario(name="text", turns=[turn("Paris is the capital.")]),
    Scenario(name="empty answer", turns=[turn()]),
    Scenario(
        name="one tool", turns=[turn("Let me see. ", call("double", {"number": 4})), turn("It is 8.")], tools=[double]
    ),
    Scenario(
        name="parallel tools that end in another order",
        turns=[
            turn(*(call("wait", {"name": name, "turns": turns}) for name, turns in (("a", 4), ("b", 1), ("c", 2)))),
            turn("Done."),
        ],
        tools=[wait],
    ),
    Scenario(name="streaming tool", turns=[turn(call("count", {"to": 3})), turn("Done.")], tools=[count]),
    Scenario(name="reasoning", turns=[turn(think("Let me think."), "Done.")]),
    Scenario(
        name="reasoning then tool",
        turns=[turn(think("I should double."), call("double", {"number": 1})), turn("Two.")],
        tools=[double],
    ),
    Scenario(name="max tokens", turns=[turn("This is cut o", finish="length")], known=[max_tokens_is_told]),
    Scenario(
        name="max tokens in a tool call",
        turns=[turn("I call ", call("double", '{"num'), finish="length")],
        tools=[double],
        known=[max_tokens_is_told],
    ),
    Scenario(name="content filter", turns=[turn("I ", finish="content_filter")]),
    Scenario(name="500", turns=[refusal(500, "oh no")]),
    Scenario(name="429", turns=[refusal(429, "slow down")]),
    Scenario(name="401", turns=[refusal(401, "wrong key")]),
    Scenario(name="404", turns=[refusal(404, "no such model")]),
    Scenario(name="overflow, short history", turns=[OVERFLOW]),
    Scenario(
        name="overflow, long history",
        turns=[OVERFLOW, turn("Now it fits.")],
        options=lambda sdk: {
            "messages": chat(),
            "conversation_manager": sdk.managers.SlidingWindowConversationManager(window_size=5),
        },
    ),
    Scenario(
        name="overflow, a large tool result",
        turns=[turn(call("give", {"kind": "huge"})), OVERFLOW, turn("Now it fits.")],
        tools=[give],
    ),
    Scenario(name="dropped connection", turns=[turn("One two ", DROP)], known=[providers_exception]),
    Scenario(name="dropped before the first word", turns=[[DROP]], known=[providers_exception]),
    Scenario(name="a stream without a finish", turns=[turn("One two", finish=None)], known=[broken_stream_is_told]),
    Scenario(
        name="a tool call without a finish",
        turns=[turn(call("double", {"number": 2}), finish=None), turn("4")],
        tools=[double],
        known=[tool_use_is_said],
    ),
    Scenario(
        name="error in a later cycle",
        turns=[turn(call("double", {"number": 4})), refusal(500, "oh no")],
        tools=[double],
        known=[one_force_stop],
    ),
    Scenario(
        name="error in the third cycle",
        turns=[turn(call("double", {"number": 4}))] * 2 + [refusal(401, "no")],
        tools=[double],
        known=[one_force_stop],
    ),
    Scenario(name="usage unknown", turns=[turn("Done.", usage=None)]),
    Scenario(name="two prompts", turns=[turn("One."), turn("Two.")], prompts=["first", "second"]),
    Scenario(name="a prompt after an error", turns=[refusal(500, "oh no"), turn("Two.")], prompts=["first", "second"]),
    Scenario(
        name="text after a tool call",
        turns=[turn(call("double", {"number": 2}), "text after"), turn("4")],
        tools=[double],
        known=[apart("blocks_in_order", "}}, {'text': 'text after'}]", "[{'text': 'text after'}, {'toolUse'")],
    ),
    Scenario(name="text reasoning text", turns=[turn("a", think("b"), "c")]),
    Scenario(name="only spaces", turns=[turn("  \n ")]),
    Scenario(
        name="finish stop with tool call",
        turns=[turn(call("double", {"number": 2}), finish="stop"), turn("4")],
        tools=[double],
        known=[tool_use_is_said],
    ),
    Scenario(
        name="finish tool_calls without a call",
        turns=[turn("hm", finish="tool_calls"), turn("Done.")],
        tools=[double],
        known=[apart("tools_without_a_call", r"'text': 'hm\n'", "Done.")],
    ),
]
