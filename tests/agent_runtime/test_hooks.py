"""Hooks: when they come, in what order, that they are awaited, and that what they change is honoured."""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import functools
import inspect
import types
from typing import Any, get_type_hints

import pytest

from agent_runtime import Agent, hooks, tool
from agent_runtime.errors import EventLoopException
from agent_runtime.event_loop import control
from agent_runtime.models.scripted import ScriptedModel, call, fail, usage
from agent_runtime.testing import collect, scripted_agent
from tests.agent_runtime.outline import name, outline, until_raise
from tests.clock import movable

ALL = [kind for kind in vars(hooks).values() if isinstance(kind, type) and issubclass(kind, hooks.HookEvent)]
ALL.remove(hooks.HookEvent)


@tool
def echo(words: str) -> str:
    """Say it again."""
    return words


class Asked(ScriptedModel):
    """Keeps what it is sent."""

    def __init__(self, *turns: Any) -> None:
        super().__init__(turns)
        self.requests: list[dict[str, Any]] = []

    async def stream(self, messages: Any, tool_specs: Any = None, system_prompt: Any = None, **kwargs: Any) -> Any:
        self.requests.append({"messages": list(messages), "specs": tool_specs, "system": system_prompt, **kwargs})
        async for chunk in super().stream(messages, tool_specs, system_prompt, **kwargs):
            yield chunk


async def test_hooks_and_stream_interleave_as_in_strands() -> None:
    agent = scripted_agent([call("echo", {"words": "a"}), call("echo", {"words": "b"})], "Done.", tools=[echo])
    seen: list[str] = []
    agent.add_hook(lambda event: seen.append(type(event).__name__.removesuffix("Event")), ALL)
    async for event in agent.stream_async("go"):
        if not {"event", "data", "current_tool_use"} & set(event):
            seen.append(name(event))
    assert " ".join(seen) == (
        "BeforeInvocation init_event_loop MessageAdded BeforeCycle start start_event_loop BeforeModelCall"
        " AfterModelCall MessageAdded message(assistant:toolUse+toolUse)"
        " BeforeTools BeforeToolCall BeforeToolCall AfterToolCall AfterToolCall AfterTools"
        " MessageAdded message(user:toolResult+toolResult) AfterCycle complete"
        " BeforeCycle start start_event_loop BeforeModelCall AfterModelCall MessageAdded message(assistant:text)"
        " AfterCycle complete AfterInvocation result(end_turn)"
    )


async def test_order_then_registration_and_after_events_in_reverse() -> None:
    agent = scripted_agent("Hi.")
    seen: list[str] = []
    for label, order in (("a", 0), ("b", 0), ("late", 100), ("early", -100)):
        agent.add_hook(
            lambda event, label=label: seen.append(f"{type(event).__name__[:6]}:{label}"),
            [hooks.BeforeModelCallEvent, hooks.AfterModelCallEvent],
            order,
        )
    await agent.invoke_async("go")
    assert " ".join(seen) == ("Before:early Before:a Before:b Before:late AfterM:early AfterM:b AfterM:a AfterM:late")


async def test_anything_awaitable_is_awaited() -> None:
    agent = scripted_agent("Hi.")
    seen: list[str] = []

    class Hook:
        async def __call__(self, event: Any) -> None:
            await asyncio.sleep(0)
            seen.append("object")

    async def named(label: str, event: Any) -> None:
        await asyncio.sleep(0)
        seen.append(label)

    def future(event: Any) -> Any:
        return asyncio.ensure_future(named("future", event))

    class Method:
        async def method(self, event: Any) -> None:
            await named("method", event)

    def coroutine(event: Any) -> Any:
        return named("coroutine", event)

    for hook in (Hook(), functools.partial(named, "partial"), future, coroutine, Method().method):
        agent.add_hook(hook, hooks.BeforeModelCallEvent)
    for _ in range(2):  # the second time with what calls them while somebody wants to know of edits
        agent.model = ScriptedModel(["Hi."])
        await agent.invoke_async("go")
        assert seen == ["object", "partial", "future", "coroutine", "method"]
        seen.clear()
        agent.add_hook(lambda event: None, hooks.EditedEvent)


async def test_a_tools_hooks_may_return_anything_awaitable_too() -> None:
    agent = scripted_agent([call("echo", {"words": "a"})], "Done.", tools=[echo])
    agent.add_hook(lambda event: None, hooks.EditedEvent)
    seen: list[str] = []

    async def named(label: str) -> None:
        await asyncio.sleep(0)
        seen.append(label)

    @types.coroutine
    def old(event: Any) -> Any:
        yield from named("generator").__await__()

    agent.add_hook(lambda event: asyncio.ensure_future(named("future")), hooks.BeforeToolCallEvent)
    agent.add_hook(old, hooks.BeforeToolCallEvent)
    agent.add_hook(lambda event: named("coroutine"), hooks.BeforeToolCallEvent)
    await agent.invoke_async("go")
    assert seen == ["future", "generator", "coroutine"]


