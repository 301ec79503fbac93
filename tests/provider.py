"""A model provider on this machine, which answers in turns that a test wrote and keeps what it was asked."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

DROP = object()  # cut the connection
HANG = object()  # silence until the client leaves
GATE = object()  # silence until the test opens the provider's gate; as the first event, not even headers
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
_HEAD = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "local"}


@dataclass(frozen=True)
class Refusal:
    """A turn that is an error: its status and JSON body."""

    status: int
    body: dict[str, Any]


Turn = Sequence[Any] | Refusal


def refusal(status: int, message: str, code: str | None = None) -> Refusal:
    return Refusal(status, {"error": {"message": message, "type": "local", "code": code or str(status)}})


def stream(*deltas: Any, finish: str | None = "stop", usage: dict[str, Any] | None = None) -> list[Any]:
    """A turn of OpenAI-style chunks; what is no dict (DROP, HANG, GATE, bytes to be written as they are) stays."""
    chunks = [_chunk(delta) if isinstance(delta, dict) else delta for delta in deltas]
    if finish:
        chunks.append(_chunk({}, finish))
    if usage:
        chunks.append({**_HEAD, "choices": [], "usage": usage})
    return chunks


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {**_HEAD, "choices": [{"index": 0, "delta": delta} | ({"finish_reason": finish} if finish else {})]}


def turn(*blocks: Any, finish: str | None = "", usage: dict[str, Any] | None = USAGE) -> list[Any]:
    """A turn as models write one: texts go word by word, the rest is made by `think`, `call` and the marks above.

    `finish` is found from the blocks; None ends the stream without one.
    """
    deltas: list[Any] = []
    calls = 0
    for block in blocks:
        if isinstance(block, str):
            deltas += [{"content": word} for word in _words(block)]
        elif isinstance(block, Call):
            deltas += block.deltas(calls)
            calls += 1
        else:
            deltas += block if isinstance(block, list) else [block]
    return stream(*deltas, finish=("tool_calls" if calls else "stop") if finish == "" else finish, usage=usage)


def think(text: str) -> list[dict[str, Any]]:
    return [{"reasoning_content": word} for word in _words(text)]


@dataclass(frozen=True)
class Call:
    """A tool call; `arguments` is streamed in pieces of eight characters."""

    name: str
    arguments: str
    id: str | None

    def deltas(self, index: int) -> list[dict[str, Any]]:
        head = {"index": index, "type": "function", "function": {"name": self.name, "arguments": ""}}
        head |= {} if self.id == "" else {"id": self.id or f"call_{index + 1}"}
        pieces = [self.arguments[start : start + 8] for start in range(0, len(self.arguments), 8)]
        rest = [{"index": index, "function": {"arguments": piece}} for piece in pieces]
        return [{"tool_calls": [piece]} for piece in [head, *rest]]


def call(name: str, arguments: dict[str, Any] | str | None = None, id: str | None = None) -> Call:
    """A tool call with an input, or the raw text of one; its id is `call_1` and so on, "" sends none."""
    return Call(name, arguments if isinstance(arguments, str) else json.dumps(arguments or {}), id)


def _words(text: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)


def anthropic(*blocks: tuple[dict[str, Any], Sequence[dict[str, Any]]], stop: str = "end_turn") -> list[Any]:
    """A turn of Anthropic's events; a block is what its start says and the deltas that follow."""
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "x"}
    events: list[Any] = [
        {"type": "message_start", "message": message | {"usage": {"input_tokens": 5, "output_tokens": 1}}}
    ]
    for index, (start, deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    told = {"delta": {"stop_reason": stop}, "usage": {"output_tokens": 9}}
    return [*events, {"type": "message_delta", **told}, {"type": "message_stop"}]


class Provider:
    """The n-th request gets the n-th of `turns`, later ones the last; `base` is the server's address.

    `asked` is set when a request has come, `left` when a client left in a HANG; set `gate` to open it.
    """

    def __init__(self) -> None:
        self.turns: Sequence[Turn] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.asked = threading.Event()
        self.gate = threading.Event()
        self.left = threading.Event()
        self.base = ""

    def says(self, *deltas: Any, finish: str | None = "stop", usage: dict[str, Any] | None = None) -> None:
        """Answer each request with these chunks; see `stream`."""
        self.turns = [stream(*deltas, finish=finish, usage=usage)]

    def begin(self, turns: Sequence[Turn]) -> None:
        """Forget what was asked, and answer with these turns from now on."""
        self.turns, self.requests = turns, []
        for event in (self.asked, self.gate, self.left):
            event.clear()

    def take(self, body: dict[str, Any], headers: dict[str, str]) -> Turn:
        answer = self.turns[min(len(self.requests), len(self.turns) - 1)]
        self.requests.append(body)
        self.headers = headers
        self.asked.set()
        return answer


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *_: Any) -> None: ...

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        answer = self.provider.take(body, {key.lower(): value for key, value in self.headers.items()})
        if isinstance(answer, Refusal):
            self._begin(answer.status, "application/json")
            self.wfile.write(json.dumps(answer.body).encode())
            return
        if answer[:1] == [GATE]:
            self.provider.gate.wait(200)
        self._begin(200, "text/event-stream", broken=DROP in answer)
        try:
            if all(self._send(event) for event in answer):
                self.wfile.write(b"data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            self.provider.left.set()

    def _begin(self, status: int, kind: str, broken: bool = False) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        if broken:
            self.send_header("content-length", "1000000")
        self.end_headers()

    def _send(self, event: Any) -> bool:
        """Whether the stream goes on."""
        if event is HANG:
            self.connection.recv(1)
            self.provider.left.set()
        elif event is GATE:
            self.provider.gate.wait(200)
        elif isinstance(event, bytes):
            self.wfile.write(event)
        elif event is DROP:
            time.sleep(0.05)  # or the client may find the end before it has read what came
        else:
            kind = f"event: {event['type']}\n" if "type" in event else ""
            self.wfile.write(f"{kind}data: {json.dumps(event)}\n\n".encode())
        return event is not HANG and event is not DROP


@pytest.fixture
def provider() -> Iterator[Provider]:
    here = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": here}))
    here.base = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield here
    here.gate.set()
    server.shutdown()
    server.server_close()
