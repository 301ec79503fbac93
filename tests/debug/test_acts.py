"""What can be done at a stop besides going on: edit a result or a request, skip a call with a result, make it again."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from agent_runtime.models.scripted import ScriptedModel, call, fail, text
from agent_runtime.testing import scripted_agent
from tests.debug.support import LIMIT, ONE, bench, calculator
from tests.runtimes import RUNTIMES
from tracer import records as r
from tracer.debug import drafts
from tracer.debug.errors import DebugError
from tracer.session import Session

RESULT = {"status": "success", "content": [{"text": "forty-two"}]}


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("given", "content"), [("41", [{"text": "41"}]), ({"n": 41}, [{"json": {"n": 41}}]), (RESULT, RESULT["content"])]
)
async def test_a_skipped_call_does_not_run_and_has_the_given_result(runtime: str, given: Any, content: Any) -> None:
    ran: list[str] = []

    def calculator(expression: str) -> str:
        """Compute.

        Args:
            expression: such as 6*7
        """
        ran.append(expression)
        return "42"

    async with bench(ONE, "before_tool", "after_tool", runtime=runtime, tools=[calculator]) as made:
        async with made.client("me") as client:
            run = made.run()
            stop = await client.stopped()
            await client.request("tracer/skip", {"stop": stop["stop"], "result": given})
            after = await client.stopped()
            shown = await client.request("tracer/value", {"stop": after["stop"], "expression": "result.content"})
            assert (after["point"], shown) == ("after_tool", {"value": content, "editable": True})
            await client.go(after)
            await made.end(run)
        (told,) = [message for message in made.agent.messages if "toolResult" in message["content"][0]]
        result = told["content"][0]["toolResult"]
        assert (result["status"], result["content"], ran) == ("success", content, [])
        assert [end.act for end in made.records(r.Resumed)] == ["skip", "continue"]
        (ended,) = made.records(r.ToolEnd)
        assert ended.result["content"] == content and ended.cancelled == "skipped by me, which gave the result"
        spans = Session(made.recording.path).spans()
        assert not ended.refused and [span.status for span in spans if span.kind == "tool"] == ["ok"]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_given_result_stays_with_its_call(runtime: str) -> None:
    turns = [[call("calculator", {"expression": "6*7"})], [call("calculator", {"expression": "2*3"})], "done"]
    async with bench(turns, "before_tool once", runtime=runtime) as made, made.client() as client:
        run = made.run()
        await client.request("tracer/skip", {"stop": (await client.stopped())["stop"], "result": "given"})
        await made.end(run)
        assert made.results() == ["given", "6"]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_an_edited_result_is_what_the_model_is_told(runtime: str) -> None:
    async with bench(ONE, "after_tool", runtime=runtime) as made, made.client("me") as client:
        run = made.run()
        stop = await client.stopped()
        frame = (await client.request("stackTrace", {"threadId": stop["thread"]}))["stackFrames"][0]["id"]
        change = {"expression": "result.content[0].text", "value": '"43"', "frameId": frame}
        assert (await client.request("setExpression", change))["value"] == '"43"'
        await client.go(stop)
        await made.end(run)
        assert made.results() == ["43"]
        (edited,) = made.records(r.Edited)
        assert (edited.what, edited.path, edited.before, edited.after) == (
            "result",
            "result.content[0].text",
            "42",
            "43",
        )
        assert (edited.who, made.records(r.ToolEnd)[0].result["content"]) == ("me", [{"text": "43"}])


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_call_that_failed_is_made_again(runtime: str) -> None:
    left = ["the disk is busy"]

    def flaky() -> str:
        """Fail once."""
        if left:
            raise RuntimeError(left.pop())
        return "fine"

    async with bench([[call("flaky", {})], "done"], "tool_error", runtime=runtime, tools=[flaky]) as made:
        async with made.client() as client:
            run = made.run()
            stop = await client.stopped()
            frame = (await client.request("stackTrace", {"threadId": stop["thread"]}))["stackFrames"][0]["id"]
            await client.request("restartFrame", {"frameId": frame})
            await made.end(run)
        assert made.results() == ["fine"]
        assert [(end.attempt, end.status) for end in made.records(r.ToolEnd)] == [(0, "error"), (1, "success")]
        assert [end.act for end in made.records(r.Resumed)] == ["retry"]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_model_call_that_failed_is_made_again(runtime: str) -> None:
    async with bench([[fail(RuntimeError("no route"))], "hello"], "model_error", runtime=runtime) as made:
        async with made.client() as client:
            run = made.run()
            await client.request("tracer/retry", {"stop": (await client.stopped())["stop"]})
            events = await made.end(run)
        assert str(events[-1]["result"]).strip() == "hello"
        assert [end.error is None for end in made.records(r.ModelEnd)] == [False, True]


async def test_an_edited_request_is_sent_and_the_history_stays() -> None:
    model = ScriptedModel([[text("done")]])
    sent: list[Any] = []
    stream = model.stream
    agent = scripted_agent(["x"], name="a", system_prompt="Be long.")
    agent.model = model

    def seen(messages: Any, tool_specs: Any = None, system_prompt: Any = None, **more: Any) -> Any:
        sent.append((messages, system_prompt, more["params"]))
        return stream(messages, tool_specs, system_prompt, **more)

    model.stream = seen  # type: ignore[method-assign]
    async with bench([], "before_model", agent=agent) as made, made.client() as client:
        run = made.run("Say hello.")
        stop = (await client.stopped())["stop"]
        whole = (await client.request("tracer/value", {"stop": stop, "expression": "request"}))["value"]
        request = {**whole, "system_prompt": "Be brief.", "params": {"temperature": 0}}
        await client.request("tracer/edit", {"stop": stop, "expression": "request", "value": request})
        words = {"stop": stop, "expression": "messages[0].content[0].text", "value": "Say goodbye."}
        await client.request("tracer/edit", words)
        await client.request("continue", {"threadId": 1, "tracer": {"stop": stop}})
        await made.end(run)
        asked = [{"role": "user", "content": [{"text": "Say goodbye."}]}]
        assert sent == [(asked, "Be brief.", {"temperature": 0})]
        assert agent.messages[0]["content"] == [{"text": "Say hello."}] and agent.system_prompt == "Be long."
        assert [(one.what, one.path) for one in made.records(r.Edited)] == [
            ("request", "request"),
            ("request", "messages[0].content[0].text"),
        ]


@pytest.mark.parametrize(
    ("point", "path", "value", "why"),
    [
        ("before_tool", "input", {"expression": 7}, "input.expression: 7 is not of type 'string'"),
        ("before_tool", "input", {}, "'expression' is a required property"),
        ("before_tool", "messages", [], "messages cannot be edited at before_tool"),
        ("after_tool", "result", "42", "a result is a JSON object"),
        ("after_tool", "result.content", "42", "content is a list of blocks"),
        ("after_tool", "result.status", "fine", 'status is "success" or "error"'),
        ("after_tool", "result.toolUseId", "x", "toolUseId is its call's"),
        ("before_model", "request", {"model": "x"}, "a request has no 'model'"),
        ("before_model", "messages", [], "not empty"),
        ("before_model", "messages[0].role", "system", "user or assistant"),
        ("after_model", "result", {}, "what can be edited there: nothing"),
    ],
)
async def test_an_edit_that_does_not_fit_is_refused_and_changes_nothing(
    point: str, path: str, value: Any, why: str
) -> None:
    async with bench(ONE, f"{point} once", tools=[calculator]) as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        with pytest.raises(DebugError, match=why.replace("[", "\\[")):
            await client.request("tracer/edit", {"stop": stop["stop"], "expression": path, "value": value})
        await client.go(stop)
        await made.end(run)
        assert made.results() == ["42"] and not made.records(r.Edited)


@pytest.mark.parametrize(("command", "point"), [("tracer/skip", "after_tool"), ("tracer/retry", "before_tool")])
async def test_an_act_at_the_wrong_point_is_refused(command: str, point: str) -> None:
    async with bench(ONE, f"{point} once") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        with pytest.raises(DebugError, match=f"is at {point}"):
            await client.request(command, {"stop": stop["stop"], "result": "x"})
        await client.go(stop)
        await made.end(run)


async def test_an_edit_brings_what_the_request_or_the_schema_knows_and_no_misspelling() -> None:
    def fetch(url: str, retries: int = 1) -> str:
        """Fetch.

        Args:
            url: where
            retries: how often
        """
        return f"{url} {retries}"

    turns = [[call("fetch", {"url": "a"})], "done"]
    async with bench(turns, "before_model once", "before_tool", tools=[fetch]) as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        added = {"stop": stop["stop"], "expression": "request.params.temperature", "value": 0.1}
        await client.request("tracer/edit", added)
        await client.go(stop)
        stop = await client.stopped()
        await client.request("tracer/edit", {"stop": stop["stop"], "expression": "input.retries", "value": 3})
        with pytest.raises(DebugError, match="there is no 'retry' in input; there is: url"):
            await client.request("tracer/edit", {"stop": stop["stop"], "expression": "input.retry", "value": 3})
        await client.go(stop)
        await made.end(run)
        assert made.results() == ["a 3"]
        (start, _) = made.records(r.ModelStart)
        assert start.params == {"temperature": 0.1}


async def test_an_edit_is_checked_while_the_agents_loop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    checking, go_on = threading.Event(), threading.Event()
    check = drafts.check

    def slowly(*given: Any) -> None:
        checking.set()
        assert go_on.wait(LIMIT)
        check(*given)

    monkeypatch.setattr(drafts, "check", slowly)
    async with bench(ONE, "before_tool") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        words = {"stop": stop["stop"], "expression": "input.expression", "value": "100+1"}
        edit = asyncio.create_task(client.request("tracer/edit", words))
        assert await asyncio.to_thread(checking.wait, LIMIT)
        free = False
        for _ in range(100):  # the gate's ticks take it too, for a moment each
            free = free or made.debugger.board.lock.acquire(blocking=False)
            await asyncio.sleep(0 if free else 0.02)
        go_on.set()
        assert free
        made.debugger.board.lock.release()
        await edit
        await client.go(stop)
        await made.end(run)
        assert made.results() == ["101"]


async def test_of_two_edits_at_once_the_later_sees_what_the_first_made(monkeypatch: pytest.MonkeyPatch) -> None:
    check = drafts.check
    async with bench(ONE, "before_tool") as made, made.client() as client:

        def meanwhile(*given: Any) -> None:
            monkeypatch.setattr(drafts, "check", check)
            made.debugger.board.edit(1, ("input", "expression"), "1+1", "another")
            check(*given)

        run = made.run()
        stop = await client.stopped()
        monkeypatch.setattr(drafts, "check", meanwhile)
        await client.request("tracer/edit", {"stop": 1, "expression": "input.expression", "value": "100+1"})
        await client.go(stop)
        await made.end(run)
        edits = [(edit.before["expression"], edit.after["expression"]) for edit in made.records(r.Edited)]
        assert edits == [("6*7", "1+1"), ("1+1", "100+1")] and made.results() == ["101"]
