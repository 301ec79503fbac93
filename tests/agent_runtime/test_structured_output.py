"""Structured output: given at once, only when forced, and refused."""

from __future__ import annotations

import enum
import json
from typing import Any

import pytest
from pydantic import BaseModel

from agent_runtime.errors import StructuredOutputException
from agent_runtime.hooks import BeforeModelCallEvent
from agent_runtime.models.scripted import call
from agent_runtime.testing import collect, scripted_agent
from tests.agent_runtime.outline import outline, until_raise


class Person(BaseModel):
    """Someone."""

    name: str
    age: int


GOOD = call("Person", {"name": "Ann", "age": 41})


async def test_direct() -> None:
    agent = scripted_agent([GOOD])
    events = await collect(agent, structured_output_model=Person)
    assert outline(events) == (
        "init_event_loop start start_event_loop current_tool_use message(assistant:toolUse) structured_output"
        " message(user:toolResult) complete result(tool_use)"
    )
    result = events[-1]["result"]
    assert result.structured_output == Person(name="Ann", age=41)
    told = agent.messages[2]["content"][0]["toolResult"]["content"]
    assert told == [{"text": "Successfully validated Person structured output"}]
    assert result.to_dict()["structured_output"] == {"name": "Ann", "age": 41}
    assert json.loads(str(result)) == {"name": "Ann", "age": 41}
    assert "Person" not in agent.tool_registry.registry


async def test_forced() -> None:
    agent = scripted_agent("Ann is 41.", [GOOD])
    requests: list[Any] = []
    agent.add_hook(lambda event: requests.append(event.request), BeforeModelCallEvent)
    events = await collect(agent, structured_output_model=Person)
    assert outline(events) == (
        "init_event_loop start start_event_loop data message(assistant:text) complete start start_event_loop"
        " current_tool_use message(assistant:toolUse) structured_output message(user:toolResult) complete"
        " result(tool_use)"
    )
    assert (requests[0].tool_choice, requests[1].tool_choice) == (None, {"tool": {"name": "Person"}})
    assert [spec["name"] for spec in requests[1].tool_specs] == ["Person"]
    assert agent.messages[2]["role"] == "user" and "structured" in agent.messages[2]["content"][0]["text"]


async def test_wrong_then_refused() -> None:
    agent = scripted_agent([call("Person", {"name": "Ann"})], "I would rather not.", "No.")
    events, raised = await until_raise(agent.stream_async("go", structured_output_model=Person))
    assert isinstance(raised, StructuredOutputException) and "Person" in str(raised)
    assert outline(events).endswith("message(assistant:text) force_stop")
    assert sum("force_stop" in event for event in events) == 1
    result = agent.messages[2]["content"][0]["toolResult"]
    assert result["status"] == "error" and "Field 'age'" in result["content"][0]["text"]


async def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(TypeError, match="pydantic"):
        await scripted_agent("x").invoke_async("go", structured_output_model=dict)


async def test_forced_but_answered_as_json_text() -> None:
    agent = scripted_agent("Ann is 41.", '{"name": "Ann", "age": 41}')
    events = await collect(agent, structured_output_model=Person)
    assert outline(events).endswith("message(assistant:text) structured_output complete result(end_turn)")
    assert events[-1]["result"].structured_output == Person(name="Ann", age=41)


def test_the_older_methods_leave_the_conversation_as_it_was() -> None:
    agent = scripted_agent("Hello.", [GOOD], "Text.", "Text.", callback_handler=None)
    agent("Hi")
    kept = list(agent.messages)
    assert agent.structured_output(Person, "Ann is 41.") == Person(name="Ann", age=41)
    assert agent.messages == kept
    with pytest.raises(StructuredOutputException):
        agent.structured_output(Person)
    assert agent.messages == kept


class Kind(enum.Enum):
    A = "a"
    B = "b"


class Inner(BaseModel):
    n: int
    kind: Kind = Kind.A


class Outer(BaseModel):
    """An answer."""

    inner: Inner
    maybe: Inner | None = None
    many: list[Inner] = []


RIGHT = {"inner": {"n": 1, "kind": "b"}, "many": [{"n": 3}]}


@pytest.mark.parametrize("wrong", [{"inner": {"n": "z", "kind": "q"}}, {}, '{"inner": '])
async def test_a_nested_model_wrong_then_right(wrong: Any) -> None:
    agent = scripted_agent([call("Outer", wrong)], [call("Outer", RIGHT)])
    result = await agent.invoke_async("go", structured_output_model=Outer)
    assert result.structured_output == Outer(inner=Inner(n=1, kind=Kind.B), many=[Inner(n=3)])
    assert result.to_dict()["structured_output"]["inner"] == {"n": 1, "kind": "b"}
    told = agent.messages[2]["content"][0]["toolResult"]
    assert told["status"] == "error"
    if isinstance(wrong, dict) and wrong:
        assert "'inner -> n'" in told["content"][0]["text"] and "'inner -> kind'" in told["content"][0]["text"]


async def test_one_that_is_wrong_for_ever_ends_at_the_limit() -> None:
    agent = scripted_agent(*[[call("Outer", {})]] * 9)
    result = await agent.invoke_async("go", structured_output_model=Outer, limits={"turns": 3})
    assert (result.stop_reason, result.structured_output) == ("limit_turns", None)
