"""calculator and http_request."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from agent_runtime.tools import calculator, http_request


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("42+7", "49"),
        ("6/2", "3"),
        ("0.1+0.2", "0.3"),
        ("2+3^2", "11"),
        ("-2**2", "-4"),
        ("sqrt(2) * (3 + 4)^2", "69.2964645562817"),
        ("6 × 7 − 2 ÷ 4", "41.5"),
        ("sin(pi/2) + max(1, 2) + sum(1, 2, 3)", "9"),
        ("10**30", "1" + "0" * 30),
        ("factorial(20) % 7", "0"),
    ],
)
def test_arithmetic(expression: str, answer: str) -> None:
    assert calculator(expression) == answer


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "empty"),
        ("1/0", "division by zero"),
        ("9**9**9", "too large"),
        ("2**-1*1e400", "too large"),
        ("factorial(100000)", "too large"),
        ("*".join(["9**999"] * 90), "too large"),
        ("1 +", "not an arithmetic expression"),
        ("__import__('os').getcwd()", "cannot be evaluated"),
        ("().__class__", "cannot be evaluated"),
        ("x + 1", "'x' is not defined"),
        ("'a' * 3", "not a real number"),
        ("(-8)**0.5", "not a real number"),
        ("1 == 1", "cannot be evaluated"),
        ("sqrt(-1)", "sqrt|math domain|expected"),
        ("(" * 400 + "1" + ")" * 400, "nested too deeply|not an arithmetic"),
        ("1+" * 600 + "1", "longer than"),
    ],
)
def test_what_it_refuses(expression: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calculator(expression)


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.reply(201, json.dumps({"got": body.decode(), "header": self.headers["x-a"]}).encode())

    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("location", "/missing")
            self.end_headers()
        elif self.path == "/long":
            self.reply(200, b"x" * 50_000)
        else:
            self.reply(404, "nö".encode())

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


async def test_a_request_and_its_answer(base: str) -> None:
    answer = await http_request("POST", f"{base}/", headers={"x-a": "1"}, body="hé")
    assert answer["status_code"] == 201
    assert json.loads(answer["body"]) == {"got": "hé", "header": "1"}
    assert answer["truncated"] is False


async def test_redirects_and_statuses_are_results(base: str) -> None:
    answer = await http_request("GET", f"{base}/away")
    assert (answer["status_code"], answer["body"], answer["url"]) == (404, "nö", f"{base}/missing")


async def test_a_long_answer_is_cut(base: str) -> None:
    answer = await http_request("GET", f"{base}/long")
    assert (len(answer["body"]), answer["truncated"]) == (20_000, True)


async def test_no_answer_is_a_tool_error() -> None:
    use = {"toolUseId": "c", "name": "http_request", "input": {"method": "GET", "url": "http://127.0.0.1:1/"}}
    results = [item.result async for item in http_request.stream(use, {})]
    assert results[-1]["status"] == "error"
    assert results[-1]["content"][0]["text"].startswith("Error: GET http://127.0.0.1:1/ got no answer: ")
    with pytest.raises(ValueError, match="begins with http"):
        await http_request("GET", "file:///etc/passwd")
