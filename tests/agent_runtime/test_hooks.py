"""Hooks: when they come, in what order, that they are awaited, and how they are registered."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import inspect
import types
from typing import Any, get_type_hints

import pytest

from agent_runtime import Agent, hooks, tool
from agent_runtime.errors import EventLoopException
from agent_runtime.event_loop import control
from agent_runtime.models.scripted import ScriptedModel, call, fail
from agent_runtime.testing import collect, scripted_agent
from tests.agent_runtime.asked import echo
from tests.agent_runtime.outline import name, outline, until_raise
from tests.clock import movable

ALL = [kind for kind in vars(hooks).values() if isinstance(kind, type) and issubclass(kind, hooks.HookEvent)]
ALL.remove(hooks.HookEvent)


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


async def test_on_agent_tells_of_each_new_agent_until_undone() -> None:
    seen: list[Agent] = []
    undo = hooks.on_agent(seen.append)
    first = scripted_agent("Hi.", name="first")
    undo()
    scripted_agent("Hi.")
    assert seen == [first] and seen[0].name == "first" and seen[0].hooks is not None


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