async def test_undo_provider_and_annotated_callable() -> None:
    seen: list[str] = []

    class Provider:
        def register_hooks(self, registry: hooks.HookRegistry) -> None:
            registry.add_callback(hooks.BeforeInvocationEvent, lambda event: seen.append("provider"))

    def plain(event: hooks.BeforeInvocationEvent | hooks.AfterInvocationEvent) -> None:
        seen.append(type(event).__name__)

    agent = scripted_agent("Hi.", "Hi.", hooks=[Provider(), plain])
    undo = agent.hooks.add_callback(hooks.BeforeInvocationEvent, lambda event: seen.append("mine"))
    await agent.invoke_async("go")
    assert seen == ["provider", "BeforeInvocationEvent", "mine", "AfterInvocationEvent"]
    undo()
    undo()
    seen.clear()
    await agent.invoke_async("go")
    assert "mine" not in seen and len(seen) == 3
    with pytest.raises(ValueError, match="not a hook event"):
        agent.add_hook(plain, str)
    with pytest.raises(ValueError, match="annotate"):
        agent.add_hook(lambda event: None)


async def test_a_providers_hooks_are_undone_together_and_no_others() -> None:
    seen: list[str] = []

    class Inner:
        def register_hooks(self, registry: hooks.HookRegistry) -> None:
            registry.add_callback(hooks.AfterInvocationEvent, lambda event: seen.append("inner"))

    class Provider:
        def register_hooks(self, registry: hooks.HookRegistry) -> None:
            registry.add_callback([hooks.BeforeInvocationEvent, hooks.AfterInvocationEvent], lambda e: seen.append("p"))
            registry.add_hook(Inner())

    agent = scripted_agent("Hi.", "Hi.")
    agent.add_hook(lambda event: seen.append("before"), hooks.BeforeInvocationEvent)
    undo = agent.hooks.add_hook(Provider())
    agent.add_hook(lambda event: seen.append("after"), hooks.BeforeInvocationEvent)
    await agent.invoke_async("go")
    assert seen == ["before", "p", "after", "inner", "p"]
    undo()
    undo()
    seen.clear()
    await agent.invoke_async("go")
    assert seen == ["before", "after"]


async def test_time_in_hooks_counts_towards_no_limit_and_no_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    move = movable(monkeypatch, control)

    @tool(timeout=10)
    def quick(words: str) -> str:
        """Quick."""
        return words

    agent = scripted_agent([call("quick", {"words": "a"})], "Done.", tools=[quick])

    async def slow(event: Any) -> None:
        move(100)
        for _ in range(3):
            await asyncio.sleep(0)  # whatever is due by now comes

    tools = (hooks.BeforeToolCallEvent, hooks.AfterToolCallEvent)
    agent.add_hook(slow, [hooks.BeforeInvocationEvent, hooks.BeforeModelCallEvent, *tools])
    result = await agent.invoke_async("go", limits={"seconds": 90})
    assert result.stop_reason == "end_turn"
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "a"}]


async def test_a_hook_before_the_model_is_waited_for_and_can_see_that_it_is_cancelled() -> None:
    agent = scripted_agent("Never.")
    seen: list[str] = []

    async def park(event: hooks.BeforeModelCallEvent) -> None:
        agent.cancel()
        await asyncio.sleep(0.02)
        seen.append("cancelled" if event.agent.cancel_signal.is_set() else "goes on")

    agent.add_hook(park)
    result = await agent.invoke_async("go")
    assert seen == ["cancelled"] and result.stop_reason == "cancelled" and agent.model.calls == 0


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


async def test_on_agent_tells_of_each_new_agent_until_undone() -> None:
    seen: list[Agent] = []
    undo = hooks.on_agent(seen.append)
    first = scripted_agent("Hi.", name="first")
    undo()
    scripted_agent("Hi.")
    assert seen == [first] and seen[0].name == "first" and seen[0].hooks is not None


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


async def test_a_hook_that_waits_holds_up_no_other_tool() -> None:
    gate = asyncio.Event()
    done: list[str] = []

    async def park(event: hooks.BeforeToolCallEvent) -> None:
        if event.tool_use["input"]["words"] == "a":
            await gate.wait()

    def finished(event: hooks.AfterToolCallEvent) -> None:
        done.append(event.tool_use["input"]["words"])
        gate.set()

    agent = scripted_agent([call("echo", {"words": w}) for w in "ab"], "Done.", tools=[echo], hooks=[park, finished])
    await agent.invoke_async("go")
    assert done == ["b", "a"]


