"""Interrupts by hooks and tools, and their resumption."""

from __future__ import annotations

from typing import Any

import pytest

from agent_runtime import SequentialToolExecutor, tool
from agent_runtime.errors import EventLoopException
from agent_runtime.hooks import BeforeToolCallEvent, BeforeToolsEvent
from agent_runtime.models.scripted import call
from agent_runtime.testing import collect, scripted_agent
from tests.agent_runtime.outline import outline


def answer(interrupt: Any, response: Any) -> list[dict[str, Any]]:
    return [{"interruptResponse": {"interruptId": interrupt.id, "response": response}}]


def gated(*calls: Any) -> tuple[Any, list[str]]:
    ran: list[str] = []

    @tool
    def delete(path: str) -> str:
        """Delete."""
        ran.append(path)
        return f"deleted {path}"

    def approve(event: BeforeToolCallEvent) -> None:
        if event.tool_use["input"]["path"].startswith("/"):
            response = event.interrupt("approve", reason={"path": event.tool_use["input"]["path"]})
            if response != "yes":
                event.cancel_tool = f"refused: {response}"

    return scripted_agent(list(calls), "Done.", "More.", tools=[delete], hooks=[approve]), ran


async def test_a_hook_asks_and_the_answer_lets_the_tool_run() -> None:
    agent, ran = gated(call("delete", {"path": "/etc"}, id="c1"))
    events = await collect(agent)
    assert outline(events).endswith("message(assistant:toolUse) tool_interrupt_event complete result(interrupt)")
    result = events[-1]["result"]
    (interrupt,) = result.interrupts
    assert interrupt.id.startswith("v1:before_tool_call:c1:") and interrupt.name == "approve"
    assert interrupt.reason == {"path": "/etc"} and not ran
    told = next(event["tool_interrupt_event"] for event in events if "tool_interrupt_event" in event)
    assert told["interrupts"] == [interrupt] and told["tool_use"]["toolUseId"] == "c1"
    events = await collect(agent, answer(interrupt, "yes"))
    assert outline(events) == (
        "init_event_loop start start_event_loop message(user:toolResult) complete start start_event_loop data"
        " message(assistant:text) complete result(end_turn)"
    )
    assert ran == ["/etc"] and agent.model.calls == 2


async def test_a_tool_that_ran_beside_the_question_is_not_run_again() -> None:
    agent, ran = gated(call("delete", {"path": "tmp"}, id="a"), call("delete", {"path": "/etc"}, id="b"))
    result = await agent.invoke_async("go")
    assert ran == ["tmp"]
    await agent.invoke_async(answer(result.interrupts[0], "no"))
    assert ran == ["tmp"]
    results = [block["toolResult"] for block in agent.messages[2]["content"]]
    assert [r["content"][0]["text"] for r in results] == ["deleted tmp", "refused: no"]


async def test_a_tool_asks_itself() -> None:
    @tool(context=True)
    def order(what: str, tool_context: Any) -> str:
        """Order."""
        return f"{what} at {tool_context.interrupt('price', reason='how much?')}"

    agent = scripted_agent([call("order", {"what": "tea"}, id="c")], "Done.", tools=[order])
    result = await agent.invoke_async("go")
    assert result.stop_reason == "interrupt" and result.interrupts[0].id.startswith("v1:tool_call:c:")
    await agent.invoke_async(answer(result.interrupts[0], 3))
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "tea at 3"}]


async def test_a_question_before_all_tools() -> None:
    agent, ran = gated(call("delete", {"path": "tmp"}))

    def all_of_them(event: BeforeToolsEvent) -> None:
        if event.interrupt("all") != "yes":
            event.cancel = "no"

    agent.add_hook(all_of_them)
    result = await agent.invoke_async("go")
    assert result.stop_reason == "interrupt" and not ran
    await agent.invoke_async(answer(result.interrupts[0], "yes"))
    assert ran == ["tmp"]


async def test_while_a_question_is_open_only_answers_are_taken() -> None:
    agent, _ = gated(call("delete", {"path": "/etc"}))
    result = await agent.invoke_async("go")
    with pytest.raises(TypeError, match="interruptResponse"):
        await agent.invoke_async("something else")
    with pytest.raises(KeyError, match="nope"):
        await agent.invoke_async([{"interruptResponse": {"interruptId": "nope", "response": 1}}])
    assert (await agent.invoke_async(answer(result.interrupts[0], "yes"))).stop_reason == "end_turn"
    assert (await agent.invoke_async("and now")).stop_reason == "end_turn"


@pytest.mark.parametrize("answer", [{"interruptId": "x"}, "yes", {}, None])
async def test_an_answer_that_is_incomplete(answer: Any) -> None:
    agent, _ = gated(call("delete", {"path": "/etc"}))
    await agent.invoke_async("go")
    with pytest.raises(TypeError, match="holds interruptId and response"):
        await agent.invoke_async([{"interruptResponse": answer}])


