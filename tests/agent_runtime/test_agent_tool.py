"""An agent as another's tool."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent_runtime import tool
from agent_runtime.event_loop import control
from agent_runtime.hooks import AfterToolCallEvent
from agent_runtime.models.scripted import call, fail, pause, text
from agent_runtime.testing import collect, scripted_agent


def results(agent: Any) -> list[dict[str, Any]]:
    return [block["toolResult"] for block in agent.messages[2]["content"]]


async def test_its_events_are_passed_on_as_the_same_objects() -> None:
    child = scripted_agent("Paris.", name="geographer", description="Knows places.")
    inner, yielded = child.stream_async, []

    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        async for event in inner(*args, **kwargs):
            yielded.append(event)
            yield event

    child.stream_async = wrapped  # type: ignore[method-assign]
    parent = scripted_agent(
        [call("geographer", {"input": "Capital of France?"})], "It is Paris.", tools=[child.as_tool()]
    )
    events = await collect(parent)
    passed = [event["tool_stream_event"]["data"] for event in events if "tool_stream_event" in event]
    assert all(a is b for a, b in zip(passed, yielded[:-1], strict=True)) and "result" in yielded[-1]
    assert results(parent)[0]["content"] == [{"text": "Paris.\n"}]
    assert child.messages[0]["content"] == [{"text": "Capital of France?"}]
    assert parent.tool_registry.get_all_tool_specs()[0]["description"] == "Knows places."


async def test_each_call_begins_afresh_unless_the_conversation_is_kept() -> None:
    for keep, length in ((False, 2), (True, 4)):
        child = scripted_agent("One.", "Two.", name="child")
        calls = [call("helper", {"input": str(n)}) for n in range(2)]
        parent = scripted_agent(calls, "Done.", tools=[child.as_tool("helper", "Helps.", preserve_context=keep)])
        await parent.invoke_async("go")
        assert [r["content"][0]["text"] for r in results(parent)] == ["One.\n", "Two.\n"]
        assert len(child.messages) == length


async def test_a_child_that_fails_is_an_error_result() -> None:
    child = scripted_agent(fail(ValueError("no map")), name="child")
    parent = scripted_agent([call("child", {"input": "x"})], "Done.", tools=[child])
    result = await parent.invoke_async("go")
    assert result.stop_reason == "end_turn"
    assert (results(parent)[0]["status"], results(parent)[0]["content"]) == ("error", [{"text": "Agent error: no map"}])


async def test_a_child_in_use_elsewhere_says_so() -> None:
    child = scripted_agent([text("One "), pause(30)], "Free.", name="child")
    task = asyncio.create_task(child.invoke_async("busy"))
    await asyncio.sleep(0.02)
    parent = scripted_agent([call("child", {"input": "x"})], "Done.", tools=[child])
    await parent.invoke_async("go")
    assert "already processing" in results(parent)[0]["content"][0]["text"]
    assert child.messages[0]["content"] == [{"text": "busy"}]
    child.cancel()
    await task


async def test_cancelling_the_parent_frees_the_child() -> None:
    child = scripted_agent([text("One "), pause(30)], "Free.", name="child")
    parent = scripted_agent([call("child", {"input": "x"})], tools=[child])
    asyncio.get_running_loop().call_later(0.05, parent.cancel)
    assert (await parent.invoke_async("go")).stop_reason == "cancelled"
    assert str(await child.invoke_async("again")) == "Free.\n"


async def test_a_childs_question_is_the_parents_and_the_answer_reaches_it() -> None:
    @tool(context=True)
    def delete(path: str, tool_context: Any) -> str:
        """Delete."""
        return f"{path}: {tool_context.interrupt('sure')}"

    child = scripted_agent([call("delete", {"path": "/etc"})], "Deleted.", name="child", tools=[delete])
    parent = scripted_agent([call("child", {"input": "x"})], "Done.", tools=[child])
    result = await parent.invoke_async("go")
    assert result.stop_reason == "interrupt" and result.interrupts and len(result.interrupts) == 1
    answer = {"interruptId": result.interrupts[0].id, "response": "yes"}
    assert (await parent.invoke_async([{"interruptResponse": answer}])).stop_reason == "end_turn"
    assert child.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "/etc: yes"}]
    assert results(parent)[0]["content"] == [{"text": "Deleted.\n"}]


def asker(name: str, *, times: int = 1) -> Any:
    """An agent that asks one question a call, always under the same ids, and says what it was told."""

    @tool(context=True)
    def ask(tool_context: Any) -> str:
        """Ask."""
        return str(tool_context.interrupt("sure"))

    turns = [[call("ask", id="same")] for _ in range(times)]
    return scripted_agent(*turns, *(f"{name} {n}" for n in range(times)), name=name, tools=[ask])


async def answered(agent: Any, *responses: str) -> Any:
    """Ask the agent and answer one question a call, the first that is open."""
    result = await agent.invoke_async("go")
    for response in responses:
        answer = {"interruptId": result.interrupts[0].id, "response": response}
        result = await agent.invoke_async([{"interruptResponse": answer}])
    return result


async def test_children_that_ask_under_the_same_ids_get_their_own_answers() -> None:
    left, right = asker("left"), asker("right")
    calls = [call(name, {"input": "x"}, id=name) for name in ("left", "right")]
    parent = scripted_agent(calls, "Done.", tools=[left, right])
    assert (await answered(parent, "yes", "no")).stop_reason == "end_turn"
    told = [agent.messages[2]["content"][0]["toolResult"]["content"] for agent in (left, right)]
    assert told == [[{"text": "yes"}], [{"text": "no"}]]


@pytest.mark.parametrize("ids", [("a", "b"), ("a", "a")], ids=["own ids", "the same id"])
async def test_a_child_that_is_called_twice_and_asks_each_time_goes_on_where_each_call_was(
    ids: tuple[str, str],
) -> None:
    child = asker("child", times=2)
    heard: list[Any] = []
    child.add_hook(
        lambda event: heard.append([event.tool_use["toolUseId"], event.result["content"]]), AfterToolCallEvent
    )
    calls = [call("child", {"input": str(n)}, id=id) for n, id in enumerate(ids)]
    parent = scripted_agent(calls, "Done.", tools=[child])
    assert (await answered(parent, "yes", "no")).stop_reason == "end_turn"
    assert heard == [["same", [{"text": "yes"}]], ["same", [{"text": "no"}]]]
    assert [r["content"] for r in results(parent)] == [[{"text": "child 0\n"}], [{"text": "child 1\n"}]]
    assert child.messages[0]["content"] == [{"text": "1"}]


async def test_a_childs_state_begins_afresh_with_its_conversation() -> None:
    @tool
    def count(agent: Any) -> int:
        """Count."""
        agent.state.set("n", agent.state.get("n") + 1)
        return int(agent.state.get("n"))

    for keep, expected in ((False, [["8"], ["8"]]), (True, [["8"], ["9"]])):
        child = scripted_agent(*[[call("count")], "Ok."] * 2, name="child", tools=[count], state={"n": 7})
        told: list[Any] = []
        child.add_hook(
            lambda event, told=told: told.append([b["text"] for b in event.result["content"]]), AfterToolCallEvent
        )
        calls = [call("child", {"input": "x"}) for _ in range(2)]
        await scripted_agent(calls, "Done.", tools=[child.as_tool(preserve_context=keep)]).invoke_async("go")
        assert told == expected


def nested(*turns: Any) -> tuple[Any, list[Any]]:
    """A parent, its child and its grandchild, whose model plays the turns."""
    grandchild = scripted_agent(*turns, name="grandchild")
    child = scripted_agent([call("grandchild", {"input": "y"})], "Child.", "Free.", name="child", tools=[grandchild])
    parent = scripted_agent([call("child", {"input": "x"})], "Parent.", "Free.", tools=[child])
    return parent, [child, grandchild]


async def test_an_answer_from_three_agents_down() -> None:
    parent, (_, grandchild) = nested("Deep.")
    events = await collect(parent)
    assert str(events[-1]["result"]) == "Parent.\n" and results(parent)[0]["content"] == [{"text": "Child.\n"}]
    inner = [event["tool_stream_event"]["data"] for event in events if "tool_stream_event" in event]
    deepest = [event["tool_stream_event"]["data"] for event in inner if "tool_stream_event" in event]
    assert "".join(event.get("data", "") for event in deepest) == "Deep."
    assert grandchild.messages[0]["content"] == [{"text": "y"}]


async def test_a_failure_three_agents_down_is_told_one_up() -> None:
    parent, (child, _) = nested(fail(ValueError("no map")))
    assert (await parent.invoke_async("go")).stop_reason == "end_turn"
    assert results(child)[0]["content"] == [{"text": "Agent error: no map"}]
    assert results(parent)[0]["status"] == "success"


@pytest.mark.parametrize("how", ["cancel", "limit", "task", "aclose"])
async def test_whatever_ends_the_parent_stops_all_below(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spent = [0.0]
    monkeypatch.setattr(control.Clock, "elapsed", lambda clock: spent[0])
    parent, below = nested([text("One "), pause(300)], "Free.")
    stream = parent.stream_async("go", limits={"seconds": 0.05} if how == "limit" else None)
    events: list[Any] = []

    async def read() -> None:
        async for event in stream:
            events.append(event)

    task = asyncio.create_task(read())
    async with asyncio.timeout(100):
        while not below[1].messages:
            await asyncio.sleep(0.001)
        if how == "cancel":
            parent.cancel()
        elif how == "limit":
            spent[0] = 1.0
        else:
            task.cancel()
        await asyncio.wait([task])
        await stream.aclose()
    expected = {"cancel": "cancelled", "limit": "limit_seconds"}
    assert how not in expected or events[-1]["result"].stop_reason == expected[how]
    assert [agent.claims.active for agent in below] == [None, None]
    for agent in below:
        assert str(await agent.invoke_async("again")) == ("Child.\n" if agent is below[0] else "Free.\n")
