"""What a client asks and is told: breakpoints in all their forms, variables, steps, errors. Every message is judged."""

from __future__ import annotations

from typing import Any

import pytest

from agent_runtime.models.scripted import call, fail, text
from tests.debug.support import ONE, TWO, Bench, Checked, bench
from tests.runtimes import RUNTIMES, needs_strands
from tracer import records as r
from tracer.debug import DebugError


async def _scope(client: Checked, stop: dict[str, Any], name: str) -> int:
    frame = (await client.request("stackTrace", {"threadId": stop["thread"], "levels": 1}))["stackFrames"][0]
    scopes = (await client.request("scopes", {"frameId": frame["id"]}))["scopes"]
    return int(next(scope["variablesReference"] for scope in scopes if scope["name"] == name))


async def _variables(client: Checked, reference: int, **more: Any) -> dict[str, Any]:
    body = await client.request("variables", {"variablesReference": reference, **more})
    return {variable["name"]: variable for variable in body["variables"]}


async def _points(made: Bench, client: Checked, command: str = "continue") -> list[str]:
    """The points at which a run stops, when each stop is answered with `command`."""
    run = made.run()
    seen: list[str] = []
    run.add_done_callback(lambda _: client._events.put_nowait(("done", {})))
    while True:
        item = await client._events.get()
        assert item is not None, f"the connection ended after {seen}"
        name, body = item
        if name == "done":
            return seen
        if name == "stopped":
            seen.append(body["tracer"]["point"])
            await client.go({"thread": body["threadId"], "stop": body["tracer"]["stop"]}, command)


# every point


async def test_each_point_in_its_order() -> None:
    turns = [[text("a"), call("calculator", {"expression": "6*7"})], "done"]
    async with bench(turns, "any") as made, made.client() as client:
        assert await _points(made, client) == [
            "message", "before_model", "after_model", "message", "before_tool", "after_tool", "message", "cycle_end",
            "before_model", "after_model", "message", "cycle_end",
        ]  # fmt: skip


async def test_errors_have_points_of_their_own() -> None:
    turns = [[call("fail", {"reason": "it broke"})], [text("I was"), fail(RuntimeError("gone"))]]
    async with bench(turns, "tool_error", "model_error", "force_stop") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        assert (stop["point"], stop["dap"]["reason"]) == ("tool_error", "exception")
        said = await client.request("evaluate", {"expression": "event.error"})
        assert "it broke" in said["result"]
        await client.go(stop)
        stop = await client.stopped()
        assert stop["point"] == "model_error"
        await client.go(stop)
        stop = await client.stopped()
        assert stop["point"] == "force_stop"
        await client.go(stop)
        with pytest.raises(RuntimeError, match="gone"):
            await made.end(run)


@needs_strands
async def test_stock_says_which_points_it_has_no_hook_for() -> None:
    async with bench(ONE, runtime="stock") as made, made.client() as client:
        assert client.capabilities["tracer"]["unsupported"] == ["cycle_end", "force_stop"]
        body = await client.request(
            "setFunctionBreakpoints", {"breakpoints": [{"name": "force_stop"}, {"name": "any"}]}
        )
        assert [one["verified"] for one in body["breakpoints"]] == [False, True]
        assert "no hook for force_stop" in body["breakpoints"][0]["message"]
        assert "before_tool" in await _points(made, client)


# breakpoints


async def test_dap_conditions_hit_counts_and_exception_filters() -> None:
    turns = [ONE[0], ONE[0], ONE[0], "done"]
    async with bench(turns) as made, made.client() as client:
        given = [{"name": "calc*", "condition": "cycle > 1", "hitCondition": "2"}, {"name": "nowhere:x"}]
        body = await client.request("setFunctionBreakpoints", {"breakpoints": given})
        assert [one["verified"] for one in body["breakpoints"]] == [True, False]
        assert "there is no point 'nowhere'" in body["breakpoints"][1]["message"]
        options = [{"filterId": "message", "condition": 'role = "assistant" and text = "done"'}]
        await client.request("setExceptionBreakpoints", {"filters": ["tool_error"], "filterOptions": options})
        run = made.run()
        stop = await client.stopped()
        assert (stop["point"], stop["cycle"], stop["dap"]["reason"]) == ("before_tool", 3, "function breakpoint")
        await client.go(stop)
        stop = await client.stopped()
        assert (stop["point"], stop["cycle"], stop["dap"]["reason"]) == ("message", 4, "exception")
        await client.go(stop)
        await made.end(run)