async def test_force_stop_is_told_with_its_exception() -> None:
    from agent_runtime.models.scripted import fail

    error = ValueError("x")
    agent = scripted_agent(fail(error))
    seen: list[Any] = []
    agent.add_hook(seen.append, [hooks.ForceStopEvent, hooks.AfterCycleEvent])
    await until_raise(agent.stream_async("go"))
    assert (seen[0].reason, seen[0].exception) == ("x", error)
    assert (seen[1].ending, seen[1].cycle) == ("force_stop", 1)


async def test_a_hook_that_fails_at_the_end_of_a_cycle_still_lets_it_be_closed() -> None:
    def deny(event: hooks.AfterCycleEvent) -> None:
        raise RuntimeError("no")

    events, raised = await until_raise(scripted_agent("Hi.", hooks=[deny]).stream_async("go"))
    assert isinstance(raised, EventLoopException) and outline(events).endswith("message(assistant:text) force_stop")


async def test_a_hook_that_fails_at_an_error_does_not_hide_it() -> None:
    from agent_runtime.models.scripted import fail

    def deny(event: hooks.ForceStopEvent) -> None:
        raise RuntimeError("the hook")

    _, raised = await until_raise(scripted_agent(fail(ValueError("the model")), hooks=[deny]).stream_async("go"))
    assert isinstance(raised, ValueError) and "the hook" in raised.__notes__[0]


async def test_the_invocation_state_reaches_hooks_and_tools_and_no_event() -> None:
    @tool(context=True)
    def who(tool_context: Any) -> str:
        """Who."""
        return str(tool_context.invocation_state["user"])

    seen: list[Any] = []
    agent = scripted_agent([call("who")], "Done.", tools=[who])
    agent.add_hook(lambda event: seen.append(event.invocation_state["user"]), hooks.BeforeToolCallEvent)
    given = {"user": "ann"}
    events = await collect(agent, invocation_state=given)
    assert seen == ["ann"] and given == {"user": "ann"}
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "ann"}]
    assert not any("user" in event for event in events)


@pytest.mark.parametrize("ends", ["well", "with an error"])
async def test_what_is_left_in_the_invocation_state_is_the_callers_when_the_call_is_over(ends: str) -> None:
    def leave(event: hooks.AfterModelCallEvent) -> None:
        event.invocation_state["calls"] += 1
        event.invocation_state["new"] = event.invocation_state.pop("old")

    given: dict[str, Any] = {"calls": 0, "old": "x", "same": []}
    agent = scripted_agent("Hi." if ends == "well" else fail(ValueError("no")), hooks=[leave])
    try:
        await agent.invoke_async("go", invocation_state=given, more=1)
    except ValueError:
        assert ends != "well"
    assert given == {"calls": 1, "new": "x", "same": []}


async def test_what_is_not_writable_cannot_be_assigned_by_mistake() -> None:
    def slips(event: hooks.BeforeToolCallEvent) -> None:
        event.cancel_tools = "no"  # type: ignore[attr-defined]

    agent = scripted_agent([call("echo", {"words": "a"})], "Done.", tools=[echo])
    agent.add_hook(slips, hooks.BeforeToolCallEvent)
    with pytest.raises(EventLoopException, match="cancel_tools of BeforeToolCallEvent cannot be assigned"):
        await agent.invoke_async("go")


EVENTS = [kind for kind in vars(hooks).values() if isinstance(kind, type) and issubclass(kind, hooks.HookEvent)]


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_an_events_constructor_can_be_asked_what_it_takes(kind: type[hooks.HookEvent]) -> None:
    names = [field.name for field in dataclasses.fields(kind)]
    hints = get_type_hints(kind.__init__)
    assert list(inspect.signature(kind, eval_str=True).parameters) == names
    assert [name for name in hints if name != "return"] == names
    assert [*vars(kind(**dict.fromkeys(names, 1)))] == names


async def test_hooks_of_one_kind_leave_the_others_as_they_are() -> None:
    agent, seen = scripted_agent("Fine."), list[str]()
    undo = agent.add_hook(lambda event: seen.append("before"), hooks.BeforeInvocationEvent)
    agent.add_hook(lambda event: seen.append("after"), hooks.AfterInvocationEvent)
    undo()
    await collect(agent)
    assert seen == ["after"] and not agent.hooks.has(hooks.BeforeInvocationEvent)


def test_what_names_no_event_is_a_value_error_as_in_strands() -> None:
    def late(event: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821, UP037

    for hook in (late, 5, object(), "hook"):
        with pytest.raises(ValueError, match="does not say for which event it is"):
            scripted_agent(hooks=[hook])
