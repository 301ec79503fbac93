"""Who is told as the author of a change, when, and what is no edit."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import Any

import pytest

from agent_runtime import Agent, SlidingWindowConversationManager, hooks, tool
from agent_runtime.errors import ContextWindowOverflowException
from agent_runtime.hooks import Author, EditedEvent
from agent_runtime.models.scripted import ScriptedModel, call, fail
from agent_runtime.testing import collect, scripted_agent
from tests.agent_runtime.asked import Asked, echo
from tests.agent_runtime.edits import (
    CASES,
    USE,
    line_of,
    listen,
    one_call,
    say,
    told,
)


class Guard:
    """A provider of hooks of several kinds of callable."""

    def register_hooks(self, registry: hooks.HookRegistry) -> None:
        registry.add_callback(hooks.BeforeInvocationEvent, self.method)
        registry.add_callback(hooks.BeforeInvocationEvent, functools.partial(labelled, "partial"))
        registry.add_callback(hooks.BeforeInvocationEvent, self)
        registry.add_callback(hooks.BeforeInvocationEvent, decorated)
        registry.add_callback(hooks.BeforeInvocationEvent, Later())

    def method(self, event: Any) -> None:
        labelled("method", event)

    def __call__(self, event: Any) -> None:
        labelled("object", event)


class Later:
    async def __call__(self, event: Any) -> None:
        await asyncio.sleep(0)
        labelled("async object", event)


def labelled(label: str, event: Any) -> None:
    event.agent.system_prompt += f" {label}"


def logged(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(event: Any) -> Any:
        return function(event)

    return wrapper


@logged
@logged
def decorated(event: Any) -> None:
    labelled("decorated", event)


async def test_each_callable_is_named_with_its_file_and_line() -> None:
    agent = scripted_agent("Hi.", system_prompt="s", hooks=[Guard()])
    seen = listen(agent)
    here = inspect.currentframe()
    assert here is not None
    agent.add_hook(lambda event: labelled("lambda", event), hooks.BeforeInvocationEvent)
    line = here.f_lineno - 1
    await agent.invoke_async("go")
    assert [(e.after.rpartition("s ")[2].split()[-1], e.by) for e in seen] == [
        ("method", Author("hook", "Guard.method", __file__, line_of(Guard.method))),
        ("partial", Author("hook", "labelled", __file__, line_of(labelled))),
        ("object", Author("hook", "Guard", __file__, line_of(Guard.__call__))),
        ("decorated", Author("hook", "decorated", __file__, line_of(decorated))),
        ("object", Author("hook", "Later", __file__, line_of(Later.__call__))),
        ("lambda", Author("hook", "<lambda>", __file__, line)),
    ]


async def test_several_hooks_in_a_row_are_each_told_with_their_own_part() -> None:
    agent = one_call()
    seen = listen(agent)

    def first(event: hooks.BeforeToolCallEvent) -> None:
        event.tool_use["input"]["words"] += "1"

    async def second(event: hooks.BeforeToolCallEvent) -> None:
        await asyncio.sleep(0)
        event.tool_use = {**event.tool_use, "input": {"words": event.tool_use["input"]["words"] + "2"}}

    for hook in (first, second):
        agent.add_hook(hook)
    await agent.invoke_async("go")
    assert told(seen) == [
        ("input", "", {"words": "a"}, {"words": "a1"}, "first"),
        ("input", "", {"words": "a1"}, {"words": "a12"}, "second"),
    ]
    assert agent.messages[1]["content"] == [USE]


async def test_an_edit_is_told_before_the_next_hook_and_before_an_exception_leaves() -> None:
    agent = scripted_agent("Hi.", system_prompt="a")
    order: list[str] = []
    agent.hooks.add_callback(EditedEvent, lambda event: order.append(f"told {event.after} by {event.by.name}"))

    def edit(event: hooks.BeforeModelCallEvent) -> None:
        event.agent.system_prompt = "b"

    def deny(event: hooks.BeforeModelCallEvent) -> None:
        order.append("next")
        event.agent.system_prompt = "c"
        raise RuntimeError("no")

    agent.add_hook(edit)
    agent.add_hook(deny)
    with pytest.raises(RuntimeError, match="no"):
        await agent.invoke_async("go")
    assert order == ["told b by edit", "next", "told c by deny"]


async def test_what_is_told_stays_as_it_was_told() -> None:
    agent = one_call()
    seen = listen(agent)
    kept: list[Any] = []

    def add(event: hooks.BeforeToolCallEvent) -> None:
        event.tool_use["input"]["list"] = kept

    def more(event: hooks.AfterToolCallEvent) -> None:
        kept.append(1)

    agent.add_hook(add)
    agent.add_hook(more)
    await agent.invoke_async("go")
    assert seen[0].after == {"words": "a", "list": []} and kept == [1]


@pytest.mark.parametrize("value", [True, 1.0, "1"])
async def test_a_value_of_another_type_is_an_edit(value: Any) -> None:
    @tool
    def add(n: Any) -> str:
        """Add."""
        return str(n)

    agent = scripted_agent([call("add", {"n": 1})], "Done.", tools=[add])
    seen = listen(agent)

    def edit(event: hooks.BeforeToolCallEvent) -> None:
        event.tool_use["input"]["n"] = value

    agent.add_hook(edit)
    await agent.invoke_async("go")
    assert [(type(e.before["n"]), type(e.after["n"])) for e in seen] == [(int, type(value))]


async def test_what_a_tool_changes_is_found_at_the_next_model_call() -> None:
    @tool(context=True)
    def change(tool_context: Any) -> str:
        """Change the agent."""
        tool_context.agent.system_prompt = "Mine."
        tool_context.agent.messages[0]["content"][0]["text"] = "changed"
        return "ok"

    agent = scripted_agent([call("change", {})], "Done.", tools=[change], system_prompt="Yours.")
    order: list[Any] = []
    agent.hooks.add_callback(EditedEvent, lambda e: order.append((e.what, e.path, e.before, e.after, e.by)))
    agent.add_hook(hooks.unwatched(lambda event: order.append("asked")), hooks.BeforeModelCallEvent)
    await agent.invoke_async("go")
    assert order == [
        "asked",
        ("system", "", "Yours.", "Mine.", None),
        ("message", "[0].content[0].text", "go", "changed", None),
        "asked",
    ]


async def test_what_a_tool_changes_beside_a_hook_that_waits_is_not_the_hooks() -> None:
    changed, waits = asyncio.Event(), asyncio.Event()

    @tool(context=True)
    async def change(tool_context: Any) -> str:
        """Change the prompt."""
        await waits.wait()
        tool_context.agent.system_prompt = "tool"
        changed.set()
        return "ok"

    agent = scripted_agent([call("change", {}), call("echo", {"words": "a"})], "Done.", tools=[change, echo])
    seen = listen(agent)

    async def wait(event: hooks.BeforeToolCallEvent) -> None:
        if event.tool_use["name"] == "echo":
            event.agent.system_prompt = "hook"
            waits.set()
            await changed.wait()
            event.tool_use["input"]["words"] = "b"

    agent.add_hook(wait)
    await agent.invoke_async("go")
    assert told(seen) == [
        ("system", "", None, "hook", "wait"),
        ("system", "", "hook", "tool", ""),
        ("input", "", {"words": "a"}, {"words": "b"}, "wait"),
    ]


async def test_a_hook_that_is_cancelled_or_raises_while_it_is_stepped_through_sees_it() -> None:
    agent = one_call()
    listen(agent)
    seen: list[str] = []

    async def patient(event: hooks.BeforeToolCallEvent) -> None:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(60)
        except TimeoutError:
            seen.append("timeout")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    agent.add_hook(patient)
    asyncio.get_running_loop().call_later(0.05, agent.cancel)
    events = await collect(agent)
    assert seen == ["timeout", "cancelled"] and events[-1]["result"].stop_reason == "cancelled"


async def test_between_two_calls_the_prompt_is_told_and_the_history_is_the_programs() -> None:
    agent = scripted_agent("Hi.", "Hi.", "Hi.", system_prompt="a")
    seen = listen(agent)
    await agent.invoke_async("go")
    agent.system_prompt = "b"
    agent.messages.clear()
    await agent.invoke_async("go")
    assert told(seen) == [("system", "", "a", "b", "")]
    await agent.invoke_async("go")
    assert len(seen) == 1


async def test_a_conversation_manager_is_named_for_what_it_cuts() -> None:
    short = SlidingWindowConversationManager(window_size=2)
    agent = scripted_agent("1", "2", fail(ContextWindowOverflowException("too long")), "3", conversation_manager=short)
    seen = listen(agent)
    for prompt in ("a", "b", "c"):
        await agent.invoke_async(prompt)
    said = [(e.what, e.path, len(e.before), e.after, e.by.kind, e.by.name) for e in seen if e.by]
    manager = ("conversation manager", "SlidingWindowConversationManager.")
    assert said == [
        ("message", "[0:2]", 2, [], manager[0], manager[1] + "apply_management"),
        ("message", "[0:2]", 2, [], manager[0], manager[1] + "reduce_context"),
    ]


async def test_between_two_calls_a_direct_tool_call_finds_no_edit() -> None:
    agent = one_call()
    seen = listen(agent)
    agent.add_hook(lambda event: None, hooks.AfterToolCallEvent)
    await agent.invoke_async("go")
    agent.messages.clear()
    agent.tool.echo(words="b")
    agent.model = ScriptedModel(["Done."])
    await agent.invoke_async("go")
    assert seen == [] and len(agent.messages) == 6


async def test_an_unwatched_hook_is_not_told_and_blames_nobody_after_it() -> None:
    agent = one_call(system_prompt="a")
    seen = listen(agent)

    @hooks.unwatched
    def quiet(event: hooks.BeforeToolCallEvent) -> None:
        event.tool_use["input"]["words"] = "quiet"

    agent.add_hook(quiet)
    agent.add_hook(lambda event: None, hooks.BeforeToolCallEvent)
    await agent.invoke_async("go")
    assert seen == [] and agent.messages[2]["content"][0]["toolResult"]["content"] == say("quiet")


async def test_nothing_is_copied_or_compared_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("nobody listens")

    monkeypatch.setattr("agent_runtime.edits.history.Shadow", never)
    monkeypatch.setattr("agent_runtime.edits.callbacks._Watch", never)
    agent = one_call()
    agent.add_hook(lambda event: None, list({kind for kind, _, _ in CASES}))
    await agent.invoke_async("go")
    undo = agent.hooks.add_callback(EditedEvent, lambda event: None)
    with pytest.raises(AssertionError, match="nobody listens"):
        await agent.invoke_async("go")
    undo()
    agent.model = ScriptedModel(["Hi."])
    await agent.invoke_async("go")


async def test_values_that_hold_themselves_or_multiply_are_watched_without_end() -> None:
    agent = one_call()
    seen = listen(agent)
    own: dict[str, Any] = {}
    own["own"] = own
    shared: Any = ["leaf"]
    for _ in range(40):
        shared = [shared, shared]

    def first(event: hooks.AfterToolCallEvent) -> None:
        event.result["metadata"] = {"own": own, "shared": shared}

    agent.add_hook(lambda event: None, hooks.AfterToolCallEvent)  # called after it: After events run in reverse
    agent.add_hook(first)
    await asyncio.wait_for(agent.invoke_async("go"), 200)
    assert [e.by.name for e in seen if e.by] == ["first"]


async def test_an_edit_in_place_of_the_request_leaves_the_agent_as_it_was() -> None:
    model = Asked([call("echo", {"words": "a"})], "Done.")
    agent = Agent(model, tools=[echo], system_prompt=[{"text": "Be kind."}], callback_handler=None)

    def edit(event: hooks.BeforeModelCallEvent) -> None:
        if not model.requests:
            event.request.messages[0]["content"][0]["text"] = "cut"
            event.request.system_prompt[0]["text"] = "Be brief."
            event.request.tool_specs[0]["description"] = "Loud."

    agent.add_hook(edit)
    await agent.invoke_async("go")
    first, second = model.requests
    assert (first["messages"][0]["content"], first["system"]) == (say("cut"), "Be brief.")
    assert (second["messages"][0]["content"], second["system"]) == (say("go"), "Be kind.")
    assert (first["specs"][0]["description"], second["specs"][0]["description"]) == ("Loud.", "Say it again.")


async def test_later_hooks_see_the_request_as_it_will_be_sent() -> None:
    model = Asked("Hi.")
    agent = Agent(model, system_prompt="a", callback_handler=None)
    seen: list[Any] = []

    def in_agent(event: hooks.BeforeModelCallEvent) -> None:
        event.agent.messages[0]["content"][0]["text"] = "cut"
        event.agent.system_prompt = "b"

    agent.add_hook(in_agent)
    agent.add_hook(
        hooks.unwatched(lambda event: seen.append((event.request.messages[0]["content"], event.request.system_prompt))),
        hooks.BeforeModelCallEvent,
        1000,
    )
    await agent.invoke_async("go")
    assert seen == [(model.requests[0]["messages"][0]["content"], model.requests[0]["system"])] == [(say("cut"), "b")]


async def test_what_changed_while_nobody_listened_is_no_edit() -> None:
    agent, seen = scripted_agent("Fine.", "Fine.", tools=[echo]), list[str]()
    agent.system_prompt = "one"
    agent.tool.echo(words="a")
    agent.system_prompt = "two"
    agent.add_hook(lambda event: seen.append(event.what), EditedEvent)
    await collect(agent)
    assert seen == []