async def test_setting_again_keeps_the_hits_of_what_stays() -> None:
    async with bench([*TWO[:1], *TWO]) as made, made.client() as client:
        given = [{"name": "calculator hit >=4"}]
        await client.request("setFunctionBreakpoints", {"breakpoints": given})
        await client.request(
            "setFunctionBreakpoints", {"breakpoints": [*given, {"name": "after_tool:calculator hit 1"}]}
        )
        run = made.run()
        stop = await client.stopped()
        assert stop["point"] == "after_tool"
        await client.request("setFunctionBreakpoints", {"breakpoints": given})  # its two hits still count
        await client.go(stop)
        stop = await client.stopped()
        assert (stop["point"], stop["cycle"]) == ("before_tool", 2)
        await client.go(stop)
        await made.end(run)


async def test_a_logpoint_writes_and_does_not_stop() -> None:
    line = 'before_tool if cycle = 1 log "{tool} gets {input.expression} in cycle {cycle} {nothing}"'
    async with bench(ONE, line) as made, made.client() as client:
        await made.end(made.run())
        (log,) = [log for log in made.records(r.Log) if log.source == "breakpoint"]
        assert log.text == "calculator gets 6*7 in cycle 1 {nothing}" and log.tool_use_id and log.cycle == 1
        assert not made.records(r.Stopped)
        while "tracer" in (told := await client.until("output")):
            continue  # what the agent says
        assert told["output"] == log.text + "\n"


async def test_totals_of_usage_can_be_asked() -> None:
    turns = [[text("a"), call("calculator", {"expression": "1+1"})], "done"]
    async with bench(turns, "any if usage.total_tokens > 0 once") as made, made.client() as client:
        assert await _points(made, client) == ["after_model"]


async def test_a_condition_that_compares_a_text_with_a_number_is_marked_stops_nothing_and_stays_in_force() -> None:
    turns = [[call("calculator", {"expression": "6*7", "n": n})] for n in ("many", 9)]
    async with bench([*turns, "done"]) as made, made.client(breakpoints=["before_tool if input.n > 5"]) as client:
        run = made.run()
        stop = await client.stopped()
        assert stop["cycle"] == 2
        (listed,) = (await client.request("tracer/breakpoints"))["breakpoints"]
        assert not listed["verified"] and "a str > 5" in listed["message"] and "does not stop then" in listed["message"]
        assert len([log for log in made.records(r.Log) if "cannot be evaluated" in log.text]) == 1
        await client.go(stop)
        await made.end(run)


@pytest.mark.parametrize("broken", [ZeroDivisionError, KeyError])
@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_where_the_agent_cannot_be_read_a_tool_waits_and_other_points_go_on(
    runtime: str, broken: type[Exception]
) -> None:
    def fails() -> Any:
        raise broken("gone")

    given = [f'{point} if model ~ "x" hit 5 once' for point in ("before_tool", "after_tool")]
    async with bench([*TWO[:1], *TWO], *given, runtime=runtime) as made, made.client() as client:
        made.agent.model.get_config = fails
        run = made.run()
        marked = [await client.until("breakpoint")]
        for _ in range(4):  # it stays in force for all that come
            stop = await client.stopped()
            assert stop["point"] == "before_tool" and broken.__name__ in str(stop["dap"]) + str(marked)
            await client.go(stop)
        await made.end(run)
        listed = (await client.request("tracer/breakpoints"))["breakpoints"]
        assert [one["verified"] for one in listed] == [False, False]
        assert all(f"reading model: {broken.__name__}" in one["message"] for one in listed)
        assert len([log for log in made.records(r.Log) if "cannot be evaluated" in log.text]) == 2


async def test_what_no_condition_asks_is_not_read() -> None:
    async with bench(ONE, "before_tool if cycle > 1", "any if tool:fail", "before_model once") as made:
        made.agent.model.get_config = lambda: 1 / 0
        async with made.client() as client:
            assert await _points(made, client) == ["before_model"]  # and a model without a name stops too
            assert not [log for log in made.records(r.Log) if "cannot be evaluated" in log.text]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    "condition",
    ['prompt ~ "^go$"', 'text = "I compute."', 'agent ~ "."', 'model ~ "."', "input and tool:calculator", "not cost"],
)
async def test_what_a_stopped_call_can_be_asked(runtime: str, condition: str) -> None:
    async with bench(ONE, f"calculator if {condition}", runtime=runtime) as made, made.client() as client:
        assert await _points(made, client) == ["before_tool"]


def test_every_name_of_a_point_can_be_read() -> None:
    from tracer.debug.breakpoints import KNOWN
    from tracer.debug.names import _READ

    assert set(KNOWN["any"]) == set(_READ)


