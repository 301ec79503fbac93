"""Stop, look, edit, go on: over a real socket, on both runtimes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.debug.support import ONE, TWO, bench
from tests.runtimes import RUNTIMES
from tracer import records as r
from tracer.debug import DebugError, enable
from tracer.debug.session import Session
from tracer.errors import TracerError


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_call_is_stopped_edited_and_runs_as_edited(runtime: str) -> None:
    async with bench(ONE, runtime=runtime) as made, made.client("me", breakpoints=["before_tool:calc*"]) as client:
        run = made.run()
        stop = await client.stopped()
        assert (stop["point"], stop["name"], stop["input"]) == ("before_tool", "calculator", {"expression": "6*7"})
        assert (stop["inv"], stop["cycle"], stop["index"]) == ("0", 1, 0)
        frames = (await client.request("stackTrace", {"threadId": stop["thread"]}))["stackFrames"]
        assert [frame["name"].split()[0] for frame in frames] == ["before_tool", "cycle", "invocation"]
        assert frames[0]["source"]["name"] == "support.py" and frames[0]["line"] > 1
        scopes = (await client.request("scopes", {"frameId": frames[0]["id"]}))["scopes"]
        shown = next(scope for scope in scopes if scope["name"] == "Input")["variablesReference"]
        (variable,) = (await client.request("variables", {"variablesReference": shown}))["variables"]
        assert (variable["name"], variable["value"]) == ("expression", '"6*7"')
        await client.request("setVariable", {"variablesReference": shown, "name": "expression", "value": '"100+1"'})
        (told,) = made.records(r.Edited)  # at once: whoever else watches sees it before it runs
        assert told.after == {"expression": "100+1"} and not made.records(r.Resumed)
        await client.go(stop)
        await made.end(run)
        assert made.results() == ["101"]
        assert made.proposed() == [{"expression": "6*7"}]  # history keeps what the model said
        stopped, edited, resumed = made.records(r.Stopped, r.Edited, r.Resumed)
        assert (stopped.point, stopped.breakpoint, stopped.viewers) == ("before_tool", "before_tool:calc*", 1)
        assert (edited.before, edited.after, edited.who) == ({"expression": "6*7"}, {"expression": "100+1"}, "me")
        assert (resumed.id, resumed.act, resumed.who) == (stopped.id, "continue", "me")
        (ended,) = made.records(r.ToolEnd)
        assert ended.input == {"expression": "100+1"}


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_refused_call_does_not_run_and_the_model_is_told_who_refused(runtime: str) -> None:
    async with bench(ONE, "calculator", runtime=runtime) as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        await client.request("tracer/refuse", {"stop": stop["stop"], "reason": "not that one"})
        await made.end(run)
        assert made.results() == ["The debugger refused this call: not that one"]
        assert made.records(r.Resumed)[0].act == "refuse"
        (ended,) = made.records(r.ToolEnd)
        assert ended.cancelled == made.results()[0]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_parallel_tools_stop_together_and_each_goes_on_alone(runtime: str) -> None:
    async with bench(TWO, "before_tool", "after_tool", runtime=runtime) as made, made.client() as client:
        run = made.run()
        first, second = await client.stopped(), await client.stopped()
        assert {first["index"], second["index"]} == {0, 1} and first["thread"] != second["thread"]
        threads = (await client.request("threads"))["threads"]
        assert len(threads) == 3  # the invocation, and each stopped call
        with pytest.raises(DebugError, match="nothing is stopped on thread"):
            await client.request("continue", {"threadId": threads[0]["id"]})
        await client.go(first)
        after = await client.stopped()
        assert (after["point"], after["index"]) == ("after_tool", first["index"])
        stops = (await client.request("tracer/stops"))["stops"]
        assert second["stop"] in [stop["tracer"]["stop"] for stop in stops]  # its sibling still waits
        await client.go(after)
        await client.go(second)
        await client.go(await client.stopped())
        await made.end(run)
        assert made.results() == ["42", "6"]


async def test_a_stop_that_is_over_cannot_be_continued_again() -> None:
    async with bench(ONE, "before_tool", "after_tool") as made, made.client() as client:
        run = made.run()
        old = await client.stopped()
        await client.go(old)
        new = await client.stopped()
        for stale in ({"threadId": new["thread"], "tracer": {"stop": old["stop"]}}, {"threadId": old["thread"]}):
            with pytest.raises(DebugError, match=r"over or never was|nothing is stopped"):
                await client.request("continue", stale)
        with pytest.raises(DebugError, match="over or never was"):
            await client.request("tracer/edit", {"stop": old["stop"], "value": {"expression": "1+1"}})
        await client.go(new)
        await made.end(run)


async def test_a_second_client_hears_of_the_stop_and_may_end_it() -> None:
    async with bench(ONE, "before_tool") as made, made.client("one") as one:
        run = made.run()
        stop = await one.stopped()
        async with made.client("two") as two:
            assert (await two.stopped())["stop"] == stop["stop"]
            assert [name for name, _ in two.seen] == ["initialized", "stopped"]
            await two.request("tracer/edit", {"stop": stop["stop"], "value": {"expression": "1+1"}})
            assert (await one.until("invalidated"))["threadId"] == stop["thread"]
            await two.go(stop)
            assert (await one.until("continued"))["tracer"]["who"] == "two"
        await made.end(run)
        assert made.results() == ["2"]


async def test_a_stop_that_is_being_told_when_a_client_comes_is_told_once() -> None:
    async with bench(ONE, "before_tool") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        sent: list[dict[str, Any]] = []
        late = Session(made.debugger.board, sent.append)
        for seq, command in enumerate(("initialize", "attach", "configurationDone"), 1):
            late.handle({"seq": seq, "type": "request", "command": command})
        for name in ("stopped", "continued", "continued"):  # what was on its way to all
            late.event(name, stop["dap"])
        late.closed()
        events = [message["event"] for message in sent if message["type"] == "event"]
        assert events == ["initialized", "stopped", "continued"]
        await client.go(stop)
        await made.end(run)


async def test_breakpoints_of_a_client_go_with_it_and_those_given_at_start_stay() -> None:
    async with bench([*ONE, *ONE], "after_tool once") as made:
        async with made.client(breakpoints=["before_tool"]) as client:
            run = made.run()
            stop = await client.stopped()
            listed = (await client.request("tracer/breakpoints"))["breakpoints"]
            assert [(b["text"], b["mine"]) for b in listed] == [("after_tool once", False), ("before_tool", True)]
            await client.go(stop)
            stop = await client.stopped()
            assert stop["point"] == "after_tool"
            await client.go(stop)
            await made.end(run)
            await client.request("disconnect")
        await made.end(made.run())  # nobody is there, and nothing stops
        assert [stopped.point for stopped in made.records(r.Stopped)] == ["before_tool", "after_tool"]
        assert not made.debugger.board.armed  # the one at start said `once`, the other went with its client


async def test_one_recording_has_one_debugger() -> None:
    async with bench() as made:
        with pytest.raises(TracerError, match="has its debugger already"):
            enable(made.recording)
        with pytest.raises(TracerError, match="refuse or continue"):
            enable(made.recording, on_lost="panic")


async def test_agents_made_in_other_loops_stop_too() -> None:
    async with bench(ONE, "before_tool") as made, made.client() as client:
        answer = asyncio.create_task(asyncio.to_thread(made.agent, "go"))  # a thread and a loop of its own
        await client.go(await client.stopped())
        async with asyncio.timeout(10):
            result = await answer
        assert result.stop_reason == "end_turn" and made.results() == ["42"]
