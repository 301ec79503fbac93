"""What a hook may write, field by field, and that it is honoured."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import pytest

from agent_runtime import Agent, hooks, tool
from agent_runtime.models.scripted import call, usage
from agent_runtime.testing import collect, scripted_agent
from tests.agent_runtime.asked import Asked, echo
from tests.agent_runtime.outline import outline


async def test_the_result_the_duration_and_the_next_prompt_are_writable() -> None:
    agent = scripted_agent([call("echo", {"words": "a"})], "Done.", "Again.", tools=[echo])
    seen: list[Any] = []

    def change(event: hooks.AfterToolCallEvent) -> None:
        event.duration = 7.0

    agent.add_hook(lambda event: seen.append(event.duration), hooks.AfterToolCallEvent)  # after it: in reverse
    agent.add_hook(change)

    def more(event: hooks.AfterInvocationEvent) -> None:
        event.resume = [{"text": "more"}] if len(agent.messages) < 5 else None

    agent.add_hook(more)
    await agent.invoke_async("go")
    assert seen == [7.0] and agent.messages[4] == {"role": "user", "content": [{"text": "more"}]}


async def test_the_prompt_may_be_replaced_or_refused() -> None:
    agent = scripted_agent("Hi.")

    def replace(event: hooks.BeforeInvocationEvent) -> None:
        event.messages = [{"role": "user", "content": [{"text": "Another question"}]}]

    undo = agent.add_hook(replace)
    await agent.invoke_async("A question")
    assert agent.messages[0]["content"] == [{"text": "Another question"}]
    undo()

    def refuse(event: hooks.BeforeInvocationEvent) -> None:
        event.cancel = "Not today."

    agent.add_hook(refuse)
    events = await collect(agent)
    assert outline(events) == "result(end_turn)" and str(events[0]["result"]) == "Not today.\n"
    assert [message["role"] for message in agent.messages] == ["user", "assistant", "assistant"]


async def test_resume_runs_once_more_in_the_same_stream() -> None:
    agent = scripted_agent("One.", "Two.")
    results: list[Any] = []

    def more(event: hooks.AfterInvocationEvent) -> None:
        results.append(str(event.result))
        event.resume = "And then?" if len(results) == 1 else None

    agent.add_hook(more)
    turn = "init_event_loop start start_event_loop data message(assistant:text) complete"
    events = await collect(agent)
    assert outline(events) == f"{turn} {turn} result(end_turn)"
    assert results == ["One.\n", "Two.\n"] and str(events[-1]["result"]) == "Two.\n"
    invocations = events[-1]["result"].metrics.agent_invocations
    assert [len(invocation.cycles) for invocation in invocations] == [1, 1]


async def test_the_request_is_writable_for_this_call_alone() -> None:
    model = Asked([call("echo", {"words": "a"})], "Done.")
    agent = Agent(model, tools=[echo], system_prompt="Be kind.", callback_handler=None)

    def edit(event: hooks.BeforeModelCallEvent) -> None:
        if not model.requests:
            event.request.messages.append({"role": "user", "content": [{"text": "extra"}]})
            event.request.system_prompt = "Be brief."
            event.request.tool_specs = []
            event.request.tool_choice = {"any": {}}
            event.request.params["temperature"] = 0

    agent.add_hook(edit)
    await agent.invoke_async("go")
    first, second = model.requests
    assert first["messages"][-1]["content"] == [{"text": "extra"}]
    assert (first["system"], first["specs"]) == ("Be brief.", None)
    assert (first["tool_choice"], first["params"]) == ({"any": {}}, {"temperature": 0})
    assert (second["system"], second["tool_choice"], second["params"]) == ("Be kind.", None, {})
    assert [spec["name"] for spec in second["specs"]] == ["echo"]
    assert "extra" not in str(agent.messages) and agent.system_prompt == "Be kind."


async def test_what_a_hook_changes_in_the_agent_is_sent_too() -> None:
    model = Asked("Hi.")
    agent = Agent(model, callback_handler=None)

    def edit(event: hooks.BeforeModelCallEvent) -> None:
        event.agent.messages[-1] = {"role": "user", "content": [{"text": "Other"}]}
        event.agent.system_prompt = "New."

    agent.add_hook(edit)
    await agent.invoke_async("go")
    assert model.requests[0]["messages"] == [{"role": "user", "content": [{"text": "Other"}]}]
    assert model.requests[0]["system"] == "New."


async def test_a_hook_may_answer_in_the_models_place() -> None:
    agent = scripted_agent("Never.")

    def answer(event: hooks.BeforeModelCallEvent) -> None:
        event.cancel = "From the cache."

    agent.add_hook(answer)
    events = await collect(agent)
    assert outline(events).endswith("start_event_loop message(assistant:text) complete result(end_turn)")
    assert str(events[-1]["result"]) == "From the cache.\n" and agent.model.calls == 0


async def test_usage_and_cost_reach_the_hook() -> None:
    agent = scripted_agent(["Hi.", usage(3, 4, cost=0.125)])
    seen: list[Any] = []
    agent.add_hook(lambda event: seen.append(event.usage), hooks.AfterModelCallEvent)
    await agent.invoke_async("go")
    assert seen == [{"inputTokens": 3, "outputTokens": 4, "totalTokens": 7, "cost": 0.125}]


async def test_an_edited_tool_use_is_what_runs_and_history_keeps_the_proposal() -> None:
    agent = scripted_agent([call("echo", {"words": "a"})], "Done.", tools=[echo])

    def edit(event: hooks.BeforeToolCallEvent) -> None:
        event.tool_use = {**event.tool_use, "input": {"words": "edited"}}

    def in_place(event: hooks.AfterToolCallEvent) -> None:
        event.tool_use["input"]["words"] = "changed after"

    agent.add_hook(edit)
    agent.add_hook(in_place)
    await agent.invoke_async("go")
    assert agent.messages[1]["content"][0]["toolUse"]["input"] == {"words": "a"}
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "edited"}]


async def test_another_tool_may_be_selected_and_the_result_replaced() -> None:
    @tool
    def shout(words: str) -> str:
        """Loud."""
        return words.upper()

    agent = scripted_agent([call("echo", {"words": "a"})], "Done.", tools=[echo])
    seen: list[hooks.AfterToolCallEvent] = []

    def select(event: hooks.BeforeToolCallEvent) -> None:
        event.selected_tool = shout

    def replace(event: hooks.AfterToolCallEvent) -> None:
        seen.append(event)
        event.result = {**event.result, "content": [*event.result["content"], {"json": {"bad": object}}]}

    agent.add_hook(select)
    agent.add_hook(replace)
    await agent.invoke_async("go")
    content = agent.messages[2]["content"][0]["toolResult"]["content"]
    assert content[0] == {"text": "A"} and isinstance(content[1]["json"]["bad"], str)
    assert seen[0].selected_tool is shout and seen[0].duration is not None and seen[0].duration >= 0


async def test_a_refused_tool() -> None:
    agent = scripted_agent([call("echo", {"words": "a"}, id="c")], "Done.", tools=[echo])

    def refuse(event: hooks.BeforeToolCallEvent) -> None:
        event.cancel_tool = "Too dangerous."

    agent.add_hook(refuse)
    seen: list[hooks.AfterToolCallEvent] = []
    agent.add_hook(seen.append, hooks.AfterToolCallEvent)
    events = await collect(agent)
    told = next(event["tool_cancel_event"] for event in events if "tool_cancel_event" in event)
    proposed = {"toolUseId": "c", "name": "echo", "input": {"words": "a"}}
    assert told == {"tool_use": proposed, "message": "Too dangerous."}
    assert "message(assistant:toolUse) tool_cancel_event message(user:toolResult)" in outline(events)
    assert agent.messages[2]["content"][0]["toolResult"] == {
        "toolUseId": "c",
        "status": "error",
        "content": [{"text": "Too dangerous."}],
    }
    assert seen[0].cancel_message == "Too dangerous."


async def test_a_tool_may_be_run_again() -> None:
    runs: list[int] = []

    @tool
    async def count() -> Any:
        """Count."""
        runs.append(1)
        yield len(runs)

    agent = scripted_agent([call("count")], "Done.", tools=[count])

    def again(event: hooks.AfterToolCallEvent) -> None:
        event.retry = len(runs) < 3

    agent.add_hook(again)
    events = await collect(agent)
    assert [e["tool_stream_event"]["data"] for e in events if "tool_stream_event" in e] == [1, 2, 3]
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "3"}]


async def test_a_tool_that_is_run_again_begins_with_what_the_model_proposed() -> None:
    agent = scripted_agent([call("echo", {"words": "a"})], "Done.", tools=[echo])
    runs: list[Any] = []

    def longer(event: hooks.BeforeToolCallEvent) -> None:
        event.tool_use["input"]["words"] += "!"

    def again(event: hooks.AfterToolCallEvent) -> None:
        runs.append(event.result["content"][0]["text"])
        event.retry = len(runs) < 3

    agent.add_hook(longer)
    agent.add_hook(again)
    await agent.invoke_async("go")
    assert runs == ["a!"] * 3 and agent.messages[1]["content"][0]["toolUse"]["input"] == {"words": "a"}


async def test_all_tools_refused_and_the_turn_ended() -> None:
    agent = scripted_agent([call("echo", {"words": "a"})], "Done.", tools=[echo])

    def refuse(event: hooks.BeforeToolsEvent) -> None:
        event.cancel = "None of them."

    undo = agent.add_hook(refuse)
    events = await collect(agent)
    assert "tool_cancel_event" not in outline(events)
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "None of them."}]
    undo()

    agent = scripted_agent([call("echo", {"words": "a"})], tools=[echo])

    def end(event: hooks.AfterToolsEvent) -> None:
        event.end_turn = "That is all."

    agent.add_hook(end)
    events = await collect(agent)
    assert outline(events).endswith("message(user:toolResult) complete result(end_turn)")
    assert str(events[-1]["result"]) == "That is all.\n" == f"{agent.messages[-1]['content'][0]['text']}\n"


async def test_a_tool_may_stop_the_loop_through_the_request_state() -> None:
    @tool(context=True)
    def last(tool_context: Any) -> str:
        """Stop."""
        tool_context.invocation_state["request_state"]["stop_event_loop"] = True
        return "bye"

    events = await collect(scripted_agent([call("last")], tools=[last]))
    assert outline(events).endswith("message(user:toolResult) complete result(tool_use)")
    assert events[-1]["result"].state == {"stop_event_loop": True}


variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


@pytest.mark.parametrize("kind", ["sync", "async", "generator"])
async def test_what_a_hook_sets_in_the_context_the_tool_sees(kind: str) -> None:
    @tool
    def sync(words: str) -> str:
        """Look."""
        return variable.get()

    @tool(name="async")
    async def coroutine(words: str) -> str:
        """Look."""
        return variable.get()

    @tool
    async def generator(words: str) -> Any:
        """Look."""
        yield variable.get()

    agent = scripted_agent([call(kind, {"words": w}) for w in "ab"], "Done.", tools=[sync, coroutine, generator])

    async def mark(event: hooks.BeforeToolCallEvent) -> None:
        await asyncio.sleep(0)
        variable.set(event.tool_use["input"]["words"])

    agent.add_hook(mark)
    await agent.invoke_async("go")
    assert [b["toolResult"]["content"][0]["text"] for b in agent.messages[2]["content"]] == ["a", "b"]
    assert variable.get() == "unset"