async def test_answers_may_come_one_by_one_and_each_counts_once() -> None:
    agent, ran = gated(call("delete", {"path": "/a"}, id="a"), call("delete", {"path": "/b"}, id="b"))
    first, second = (await agent.invoke_async("go")).interrupts
    result = await agent.invoke_async(answer(first, "yes"))
    assert (result.stop_reason, result.interrupts, ran) == ("interrupt", [second], ["/a"])
    assert (await agent.invoke_async(answer(second, "yes"))).stop_reason == "end_turn" and ran == ["/a", "/b"]
    with pytest.raises(ValueError, match="waits for none"):
        await agent.invoke_async(answer(second, "yes"))


async def test_nothing_is_taken_of_answers_of_which_one_is_wrong() -> None:
    agent, ran = gated(call("delete", {"path": "/a"}))
    (interrupt,) = (await agent.invoke_async("go")).interrupts
    with pytest.raises(KeyError):
        await agent.invoke_async(
            [*answer(interrupt, "yes"), {"interruptResponse": {"interruptId": "x", "response": 1}}]
        )
    assert interrupt.response is None and not ran


async def test_calls_with_one_id_are_questions_of_their_own() -> None:
    agent, ran = gated(call("delete", {"path": "/a"}, id="same"), call("delete", {"path": "/b"}, id="same"))
    first, second = (await agent.invoke_async("go")).interrupts
    assert first.id != second.id and (await agent.invoke_async(answer(first, "yes"))).stop_reason == "interrupt"
    assert ran == ["/a"], "an answer to one question allowed the other"
    await agent.invoke_async(answer(second, "no"))
    assert ran == ["/a"]


@pytest.mark.parametrize(("executor", "at_once"), [(SequentialToolExecutor(), ["x"]), (None, ["x", "y"])])
async def test_one_after_the_other_none_is_begun_behind_a_question(executor: Any, at_once: list[str]) -> None:
    agent, ran = gated(*(call("delete", {"path": path}) for path in ("x", "/b", "y")))
    agent.tool_executor = executor or agent.tool_executor
    (interrupt,) = (await agent.invoke_async("go")).interrupts
    assert ran == at_once
    await agent.invoke_async(answer(interrupt, "yes"))
    assert sorted(ran) == ["/b", "x", "y"]
    results = [block["toolResult"]["content"][0]["text"] for block in agent.messages[2]["content"]]
    assert results == ["deleted x", "deleted /b", "deleted y"]


async def test_a_run_that_is_cancelled_while_it_asks_is_cancelled() -> None:
    agent, ran = gated(call("delete", {"path": "/a"}), call("delete", {"path": "tmp"}))
    agent.add_hook(lambda event: agent.cancel(), BeforeToolCallEvent, order=-1)
    agent.tool_executor = SequentialToolExecutor()
    result = await agent.invoke_async("go")
    assert (result.stop_reason, result.interrupts, ran) == ("cancelled", None, [])
    assert (await agent.invoke_async("again")).stop_reason == "end_turn"


async def test_a_reader_that_leaves_at_a_question_leaves_a_usable_agent() -> None:
    agent, ran = gated(call("delete", {"path": "/a"}))
    async for event in agent.stream_async("go"):
        if "tool_interrupt_event" in event:
            break
    assert (await agent.invoke_async("something else")).stop_reason == "end_turn" and not ran


async def test_invalid_input_is_still_known_after_the_question() -> None:
    agent, ran = gated()

    def ask(event: BeforeToolsEvent) -> None:
        event.interrupt("sure")

    agent = scripted_agent([call("delete", '{"path": ')], "Done.", tools=list(agent.tool_registry.registry.values()))
    agent.add_hook(ask)
    result = await agent.invoke_async("go")
    await agent.invoke_async(answer(result.interrupts[0], "yes"))
    assert '{"path": ' in agent.messages[2]["content"][0]["toolResult"]["content"][0]["text"] and not ran


async def test_after_the_answers_the_next_tools_run_as_ever() -> None:
    agent, ran = gated(call("delete", {"path": "tmp"}), call("delete", {"path": "/etc"}))
    agent.model.turns[1:1] = [[call("delete", {"path": "again"})]]
    result = await agent.invoke_async("go")
    await agent.invoke_async(answer(result.interrupts[0], "yes"))
    assert ran == ["tmp", "/etc", "again"]
    assert agent.messages[4]["content"][0]["toolResult"]["content"] == [{"text": "deleted again"}]


async def test_two_hooks_that_ask_by_one_name_are_refused() -> None:
    agent, ran = gated(call("delete", {"path": "/etc"}, id="c1"))
    agent.add_hook(lambda event: event.interrupt("approve"), BeforeToolCallEvent)
    with pytest.raises(EventLoopException, match="interrupt_name=<approve> \\| interrupt name used more than once"):
        await agent.invoke_async("go")
    assert not ran


async def test_an_empty_list_answers_nothing_and_asks_again() -> None:
    agent, ran = gated(call("delete", {"path": "/etc"}, id="c1"))
    first = await agent.invoke_async("go")
    again = await agent.invoke_async([])
    assert again.stop_reason == "interrupt" and again.interrupts == first.interrupts and not ran
    await agent.invoke_async(answer(again.interrupts[0], "yes"))
    assert ran == ["/etc"]
