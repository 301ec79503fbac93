"""Tools in the loop: results in order, streams, executors, and whatever a model or a tool gets wrong."""

from __future__ import annotations

import asyncio
import json
from typing import Any, ClassVar

import pytest

from agent_runtime import ConcurrentToolExecutor, SequentialToolExecutor, tool
from agent_runtime.hooks import AfterToolCallEvent, BeforeToolCallEvent
from agent_runtime.models.scripted import call
from agent_runtime.testing import collect, scripted_agent


def results(agent: Any) -> list[dict[str, Any]]:
    return [block["toolResult"] for block in agent.messages[2]["content"]]


def texts(agent: Any) -> list[str]:
    return [result["content"][0]["text"] for result in results(agent)]


@tool
def echo(words: str) -> str:
    """Say it again."""
    return words


async def test_results_are_in_the_order_of_the_request() -> None:
    done: list[str] = []

    @tool
    async def wait(seconds: float) -> str:
        """Wait."""
        await asyncio.sleep(seconds)
        done.append(str(seconds))
        return str(seconds)

    agent = scripted_agent([call("wait", {"seconds": s}, id=f"c{s}") for s in (0.03, 0.0)], "Done.", tools=[wait])
    await agent.invoke_async("go")
    assert done == ["0.0", "0.03"]
    assert texts(agent) == ["0.03", "0.0"]
    assert [result["toolUseId"] for result in results(agent)] == ["c0.03", "c0.0"]


@pytest.mark.parametrize(
    ("executor", "expected"), [(ConcurrentToolExecutor(), "ABAB"), (SequentialToolExecutor(), "AABB")]
)
async def test_streaming_tools(executor: Any, expected: str) -> None:
    tasks = set()

    @tool
    async def count(label: str) -> Any:
        """Count."""
        for number in range(2):
            tasks.add(asyncio.current_task())
            yield f"{label}{number}"
            await asyncio.sleep(0.01)

    agent = scripted_agent([call("count", {"label": w}) for w in "AB"], "Done.", tools=[count], tool_executor=executor)
    events = [event for event in await collect(agent) if "tool_stream_event" in event]
    assert "".join(event["tool_stream_event"]["data"][0] for event in events) == expected
    assert events[0]["type"] == "tool_stream"
    assert events[0]["tool_stream_event"]["tool_use"]["input"] == {"label": "A"}
    assert texts(agent) == ["A1", "B1"] and len(tasks) == 2 and asyncio.current_task() not in tasks


async def test_what_a_tool_yields_is_passed_on_as_it_is() -> None:
    items = [{"n": 1}, ["x"], object()]

    @tool
    async def give() -> Any:
        """Give."""
        for item in items:
            yield item

    events = await collect(scripted_agent([call("give")], "Done.", tools=[give]))
    passed = [event["tool_stream_event"]["data"] for event in events if "tool_stream_event" in event]
    assert all(a is b for a, b in zip(passed, items, strict=True))


async def test_many_items_from_many_tools_all_arrive() -> None:
    @tool
    async def count(label: str) -> Any:
        """Count."""
        for number in range(500):
            yield (label, number)

    agent = scripted_agent([call("count", {"label": w}) for w in "ABC"], "Done.", tools=[count])
    passed = [e["tool_stream_event"]["data"] for e in await collect(agent) if "tool_stream_event" in e]
    for label in "ABC":
        assert [number for who, number in passed if who == label] == list(range(500))


async def test_an_unknown_tool() -> None:
    agent = scripted_agent([call("nope", {})], "Done.", tools=[echo])
    seen: list[Any] = []
    agent.add_hook(lambda event: seen.append(event.selected_tool), BeforeToolCallEvent)
    await agent.invoke_async("go")
    assert (results(agent)[0]["status"], texts(agent), seen) == ("error", ["Unknown tool: nope"], [None])


async def test_an_impossible_tool_name() -> None:
    agent = scripted_agent([call("bad name!", {})], "Done.")
    await agent.invoke_async("go")
    assert texts(agent) == ["Error: tool_name=<bad name!> | invalid tool name pattern"]


