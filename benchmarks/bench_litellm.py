"""What recording adds where a real client runs: litellm and HTTP, to a provider in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import os
import tempfile
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import agent_runtime
from benchmarks.ab import Row, compare, prepared
from benchmarks.bench_runtime import CYCLES, DELTAS, OWN_TOOL, consume, ready_runs
from benchmarks.child import in_child


def answer(number: int) -> bytes:
    """The server-sent events of one answer: its share of the deltas, and a tool call in all but the last."""
    words = range(number * DELTAS // CYCLES, (number + 1) * DELTAS // CYCLES)
    deltas: list[dict[str, Any]] = [{"content": f"w{word} "} for word in words]
    last = number == CYCLES - 1
    if not last:
        function = {"name": "add", "arguments": '{"a":1,"b":2}'}
        deltas.append({"tool_calls": [{"index": 0, "id": f"t{number}", "type": "function", "function": function}]})
    choices: list[dict[str, Any]] = [{"index": 0, "delta": delta} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop" if last else "tool_calls"})
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "local"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    events = [{**head, "choices": [choice]} for choice in choices] + [{**head, "choices": [], "usage": usage}]
    return b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events) + b"data: [DONE]\n\n"


ANSWERS = [answer(number) for number in range(CYCLES)]


class Provider(http.server.BaseHTTPRequestHandler):
    """Answers by how many answers the request holds already."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        given = sum(message["role"] == "assistant" for message in asked["messages"])
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(ANSWERS[given])

    def log_message(self, *_: object) -> None:
        return


def serve(say: Connection) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    say.send(server.server_address[1])
    server.serve_forever()


def agent(port: int) -> Any:
    """One that speaks to the provider."""
    model = agent_runtime.LiteLLMModel({"api_base": f"http://127.0.0.1:{port}/v1"}, model_id="openai/local")
    return agent_runtime.Agent(model=model, tools=[OWN_TOOL], callback_handler=None)


def rows() -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as home,
        contextlib.closing(asyncio.new_event_loop()) as loop,
        in_child(serve) as port,
    ):
        before = os.environ.get("TRACER_HOME")
        os.environ["TRACER_HOME"] = home
        make = partial(agent, port)
        events = loop.run_until_complete(consume(make()))
        assert events > 2 * DELTAS
        bare, recorded = (partial(ready_runs, make, said, loop, 1) for said in (False, True))
        verdict = compare(bare(), recorded(), 12, prepared)
        name = "own runtime over litellm, recorded / not: an event, agents made before"
        yield Row.of(name, verdict, 1.03, per=(events, "event"))
        os.environ.pop("TRACER_HOME")
        if before is not None:
            os.environ["TRACER_HOME"] = before
