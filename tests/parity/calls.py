"""Scenarios: tools, what they are given, what they give, and what the model is told of it."""

from __future__ import annotations

from typing import Any

from tests.parity import tools
from tests.parity.apart import apart
from tests.parity.scenario import Scenario
from tests.parity.tools import VALUES, count, double, fail, give, look, place, renamed, wait
from tests.provider import call, turn

DONE = turn("Done.")
INVALID = apart("invalid_input_is_told", "is not a JSON object, so the tool was not run", "Validation failed")


def used(name: str, tool: Any, *calls: Any, **more: Any) -> Scenario:
    """A model that makes these calls in one message, and is done."""
    return Scenario(name=name, turns=[turn(*calls), DONE], tools=tool if isinstance(tool, list) else [tool], **more)


GIVEN = [used(f"tool gives {kind}", give, call("give", {"kind": kind})) for kind in VALUES if kind != "no content"]
RAISED = [
    used(f"tool raises {kind}", fail, call("fail", {"kind": kind})) for kind in ("runtime", "value", "key", "empty")
]

SCENARIOS = [
    *GIVEN,
    *RAISED,
    used(
        "tool gives no content",
        give,
        call("give", {"kind": "no content"}),
        known=[apart("a_result_has_content", "'content': [{'text': ''}]")],
    ),
    used("unknown tool", double, call("triple", {"number": 4})),
    used("no tools at all", [], call("triple", {"number": 4})),
    used("wrong arguments", double, call("double", {"number": "four"})),
    used("missing arguments", double, call("double", {})),
    used("too many arguments", double, call("double", {"number": 4, "more": 5})),
    used("an argument that converts", double, call("double", {"number": "4"})),
    used("no arguments at all", renamed, call("odd-name_2", "")),
    used("another name, a default, none", renamed, call("odd-name_2", {"b": None, "c": [1]})),
    used("a model as an argument", place, call("place", {"point": {"x": 1}, "mode": "slow", "tags": {"a": 1}})),
    used("a wrong field in a model", place, call("place", {"point": {"x": "no"}, "mode": "other"})),
    used("a tool without types or docs", tools.bare, call("bare", {"a": 1})),
    used("invalid JSON", double, call("double", '{"number": 4'), known=[INVALID]),
    used("JSON that is no object", double, call("double", "[4]"), known=[INVALID]),
    used("a bad tool name", double, call("bad name!", {"number": 4})),
    used(
        "an empty tool name",
        double,
        call("", {"number": 4}),
        known=[apart("each_call_is_answered", "invalid tool name pattern")],
    ),
    used("a long tool name", double, call("x" * 65, {"number": 4})),
    used("a good and a bad name", double, call("bad name!", {"number": 4}), call("double", {"number": 1})),
    used("the same id twice", double, call("double", {"number": 1}, "same"), call("double", {"number": 2}, "same")),
    used("no id", double, call("double", {"number": 1}, "")),
    used("the same id in two turns", double, call("double", {"number": 1}, "same")),
    used("a streaming tool that fails", tools.streams_and_fails, call("streams_and_fails", {"after": 2})),
    used(
        "a streaming tool that yields nothing",
        tools.streams_nothing,
        call("streams_nothing"),
        known=[apart("a_stream_of_nothing", "'text': 'null'", "UnboundLocalError")],
    ),
    used(
        "two streaming tools",
        count,
        call("count", {"to": 2}),
        call("count", {"to": 1}),
        options=lambda sdk: {"tool_executor": sdk.executors.SequentialToolExecutor()},
    ),
    used(
        "tool with context",
        look,
        call("look", {"word": "hi"}),
        call={"invocation_state": {"user_id": "u"}},
        options=lambda sdk: {"name": "looker"},
    ),
    used("a raising and a good tool", [fail, double], call("fail", {"kind": "value"}), call("double", {"number": 1})),
    used(
        "sequential executor",
        [wait, double],
        call("wait", {"name": "a", "turns": 3}),
        call("double", {"number": 2}),
        call("wait", {"name": "b", "turns": 0}),
        options=lambda sdk: {"tool_executor": sdk.executors.SequentialToolExecutor()},
    ),
    used("a schema with an object in it", tools.described, call("described", {"r": {"z": 1}})),
    used(
        "as many arguments as there are",
        tools.many,
        call("many", {"first": 1, "more": "x"}),
        known=[apart("open_arguments", "'named': {'more': 'x'}", "Field required")],
    ),
    used("unicode input", renamed, call("odd-name_2", '{"b": "Grüße 東京 \\ud83d\\ude00"}')),
    Scenario(
        name="five cycles",
        turns=[*(turn(f"{n} ", call("double", {"number": n}, f"c{n}")) for n in range(5)), DONE],
        tools=[double],
    ),
    Scenario(
        name="twenty calls at once",
        turns=[turn(*(call("double", {"number": n}) for n in range(20))), DONE],
        tools=[double],
        options=lambda sdk: {"tool_executor": sdk.executors.SequentialToolExecutor()},
    ),
]