@pytest.mark.parametrize("error", [RuntimeError("kaboom"), asyncio.CancelledError("odd"), KeyError("k")])
async def test_a_tool_that_raises(error: BaseException) -> None:
    @tool
    async def boom() -> None:
        """Raise."""
        raise error

    agent = scripted_agent([call("boom"), call("echo", {"words": "a"})], "Done.", tools=[boom, echo])
    seen: list[Any] = []
    agent.add_hook(lambda event: seen.append(event.exception), AfterToolCallEvent)
    result = await agent.invoke_async("go")
    assert result.stop_reason == "end_turn" and error in seen
    assert [r["status"] for r in results(agent)] == ["error", "success"] and str(error) in texts(agent)[0]


@pytest.mark.parametrize("raw", ['{"words": ', "[1]", '"text"', "null", "{'words': 1}", '{"words": NaN}'])
async def test_input_that_is_no_json_object_is_told_with_its_text(raw: str) -> None:
    ran: list[Any] = []

    @tool
    def maybe(words: str = "default") -> str:
        """Run with or without."""
        ran.append(words)
        return words

    agent = scripted_agent([call("maybe", raw)], "Done.", tools=[maybe])
    proposed: list[Any] = []
    agent.add_hook(lambda event: proposed.append(event.tool_use["input"]), BeforeToolCallEvent)
    await agent.invoke_async("go")
    assert not ran and proposed == [raw]
    assert results(agent)[0]["status"] == "error" and raw in texts(agent)[0] and "JSON" in texts(agent)[0]
    assert agent.messages[1]["content"][0]["toolUse"]["input"] == {}


async def test_a_hook_may_mend_invalid_input() -> None:
    agent = scripted_agent([call("echo", '{"words": ')], "Done.", tools=[echo])

    def mend(event: BeforeToolCallEvent) -> None:
        event.tool_use = {**event.tool_use, "input": json.loads(event.tool_use["input"] + '"mended"}')}

    agent.add_hook(mend)
    await agent.invoke_async("go")
    assert texts(agent) == ["mended"]


async def test_no_input_at_all_is_an_empty_one() -> None:
    @tool
    def now() -> str:
        """Now."""
        return "noon"

    agent = scripted_agent([call("now", "")], "Done.", tools=[now])
    await agent.invoke_async("go")
    assert texts(agent) == ["noon"]


async def test_a_result_that_is_no_json_is_told_all_the_same() -> None:
    @tool
    def odd() -> Any:
        """Odd."""
        return {"status": "success", "content": [{"json": {"when": object(), (1, 2): 3}}, {"text": 7}]}

    @tool
    def thing() -> Any:
        """Thing."""
        return {1, 2}

    agent = scripted_agent([call("odd"), call("thing")], "Done.", tools=[odd, thing])
    await agent.invoke_async("go")
    json.dumps(agent.messages)
    assert results(agent)[0]["content"][1] == {"text": "7"} and texts_of(results(agent)[1]) == "{1, 2}"


def texts_of(result: dict[str, Any]) -> str:
    return str(result["content"][0]["text"])


async def test_two_calls_with_the_same_id_are_two_calls() -> None:
    agent = scripted_agent([call("echo", {"words": w}, id="same") for w in "ab"], "Done.", tools=[echo])
    await agent.invoke_async("go")
    assert texts(agent) == ["a", "b"]


async def test_a_tool_written_for_strands_needs_no_result_event() -> None:
    class Plain:
        tool_name = "plain"
        tool_spec: ClassVar[dict[str, Any]] = {
            "name": "plain",
            "description": "",
            "inputSchema": {"json": {"type": "object"}},
        }

        async def stream(self, tool_use: Any, invocation_state: Any, **kwargs: Any) -> Any:
            yield {"toolUseId": tool_use["toolUseId"], "status": "success", "content": [{"text": "ok"}]}

    agent = scripted_agent([call("plain")], "Done.", tools=[Plain()])
    await agent.invoke_async("go")
    assert texts(agent) == ["ok"]


async def test_a_tool_that_changes_its_input_changes_no_history() -> None:
    class Rude:
        tool_name = "rude"
        tool_spec: ClassVar[dict[str, Any]] = {
            "name": "rude",
            "description": "",
            "inputSchema": {"json": {"type": "object"}},
        }

        async def stream(self, tool_use: Any, invocation_state: Any, **kwargs: Any) -> Any:
            tool_use["input"]["words"].append("more")
            yield "done"

    agent = scripted_agent([call("rude", {"words": ["a"]})], "Done.", tools=[Rude()])
    await agent.invoke_async("go")
    assert agent.messages[1]["content"][0]["toolUse"]["input"] == {"words": ["a"]}
