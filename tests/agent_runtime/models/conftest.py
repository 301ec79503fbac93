"""A model provider on this machine, which answers with what a test wrote and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

DROP = object()
HANG = object()


class Provider:
    """`events` of the next answer: dicts, DROP (cut the connection) or HANG (silence); or `refusal`, (status, body)."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.requests: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.left = threading.Event()
        self.base = ""

    def says(self, *deltas: dict[str, Any], finish: str | None = "stop", usage: dict[str, Any] | None = None) -> None:
        """Answer with OpenAI-style chunks."""
        choices: list[Any] = [{"index": 0, "delta": delta} for delta in deltas]
        if finish:
            choices.append({"index": 0, "delta": {}, "finish_reason": finish})
        head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "local"}
        self.events = [{**head, "choices": [choice]} for choice in choices]
        if usage:
            self.events.append({**head, "choices": [], "usage": usage})


@pytest.fixture
def provider() -> Iterator[Provider]:
    here = Provider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_POST(self) -> None:
            here.requests.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            here.headers = {key.lower(): value for key, value in self.headers.items()}
            self.send_response(here.refusal[0] if here.refusal else 200)
            self.send_header("content-type", "application/json" if here.refusal else "text/event-stream")
            if DROP in here.events:
                self.send_header("content-length", "1000000")
            self.end_headers()
            if here.refusal:
                self.wfile.write(json.dumps(here.refusal[1]).encode())
                return
            for event in here.events:
                if event is DROP:
                    return
                if event is HANG:
                    self.connection.recv(1)
                    here.left.set()
                    return
                kind = f"event: {event['type']}\n" if "type" in event else ""
                self.wfile.write(f"{kind}data: {json.dumps(event)}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.base = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield here
    server.shutdown()
    server.server_close()
