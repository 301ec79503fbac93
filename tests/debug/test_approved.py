"""What was approved is what runs: whatever another hook does, and whenever, the tool gets the input that was shown."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from agent_runtime.models.scripted import call
from tests.debug.support import ONE, bench, calculator, fail
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.recording.watch import hooks_of

Hook = Callable[[Any], None]


def _other_input(event: Any) -> None:
    event.tool_use = {**event.tool_use, "input": {"expression": "1+1"}}


def _in_place(event: Any) -> None:
    event.tool_use["input"]["expression"] = "1+1"


def _other_name(event: Any) -> None:
    event.tool_use = {**event.tool_use, "name": "fail", "input": {"reason": "x"}}


def _other_tool(event: Any) -> None:
    event.selected_tool = event.agent.tool_registry.registry["fail"]


def _hook(agent: Any, change: Hook, order: float) -> None:
    async def later(event: Any) -> None:
        change(event)

    agent.add_hook(later, hooks_of(agent).BeforeToolCallEvent, order=order)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("change", [_other_input, _in_place])
async def test_a_hook_of_any_order_comes_before_the_gate(runtime: str, change: Hook) -> None:
    agent = make_agent(runtime, ONE, tools=[calculator, fail])
    async with bench(agent=agent, runtime=runtime) as made, made.client(breakpoints=["before_tool"]) as client:
        _hook(agent, change, 2**62)
        run = made.run()
        stop = await client.stopped()
        assert stop["input"] == {"expression": "1+1"}  # what is shown is what would run
        await client.go(stop)
        await made.end(run)
        assert made.results() == ["2"]
        (ended,) = made.records(r.ToolEnd)
        assert ended.input == {"expression": "1+1"}


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("change", "what"),
    [(_other_input, "input"), (_in_place, "input"), (_other_name, "name or id"), (_other_tool, "tool")],
)
async def test_a_change_behind_the_gate_refuses_the_call(runtime: str, change: Hook, what: str) -> None:
    agent = make_agent(runtime, ONE, tools=[calculator, fail])
    async with bench(agent=agent, runtime=runtime) as made, made.client(breakpoints=["before_tool"]) as client:
        _hook(agent, change, inf)  # as late as ours, and registered after it
        run = made.run()
        stop = await client.stopped()
        assert stop["input"] == {"expression": "6*7"}
        await client.go(stop)
        await made.end(run)
        assert made.results() == [f"The debugger refused this call: its {what} was changed after it was shown"]
        assert any("changed after it was shown" in log.text for log in made.records(r.Log))


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_change_while_it_is_stopped_refuses_the_call(runtime: str) -> None:
    events: list[Any] = []
    agent = make_agent(runtime, ONE, tools=[calculator, fail])
    async with bench(agent=agent, runtime=runtime) as made, made.client(breakpoints=["before_tool"]) as client:
        _hook(agent, events.append, 0)
        run = made.run()
        stop = await client.stopped()
        _in_place(events[0])
        await client.go(stop)
        await made.end(run)
        assert "its input was changed after it was shown" in made.results()[0]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_an_approved_edit_cannot_be_changed_through_what_others_hold(runtime: str) -> None:
    agent = make_agent(runtime, ONE, tools=[calculator, fail])
    async with bench(agent=agent, runtime=runtime) as made, made.client(breakpoints=["before_tool"]) as client:
        run = made.run()
        stop = await client.stopped()
        await client.request("tracer/edit", {"stop": stop["stop"], "value": {"expression": "100+1"}})
        await client.go(stop)
        await made.end(run)
        assert made.results() == ["101"] and made.proposed() == [{"expression": "6*7"}]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_call_that_a_hook_renamed_or_refuses_is_as_the_hook_says(runtime: str) -> None:
    turns = [[call("nothing", {"expression": "6*7"})], ONE[0], "done"]
    agent = make_agent(runtime, turns, tools=[calculator, fail])

    def rename(event: Any) -> None:
        event.tool_use = {**event.tool_use, "name": "calculator"}

    def refuse(event: Any) -> None:
        event.cancel_tool = "not today" if len(agent.messages) > 3 else False

    async with bench(agent=agent, runtime=runtime) as made, made.client(breakpoints=["calculator"]) as client:
        _hook(agent, rename, 0)
        _hook(agent, refuse, inf)
        run = made.run()
        for _ in range(2):
            await client.go(await client.stopped())
        await made.end(run)
        assert made.results() == ["42", "not today"]


async def test_the_debuggers_own_records_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "hunter2-hunter2"
    monkeypatch.setenv("SOME_API_KEY", secret)
    given = f'before_tool if not "{secret}" in input.expression'
    async with bench(ONE) as made, made.client(f"me {secret}", breakpoints=[given]) as client:
        run = made.run()
        stop = await client.stopped()
        edit = {"expression": "1+1", "note": secret}
        await client.request("tracer/edit", {"stop": stop["stop"], "value": edit})
        await client.go(stop)
        await made.end(run)
        assert made.records(r.Stopped)[0].breakpoint.startswith('before_tool if not "[redacted:')
        assert made.records(r.Edited)[0].who.startswith("me [redacted:")
        assert made.records(r.Resumed)[0].who.startswith("me [redacted:")
        assert secret not in made.recording.path.read_text()


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_after_a_stream_is_left_the_next_runs_stops_know_where_they_are(runtime: str) -> None:
    async with bench([ONE[0], *ONE], runtime=runtime) as made, made.client(breakpoints=["before_tool"]) as client:
        left = made.agent.stream_async("first")
        async for event in left:
            if event.get("message", {}).get("role") == "assistant":
                break
        if runtime == "stock":  # it takes no second call before the first is closed; ours does once nobody holds it
            await left.aclose()
        del left
        run = made.run("second")
        stop = await client.stopped()
        assert (stop["inv"], stop["cycle"]) == ("1", 1)
        names = [thread["name"].split()[-1] for thread in (await client.request("threads"))["threads"]]
        assert "#1" in names
        await client.go(stop)
        await made.end(run)
        (stopped,) = made.records(r.Stopped)
        assert (stopped.inv, stopped.cycle) == ("1", 1)