# stepping


async def test_next_in_a_tool_stays_with_its_call_and_then_leaves_it() -> None:
    async with bench(TWO, "calculator hit 1") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        seen = []
        for _ in range(3):
            await client.go(stop, "next")
            stop = await client.stopped()
            seen.append((stop["point"], stop["dap"]["reason"]))
        assert stop["dap"]["reason"] == "step"
        assert seen == [("after_tool", "step"), ("message", "step"), ("cycle_end", "step")]
        await client.go(stop)
        await made.end(run)


async def test_step_out_of_a_tool_and_out_of_a_cycle() -> None:
    async with bench(TWO, "calculator hit 1") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        for expected in ("message", "cycle_end", "before_model"):
            await client.go(stop, "stepOut")
            stop = await client.stopped()
            assert stop["point"] == expected
        assert stop["cycle"] == 2
        await client.go(stop)
        await made.end(run)


async def test_a_step_is_recorded_and_told_as_the_step_it_was() -> None:
    async with bench(ONE, "before_tool") as made, made.client() as client:
        run, told = made.run(), []
        for command in ("stepIn", "next", "stepOut", "continue"):
            await client.go(await client.stopped(), command)
            told.append((await client.until("continued"))["tracer"]["act"])
        await made.end(run)
        assert told == ["step in", "step over", "step out", "continue"]
        assert [end.act for end in made.records(r.Resumed)] == told


async def test_step_in_enters_a_sub_agent_and_next_steps_over_it() -> None:
    from agent_runtime.testing import scripted_agent

    for command, expected in (("stepIn", ("0.0", "message")), ("next", ("0", "after_tool"))):
        inner = scripted_agent("I am inside", name="inner")
        agent = scripted_agent([call("inner", {"input": "hello"})], "done", tools=[inner.as_tool()])
        async with bench(agent=agent) as made, made.client(breakpoints=["before_tool"]) as client:
            run = made.run()
            await client.go(await client.stopped(), command)
            stop = await client.stopped()
            assert (stop["inv"], stop["point"]) == expected
            names = [thread["name"] for thread in (await client.request("threads"))["threads"]]
            assert names[:2] == (["agent #0", "inner #0.0"] if command == "stepIn" else ["agent #0", names[-1]])
            await client.go(stop)
            await made.end(run)


async def test_pause_stops_at_the_next_safe_point() -> None:
    async with bench(TWO) as made, made.client() as client:
        await client.request("pause", {"threadId": 0})
        run = made.run()
        stop = await client.stopped()
        assert (stop["point"], stop["dap"]["reason"]) == ("message", "pause")
        with pytest.raises(DebugError, match="stopped already"):
            await client.request("pause", {"threadId": stop["thread"]})
        await client.go(stop)
        await made.end(run)
        with pytest.raises(DebugError, match="there is no thread 99"):
            await client.request("pause", {"threadId": 99})


# variables


async def test_variables_are_nested_paged_cut_and_editable() -> None:
    given = {"expression": "6*7", "deep": {"list": list(range(50))}, "long": "x" * 10_000, "odd key": [{"a": None}]}
    turns = [[call("calculator", given)], "done"]
    async with bench(turns, "before_tool") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        top = await _variables(client, await _scope(client, stop, "Input"))
        assert len(top["long"]["value"]) < 1100 and "10000 characters" in top["long"]["value"]
        pieces = await _variables(client, top["long"]["variablesReference"])
        assert sum(len(one["value"]) - 2 for one in pieces.values()) == 10_000
        assert top["odd key"]["evaluateName"] == 'input["odd key"]'
        items = (await _variables(client, top["deep"]["variablesReference"]))["list"]
        assert items["indexedVariables"] == 50
        page = await _variables(client, items["variablesReference"], filter="indexed", start=48, count=10)
        assert list(page) == ["48", "49"]
        assert await _variables(client, items["variablesReference"], filter="named") == {}
        change = {"variablesReference": items["variablesReference"], "name": "49", "value": '{"x": [1]}'}
        changed = await client.request("setVariable", change)
        assert changed["type"] == "object" and changed["variablesReference"] > 0
        for path, value in (("input.deep.list[49].x[0]", "1"), ('input["odd key"][0].a', "null"), ("event.cycle", "1")):
            assert (await client.request("evaluate", {"expression": path}))["result"] == value
        assert stop["input"] == given
        await client.request("tracer/refuse", {"stop": stop["stop"]})
        await made.end(run)


