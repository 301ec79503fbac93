"""What an editor opens of a stop: its frames, the transcript and the request as documents, messages page by page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent_runtime.models.scripted import call, text
from tests.debug.support import ONE, Checked, bench
from tests.runtimes import RUNTIMES
from tracer.debug import DebugError


async def _frames(client: Checked, stop: dict[str, Any]) -> list[dict[str, Any]]:
    return list((await client.request("stackTrace", {"threadId": stop["thread"]}))["stackFrames"])


async def _opened(client: Checked, frame: dict[str, Any]) -> str:
    source = frame["source"]
    body = await client.request("source", {"source": source, "sourceReference": source["sourceReference"]})
    return str(body["content"])


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_frames_are_call_cycle_and_invocation_each_with_what_it_lies_in(runtime: str) -> None:
    async with bench(ONE, "before_tool", runtime=runtime) as made, made.client() as client:
        run = made.run("what is 6*7?")
        stop = await client.stopped()
        top, cycle, invocation = await _frames(client, stop)
        assert top["source"]["path"].endswith("support.py")
        said = await _opened(client, cycle)
        lines = said.splitlines()
        assert lines[cycle["line"] - 1] == "## messages[1] assistant" and invocation["line"] == 1
        assert "what is 6*7?" in lines and "I compute." in lines and '  "expression": "6*7"' in lines
        assert lines[0].endswith("#0, cycle 1, at before_tool calculator")
        with pytest.raises(DebugError, match="a request is shown before the model is asked"):
            await client.request("source", {"sourceReference": cycle["source"]["sourceReference"] + 1})
        with pytest.raises(DebugError, match="there is no document"):
            await client.request("source", {"sourceReference": cycle["source"]["sourceReference"] + 3})
        await client.go(stop)
        await made.end(run)
        with pytest.raises(DebugError, match="over or never was"):
            await client.request("source", {"sourceReference": cycle["source"]["sourceReference"]})


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_the_request_is_a_document_before_the_model_is_asked(runtime: str) -> None:
    async with bench(ONE, "before_model", runtime=runtime) as made, made.client() as client:
        made.agent.system_prompt = "Be brief."
        run = made.run("what is 6*7?")
        stop = await client.stopped()
        request = json.loads(await _opened(client, (await _frames(client, stop))[0]))
        assert [message["content"] for message in request["messages"]] == [[{"text": "what is 6*7?"}]]
        assert request["system_prompt"] == "Be brief." and "calculator" in str(request["tool_specs"])
        await client.go(stop)
        stop = await client.stopped()
        assert "result of `" in await _opened(client, (await _frames(client, stop))[1])
        await client.go(stop)
        await made.end(run)


async def test_an_edit_is_in_the_document_and_is_what_is_sent() -> None:
    async with bench(["hello"], "before_model") as made, made.client() as client:
        run = made.run("one")
        stop = await client.stopped()
        top, _, invocation = await _frames(client, stop)
        path = "messages[0].content[0].text"
        await client.request("setExpression", {"expression": path, "value": '"two"', "frameId": top["id"]})
        assert "\ntwo\n" in await _opened(client, invocation) and '"two"' in await _opened(client, top)
        await client.go(stop)
        await made.end(run)


async def test_messages_are_paged() -> None:
    async with bench(["hello"], "before_model") as made, made.client() as client:
        turns = [{"role": role, "content": [{"text": str(n)}]} for n, role in enumerate(["user", "assistant"] * 500)]
        made.agent.messages.extend(turns)
        run = made.run("the last")
        stop = await client.stopped()
        frame = (await _frames(client, stop))[-1]
        (scope,) = (await client.request("scopes", {"frameId": frame["id"]}))["scopes"]
        assert (scope["name"], scope["indexedVariables"], scope["expensive"]) == ("Messages", 1001, True)
        reference = scope["variablesReference"]
        page = {"variablesReference": reference, "filter": "indexed", "start": 998, "count": 2}
        variables = (await client.request("variables", page))["variables"]
        assert [one["name"] for one in variables] == ["998", "999"] and "998" in variables[0]["value"]
        assert frame["line"] == 1 and len((await _opened(client, frame)).splitlines()) > 3000
        await client.go(stop)
        await made.end(run)


async def test_what_is_hostile_secret_or_odd_is_harmless_in_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "hunter2-hunter2")
    said = "a\x1b[31mb\r\n\u202ec hunter2-hunter2"
    turns = [[text(said), call("calculator", {"expression": "1+1"})], "done"]
    async with bench(turns, "before_tool") as made, made.client() as client:
        run = made.run(said)
        stop = await client.stopped()
        odd = [{"role": 1, "content": 5}, "odd", {"content": [None]}]
        made.debugger.board.stops[stop["stop"]].document["messages"] += odd
        opened = await _opened(client, (await _frames(client, stop))[1])
        assert "ab\nc [redacted:" in opened and "hunter2" not in opened
        assert not {"\x1b", "\r", "\u202e"} & set(opened)
        await client.go(stop)
        await made.end(run)
