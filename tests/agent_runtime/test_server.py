"""`create_app`: what a request may say, what is answered in both forms, and what becomes of an agent nobody reads."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import HTTPException
from pydantic import BaseModel

import tracer
from agent_runtime import Agent, tool
from agent_runtime.hooks import BeforeToolCallEvent
from agent_runtime.models.scripted import call, fail, pause, text, think
from agent_runtime.server import create_app
from agent_runtime.server.forms import Events, Text, form_for
from agent_runtime.testing import collect, scripted_agent
from tests.runtimes import RUNTIMES, make_agent
from tests.serving import Client, post, serving, until
from tracer import records as r

EVENTS = "text/event-stream"
LONG = 200


@tool
async def sleep() -> str:
    """Sleep until nobody wants the answer any more."""
    await asyncio.sleep(LONG)
    return "slept"


_awake = threading.Event()


@tool
def block() -> str:
    """Hold up a thread until the test is over."""
    _awake.wait(LONG)
    return "awake"


async def ask(app: Any, body: Any = None, *, raw: bytes | None = None, **headers: str) -> httpx.Response:
    """A whole answer, without a socket."""
    said = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        content = raw if raw is not None else json.dumps(body if body is not None else {"prompt": "Hello"})
        return await client.post("/stream", content=content, headers=said)


def told(answer: str) -> list[dict[str, Any]]:
    """The events of a server-sent answer; each is one line."""
    found = []
    for block in answer.strip().split("\n\n"):
        *_, data = block.split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
    return found


# the answer


async def test_text_is_what_the_model_said_and_nothing_else() -> None:
    app = create_app(lambda: scripted_agent([think("hm"), text("Let me see. "), call("sleep")], "It is 49."))
    answer = await ask(app)
    assert (answer.status_code, answer.text) == (200, "Let me see. It is 49.")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_the_whole_lifecycle_for_who_accepts_events() -> None:
    def make() -> Agent:
        return scripted_agent([text("One. "), call("add", {"a": 1})], "Two.", tools=[])

    events = await collect(make())
    answer = await ask(create_app(make), accept=EVENTS)
    assert answer.headers["content-type"] == f"{EVENTS}; charset=utf-8"
    said = told(answer.text)
    assert [list(event) for event in said] == [list(event) for event in events]
    assert said[:-1] == events[:-1]
    assert said[-1]["result"]["stop_reason"] == "end_turn"


class Person(BaseModel):
    name: str


@tool
async def odd() -> AsyncIterator[Any]:
    """Yields what is no JSON."""
    yield b"\x00\xff"
    yield {1: {2, 1}, "half": "\ud800", "nan": float("nan")}
    yield "done"


async def test_what_is_no_json_has_a_typed_form() -> None:
    app = create_app(lambda: scripted_agent([call("odd")], "Done.", tools=[odd]))
    data = [
        e["tool_stream_event"]["data"] for e in told((await ask(app, accept=EVENTS)).text) if "tool_stream_event" in e
    ]
    assert data == [
        {"$bytes": "AP8="},
        {"1": {"$type": "set", "items": [1, 2]}, "half": "\ud800", "nan": {"$float": "nan"}},
        "done",
    ]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Text),
        ("*/*", Text),
        ("text/event-stream", Events),
        ("application/json, TEXT/Event-Stream ; q=0.5", Events),
        ("text/event-stream;q=0", Text),
        ("text/event-stream;q=0.3, text/plain;q=0.8", Text),
        ("text/event-stream;q=x", Text),
        ("text/event-streams", Text),
    ],
)
def test_the_client_chooses_the_form(accept: str, form: type) -> None:
    assert type(form_for(accept)) is form


async def test_a_failure_is_a_clean_last_line_or_event() -> None:
    def make() -> Agent:
        return scripted_agent([text("partly"), fail(RuntimeError("two\nlines \x1b[31m"))])

    answer = await ask(create_app(make))
    assert (answer.status_code, answer.text) == (200, "partly\nError: RuntimeError: two lines\n")
    last = (await ask(create_app(make), accept=EVENTS)).text.strip().split("\n\n")[-1]
    assert last.split("\n")[0] == "event: error"
    assert told(last) == [{"error": "RuntimeError: two lines", "type": "RuntimeError"}]


async def test_a_failure_before_any_text_begins_no_new_line() -> None:
    answer = await ask(create_app(lambda: scripted_agent(fail(RuntimeError("no")))))
    assert answer.text == "Error: RuntimeError: no\n"


# the agent


async def test_who_makes_an_agent_may_be_async_may_get_the_request_and_may_refuse_it() -> None:
    async def make(request: Any) -> Agent:
        if "x-user" not in request.headers:
            raise HTTPException(401, "who are you?")
        return scripted_agent(f"Hello {request.headers['x-user']}.")

    app = create_app(make)
    assert (await ask(app, x_user="Ann")).text == "Hello Ann."
    refused = await ask(app)
    assert (refused.status_code, refused.json()) == (401, {"detail": "who are you?"})


@pytest.mark.parametrize("make", [lambda: 1 / 0, lambda: 42, lambda: None])
async def test_where_no_agent_can_be_made_the_client_learns_no_details(make: Any, caplog: Any) -> None:
    answer = await ask(create_app(make))
    assert answer.status_code == 500
    assert answer.json() == {"detail": "no agent could be made; the server's log says why"}
    assert "Error" in caplog.text and "no agent could be made" in caplog.text


def test_what_makes_no_agent_is_refused_at_once() -> None:
    for wrong in (42, lambda a, b: None, lambda *, key: None):
        with pytest.raises(TypeError, match="agent"):
            create_app(wrong)
    with pytest.raises(ValueError, match="no limit 'turn'"):
        create_app(scripted_agent, limits={"turn": 1})


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_one_agent_for_all_is_busy_for_a_second_call_and_free_after_the_first(runtime: str) -> None:
    agent = make_agent(runtime, [[text("one "), pause(LONG)], "two"])
    async with serving(create_app(agent)) as port:
        first = await post(port)
        await first.until("one")
        assert (await _answer(port)).startswith("HTTP/1.1 409 ")
        first.kill()
        async with asyncio.timeout(100):
            while (answer := await _answer(port)).startswith("HTTP/1.1 409 "):
                await asyncio.sleep(0.01)
        assert "two" in answer


async def _answer(port: int) -> str:
    return await (await post(port)).end()


# the request


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (400, b"{prompt: 1}", "the body is not JSON"),
        (400, b"\xff\xfe{", "the body is not JSON"),
        (400, b"[" * 100_000, "the body is not JSON"),
        (400, b'{"prompt": "x", "limits": {"turns": NaN}}', "the body is not JSON: NaN is no JSON"),
        (422, b'"Hello"', "the body must be an object"),
        (422, b"{}", "the field 'prompt' is missing or empty"),
        (422, b'{"prompt": "  "}', "the field 'prompt' is missing or empty"),
        (422, b'{"prompt": 42}', "the field 'prompt' must be text, or a list"),
        (422, b'{"prompt": [{"role": "user"}]}', "the field 'prompt' must be text, or a list"),
        (
            422,
            b'{"prompt": "x", "promt": "y"}',
            "there is no field 'promt'; the fields are prompt, limits, conversation",
        ),
        (422, b'{"prompt": "x", "limits": 5}', "the field 'limits' must be an object, not 5"),
        (422, b'{"prompt": "x", "limits": {"turn": 5}}', "there is no limit 'turn'"),
        (422, b'{"prompt": "x", "limits": {"turns": 0}}', "must be a number above 0"),
        (422, b'{"prompt": "x", "conversation_id": ""}', "the field 'conversation_id' must be text of 1 to 256"),
        (413, b'{"prompt": "' + b"x" * 1000 + b'"}', "the body is larger than 500 bytes"),
    ],
)
async def test_a_bad_request_is_told_in_one_message(status: int, body: bytes, says: str) -> None:
    answer = await ask(
        create_app(lambda: scripted_agent("never"), max_body=500 if status == 413 else 1 << 20), raw=body
    )
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"] and says in answer.json()["detail"]


async def test_a_body_without_a_length_is_not_read_without_end() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000

    app = create_app(lambda: scripted_agent("never"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        headers = {"Content-Type": "application/json"}
        assert (await client.post("/stream", content=endless(), headers=headers)).status_code == 413


async def test_what_is_not_said_to_be_json_is_refused() -> None:
    """A page of another site may send a form unasked, JSON it may not."""
    app = create_app(lambda: scripted_agent("Hi."))
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await ask(app, content_type=kind)
        assert answer.status_code == 415 and "Content-Type: application/json" in answer.json()["detail"]
    assert (await ask(app, content_type="application/json; charset=utf-8")).text == "Hi."


async def test_a_conversation_may_be_sent_along() -> None:
    seen: list[Any] = []

    def answer(messages: Any) -> str:
        seen.extend(messages)
        return "Ann."

    said = [("user", "I am Ann."), ("assistant", "Hello."), ("user", "Who am I?")]
    messages = [{"role": role, "content": [{"text": words}]} for role, words in said]
    assert (await ask(create_app(lambda: scripted_agent(answer)), {"prompt": messages})).text == "Ann."
    assert seen == messages


async def test_a_request_may_ask_for_less_than_the_servers_limits_and_not_for_more() -> None:
    def make() -> Agent:
        return scripted_agent(*[[text(f"{n} "), call("none")] for n in range(5)], "end")

    app = create_app(make, limits={"turns": 3})
    assert (await ask(app)).text == "0 1 2 \nStopped: the limit of 3 turns is reached\n"
    assert (
        await ask(app, {"prompt": "x", "limits": {"turns": 2}})
    ).text == "0 1 \nStopped: the limit of 2 turns is reached\n"
    assert (await ask(app, {"prompt": "x", "limits": {"turns": 9}})).text.startswith("0 1 2 \nStopped: ")


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_the_trace_context_of_a_request_is_recorded(
    runtime: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    agent = make_agent(runtime, ["Hi."])
    recording = tracer.attach(agent)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    body = {"prompt": "Hello", "conversation_id": "c-7"}
    assert (await ask(create_app(agent), body, traceparent=parent, tracestate="a=b")).text == "Hi."
    recording.detach()
    (start,) = [x for x in tracer.open(recording.id).records() if isinstance(x, r.InvocationStart)]
    assert (start.traceparent, start.tracestate, start.conversation_id) == (parent, "a=b", "c-7")


# the client that leaves


@pytest.mark.parametrize("accept", ["text/plain", EVENTS])
@pytest.mark.parametrize("where", ["streaming", "silent", "tool", "thread", "silent from the start"])
async def test_a_client_that_leaves_ends_the_run(
    where: str, accept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    turn = {
        "streaming": [text("word " * 10_000)],
        "silent": [text("word "), pause(LONG)],
        "tool": [text("word "), call("sleep")],
        "thread": [text("word "), call("block")],
        "silent from the start": [pause(LONG)],
    }[where]
    agent = scripted_agent(turn, "Again.", tools=[sleep, block], delay=0.001 if where == "streaming" else 0)
    in_tool = asyncio.Event()
    _awake.clear()
    agent.add_hook(lambda _: in_tool.set(), BeforeToolCallEvent)
    recording = tracer.attach(agent)
    async with serving(create_app(agent)) as port:
        before = asyncio.all_tasks()
        client = await post(port, accept=accept)
        await client.until("HTTP/1.1 200" if where == "silent from the start" else "word")
        if where in ("tool", "thread"):
            await in_tool.wait()
        client.kill()
        await until(lambda: agent.claims.active is None and asyncio.all_tasks() <= before)
        assert "Again." in await (await post(port)).end()
    _awake.set()
    recording.detach()
    records = tracer.open(recording.id).records()
    endings = [record.ending for record in records if isinstance(record, r.InvocationEnd)]
    assert endings[0] in ("cancelled", "abandoned") and endings[1:] == ["end_turn"]


async def test_a_slow_client_is_waited_for() -> None:
    """The agent is pulled: it is ahead of its reader by what the sockets hold, and by no more."""
    agent = scripted_agent([text(("w" * 4000 + " ") * 10_000)])
    count = 0

    def seen(**_: Any) -> None:
        nonlocal count
        count += 1

    agent.callback_handler = seen
    async with serving(create_app(agent)) as port:
        client = await post(port, accept=EVENTS)
        await until(lambda: count > 10)
        before = -1
        while before != count:
            before = count
            await asyncio.sleep(0.2)
        assert count < 10_000
        client.kill()
        await until(lambda: agent.claims.active is None)


async def test_a_silent_agent_is_heard_of() -> None:
    app = create_app(lambda: scripted_agent([text("word "), pause(LONG)]), keep_alive=0.05)
    async with serving(app) as port:
        client = await post(port, accept=EVENTS)
        await client.until("\r\n: keep-alive\n\n\r\n")
        client.kill()


async def test_a_server_that_stops_says_so_in_each_answer() -> None:
    app = create_app(lambda: scripted_agent([text("word "), pause(LONG)]))
    async with serving(app) as port:
        clients: list[Client] = [await post(port, accept=accept) for accept in ("text/plain", EVENTS)]
        for client in clients:
            await client.until("word")
        for answer in list(app.state.answers):
            answer.stop()
        plain, events = [await client.end() for client in clients]
    assert "\nError: ServerStopped: the server was stopped\n" in plain and plain.endswith("\r\n0\r\n\r\n")
    assert "event: error\ndata: {" in events and events.endswith("\r\n0\r\n\r\n")


# the extra


def test_without_fastapi_the_error_names_the_extra() -> None:
    code = "import sys; sys.modules['fastapi'] = None; from agent_runtime.server import create_app; create_app(int)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ImportError: agent_runtime.server needs fastapi: install the extra `server`" in done.stderr


def test_the_module_itself_loads_no_framework() -> None:
    code = "import sys, agent_runtime.server; print({'fastapi', 'uvicorn', 'starlette'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


async def test_the_documentation_names_the_fields() -> None:
    schema = create_app(lambda: scripted_agent("Hi.")).openapi()
    body = schema["paths"]["/stream"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["prompt"] and set(body["properties"]) == {"prompt", "limits", "conversation_id"}