@pytest.mark.parametrize(
    ("command", "arguments", "why"),
    [
        ("evaluate", {"expression": "__import__('os')"}, "is not a path"),
        ("evaluate", {"expression": "input.nothing"}, "there is no 'nothing' in input; there is: expression"),
        ("evaluate", {"expression": "input.expression[0]"}, "there is no 0"),
        ("evaluate", {"expression": " "}, "is empty"),
        ("setVariable", {"variablesReference": 99, "name": "x", "value": "1"}, "not valid"),
        ("tracer/edit", {"stop": 1, "value": "6*7"}, "is a JSON object"),
        ("tracer/edit", {"stop": 1, "value": {"expression": "[redacted:0123abcd]"}}, "must not reach a tool"),
        ("continue", {"threadId": "many"}, "the arguments are not right"),
        ("tracer/refuse", {}, "the arguments are not right"),
        ("stepBack", {"threadId": 1}, "'stepBack' is not supported"),
        ("attach", {}, "attached already"),
        ("scopes", {"frameId": 800}, "over or never was"),
    ],
)
async def test_a_request_that_is_refused_says_why(command: str, arguments: dict[str, Any], why: str) -> None:
    async with bench(ONE, "before_tool") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        with pytest.raises(DebugError) as caught:
            await Checked.__mro__[1].request(_Free(client), command, arguments)  # type: ignore[attr-defined]
        assert why in str(caught.value)
        await client.go(stop)
        await made.end(run)
        assert made.results() == ["42"]


class _Free:
    """A client as it is, but free to send what the protocol forbids."""

    def __init__(self, client: Checked) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def _write(self, message: dict[str, Any]) -> None:
        await Checked.__mro__[1]._write(self._client, message)  # type: ignore[attr-defined]


async def test_setting_a_variable_needs_json_a_known_name_and_a_stopped_call() -> None:
    async with bench(ONE, "before_tool", "after_tool") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        shown = await _scope(client, stop, "Input")
        for name, value, why in (("expression", "1+1", "a text needs quotes"), ("other", "1", "there is no 'other'")):
            with pytest.raises(DebugError, match=why):
                await client.request("setVariable", {"variablesReference": shown, "name": name, "value": value})
        event = await _scope(client, stop, "Event")
        with pytest.raises(DebugError, match="event cannot be edited at before_tool; what can be edited there: input"):
            await client.request("setVariable", {"variablesReference": event, "name": "cycle", "value": "9"})
        await client.go(stop)
        stop = await client.stopped()
        with pytest.raises(DebugError, match="not valid"):  # its references died with the first stop
            await client.request("variables", {"variablesReference": shown})
        with pytest.raises(DebugError, match="what can be edited there: result"):
            await client.request("tracer/edit", {"stop": stop["stop"], "value": {}})
        assert (await _variables(client, await _scope(client, stop, "Result")))["status"]["value"] == '"success"'
        await client.go(stop)
        await made.end(run)


async def test_nothing_but_initialize_comes_first() -> None:
    async with bench() as made, Checked(made.debugger.path) as client:
        with pytest.raises(DebugError, match="before initialize"):
            await client.request("threads")


async def test_a_secret_is_not_shown_and_its_real_value_still_reaches_the_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "hunter2-hunter2")
    given = {"reason": "hunter2-hunter2", "extra": 1}
    heard: list[dict[str, Any]] = []

    def fail(reason: str, extra: int) -> str:
        """Fail.

        Args:
            reason: a secret
            extra: a number
        """
        heard.append({"reason": reason, "extra": extra})
        return "ok"

    async with bench([[call("fail", given)], "done"], "before_tool", tools=[fail]) as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        assert "hunter2" not in str(stop) and "[redacted:" in stop["input"]["reason"]
        await client.request("tracer/edit", {"stop": stop["stop"], "value": {**stop["input"], "extra": 2}})
        await client.go(stop)
        await made.end(run)
        assert heard == [{"reason": "hunter2-hunter2", "extra": 2}]
        (edited,) = made.records(r.Edited)
        assert "hunter2" not in str(edited) and edited.after["extra"] == 2


async def test_invalid_json_of_the_model_can_be_mended() -> None:
    async with (
        bench([[call("calculator", '{"expression": 6*7')], "done"], "before_tool") as made,
        made.client() as client,
    ):
        run = made.run()
        stop = await client.stopped()
        assert stop["input"] == '{"expression": 6*7'
        await client.request("tracer/edit", {"stop": stop["stop"], "value": {"expression": "6*7"}})
        await client.go(stop)
        await made.end(run)
        assert made.results() == ["42"]
