"""Whatever a tool gives back or raises, the run goes on, the history stays JSON and a request can be made of it."""

from __future__ import annotations

import asyncio
import dataclasses
import decimal
import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pydantic
import pytest

from agent_runtime import tool
from agent_runtime.events import ToolResultEvent
from agent_runtime.hooks import AfterToolCallEvent, BeforeToolCallEvent
from agent_runtime.models.chat.request import messages_of
from agent_runtime.models.scripted import call
from agent_runtime.testing import scripted_agent
from tests.agent_runtime.outline import until_raise


class Mute:
    """Cannot even be shown."""

    def __str__(self) -> str:
        raise ValueError("no")

    __repr__ = __str__


@dataclasses.dataclass
class Point:
    x: int = 1


class Answer(pydantic.BaseModel):
    raw: bytes = b"\xff"


def counted() -> Iterator[int]:
    yield 1


def cyclic() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["me"] = value
    return value


def nested() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


def told(*blocks: Any, **more: Any) -> dict[str, Any]:
    return {"status": "success", "content": list(blocks), **more}


ODD = {
    "object": object(),
    "bytes": b"\xff",
    "set": {1, 2},
    "nan": float("nan"),
    "cyclic": cyclic(),
    "nested": nested(),
    "huge": 10**6000,
    "surrogate": "a\ud800b",
    "surrogate inside": {"k": "\ud800"},
    "dataclass": Point(),
    "pydantic": Answer(),
    "decimal": decimal.Decimal("1.1"),
    "generator": counted(),
    "mute": Mute(),
    "content of no dicts": told(1, "x", None, ["y"]),
    "content is a text": {"status": "success", "content": "text"},
    "content is a block": {"status": "success", "content": {"text": "x"}},
    "content is a number": {"status": "success", "content": 5},
    "content is None": {"status": "success", "content": None},
    "an empty block": told({}),
    "an unknown block": told({"foo": 1}),
    "an image that is none": told({"image": 5}),
    "a status that is none": told({"text": "x"}, status=None),
    "a mute text": told({"text": Mute()}),
    "a cyclic json": told({"json": cyclic()}),
    "a json of no JSON": told({"json": {Mute(): {1}}}),
    "a surrogate text": told({"text": "\ud800"}),
}


class Gives:
    """A tool without the decorator; `ending` says whether it gives the value as its result or yields it."""

    tool_name = "gives"
    tool_spec: ClassVar[dict[str, Any]] = {
        "name": "gives",
        "description": "",
        "inputSchema": {"json": {"type": "object"}},
    }

    def __init__(self, value: Any, ending: bool) -> None:
        self.value, self.ending = value, ending

    async def stream(self, tool_use: Any, invocation_state: Any, **kwargs: Any) -> Any:
        yield ToolResultEvent(self.value) if self.ending else self.value


@pytest.mark.parametrize("value", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("kind", ["returned", "yielded", "raw", "result"])
async def test_any_value_becomes_a_result(value: Any, kind: str) -> None:
    @tool
    def gives() -> Any:
        """Give."""
        return value

    @tool(name="gives")
    async def streams() -> Any:
        """Give."""
        yield value

    chosen = {"returned": gives, "yielded": streams, "raw": Gives(value, False), "result": Gives(value, True)}[kind]
    agent = scripted_agent([call("gives")], "Done.", tools=[chosen])
    assert (await agent.invoke_async("go")).stop_reason == "end_turn"
    result = agent.messages[2]["content"][0]["toolResult"]
    assert result["toolUseId"] == "call_1" and result["status"] in ("success", "error")
    assert result["content"] and all(set(block) <= {"text", "json"} for block in result["content"])
    json.dumps(agent.messages)
    json.dumps(messages_of(agent.messages), ensure_ascii=False).encode()


async def test_what_is_meant_is_kept() -> None:
    values = [told(1, "x"), {"status": "error", "content": "no"}, told({"foo": 1}), told({"text": 7})]
    agent = scripted_agent([call(f"t{n}") for n in range(4)], "Done.")
    for number, value in enumerate(values):
        gives = Gives(value, True)
        gives.tool_name = f"t{number}"
        agent.tool_registry.register_tool(gives)
    await agent.invoke_async("go")
    results = [block["toolResult"] for block in agent.messages[2]["content"]]
    assert [result["content"] for result in results] == [
        [{"text": "1"}, {"text": "x"}],
        [{"text": "no"}],
        [{"json": {"foo": 1}}],
        [{"text": "7"}],
    ]
    assert [result["status"] for result in results] == ["success", "error", "success", "success"]


class Panic(BaseException):
    """No Exception, as native libraries raise it."""


RAISED = [Panic("p"), BaseExceptionGroup("g", [Panic()]), SystemExit(3), StopIteration(1), StopAsyncIteration(2)]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("kind", ["async", "thread", "stream", "raw"])
async def test_any_exception_of_a_tool_is_an_error_result(error: BaseException, kind: str) -> None:
    @tool(name="gives")
    async def runs() -> None:
        """Raise."""
        raise error

    @tool(name="gives")
    def blocks() -> None:
        """Raise."""
        raise error

    @tool(name="gives")
    async def streams() -> Any:
        """Raise."""
        yield 1
        raise error

    class Raises(Gives):
        async def stream(self, tool_use: Any, invocation_state: Any, **kwargs: Any) -> Any:
            yield 1
            raise error

    chosen = {"async": runs, "thread": blocks, "stream": streams, "raw": Raises(None, False)}[kind]
    agent = scripted_agent([call("gives")], "Done.", tools=[chosen])
    seen: list[Any] = []
    agent.add_hook(lambda event: seen.append(event.exception), AfterToolCallEvent)
    assert (await agent.invoke_async("go")).stop_reason == "end_turn"
    assert agent.messages[2]["content"][0]["toolResult"]["status"] == "error" and seen[0] is not None


@pytest.mark.parametrize("event", [BeforeToolCallEvent, AfterToolCallEvent])
async def test_a_hook_that_was_not_cancelled_and_says_so_is_an_error(event: type[Any]) -> None:
    @tool
    def fine() -> str:
        """Work."""
        return "ok"

    def odd(event: Any) -> None:
        raise asyncio.CancelledError("odd")

    agent = scripted_agent([call("fine")], "Done.", tools=[fine])
    agent.add_hook(odd, event)
    events, raised = await until_raise(agent.stream_async("go"))
    assert "nobody had cancelled" in str(raised) and "force_stop" in events[-1]
