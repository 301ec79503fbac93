"""One tool call over litellm with what a user installs and nothing more: `python .ci/tool_call.py`. Loopback only."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CALL = {
    "index": 0,
    "id": "c1",
    "type": "function",
    "function": {"name": "calculator", "arguments": '{"expression":"6*7"}'},
}
TURNS = [({"tool_calls": [CALL]}, "tool_calls"), ({"content": "It is 42."}, "stop")]


class Provider(BaseHTTPRequestHandler):
    """Answers the first request with a tool call and the second with a text."""

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        delta, finish = TURNS[any(message["role"] == "tool" for message in asked["messages"])]
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for choice in ({"delta": {"role": "assistant", **delta}}, {"delta": {}, "finish_reason": finish}):
            chunk = {"id": "x", "object": "chat.completion.chunk", "model": "m", "choices": [{"index": 0, **choice}]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


def main() -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/v1"
    tracer = str(Path(sys.executable).with_name("tracer"))
    run = [tracer, "run", "--model", "openai/m", "--api-base", base, "--api-key", "k", "--tool", "calculator", "6*7?"]
    done = subprocess.run(run, capture_output=True, text=True, timeout=120, check=False)
    said = done.stdout + done.stderr
    good = done.returncode == 0 and "tool result: calculator success" in said and "It is 42." in said
    sys.stdout.write("" if good else said)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
