"""`tracer serve` as a process: what it answers, what it records, how it ends, and what it refuses to begin."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.otel.receiver import receiving
from tests.serving import post, until
from tests.terminal import TRACER, environment, eventually, tracer
from tracer import records as r
from tracer.cli import main
from tracer.otel import export_session
from tracer.session import Session

APPS = Path(__file__).with_name("served.py")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


BODY = {"prompt": "Hello"}


class Served:
    """A running `tracer serve`; once it has ended, `out` and `err` are what it said since it began to serve."""

    def __init__(self, home: Path, name: str, *options: str) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [TRACER, "serve", f"{APPS}:{name}", "--port", "0", *options],
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.head = [self.process.stdout.readline() for _ in range(3)]
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.head[0])
        assert found, (self.head, self.process.communicate()[1])
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.out = self.err = ""

    def ask(self, path: str = "/stream", **headers: str) -> httpx.Response:
        """A whole answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(100):
            with contextlib.suppress(httpx.ConnectError):
                return httpx.post(
                    self.url + path, json={"prompt": "Hello"}, headers=named, timeout=100, trust_env=False
                )
            time.sleep(0.05)
        raise AssertionError("nothing listens")

    def end(self, number: int = signal.SIGINT) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(number)
        self.out, self.err = self.process.communicate(timeout=100)
        return self.process.returncode

    @property
    def session(self) -> Session:
        """What it recorded."""
        (path,) = (self.home / "sessions").glob("*.jsonl")
        return Session(path)

    def of(self, kind: type) -> list[Any]:
        """The records of a kind."""
        return [record for record in self.session.records() if isinstance(record, kind)]


@contextlib.contextmanager
def serving(home: Path, name: str, *options: str) -> Iterator[Served]:
    served = Served(home, name, *options)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.process.kill()
            served.process.communicate()


def test_each_request_is_an_invocation_of_one_session(tmp_path: Path) -> None:
    with serving(tmp_path, "make", "--label", "stage=test") as server:
        assert server.ask(x_request_id="r-1").text == "Let me see. It is 49."
        events = server.ask(accept="text/event-stream", traceparent=PARENT)
        assert events.headers["content-type"].startswith("text/event-stream")
        assert server.ask(host="evil.example").status_code == 400
        assert server.session.state == "live"
        assert server.end() == 0
    session = server.session
    assert (session.state, session.header.labels, session.header.agent) == ("ended", {"stage": "test"}, "served")
    starts = server.of(r.InvocationStart)
    assert [(start.inv, start.labels, start.traceparent) for start in starts] == [
        ("0", {"request_id": "r-1"}, ""),
        ("1", {}, PARENT),
    ]
    assert server.head[1] == f"recording to {session.path}; follow it:\n" and server.head[2].endswith(
        f"view {session.id}\n"
    )
    assert server.out.splitlines() == [f"recorded as {session.id}; see it again:", server.head[2].strip()]
    logged = [re.fullmatch(r'127\.0\.0\.1:\d+ - "POST /stream HTTP/1\.1" (\d+)', x) for x in server.err.splitlines()]
    assert [match and match[1] for match in logged] == ["200", "200", "400"]


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, *(pytest.param(number, marks=pytest.mark.slow) for number in (signal.SIGTERM, signal.SIGHUP))],
)
async def test_a_signal_ends_it_with_the_streams_that_run(number: int, tmp_path: Path) -> None:
    with serving(tmp_path, "slow") as server:
        client = await post(server.port)
        await client.until("slowly")
        ended = asyncio.create_task(asyncio.to_thread(server.end, number))
        assert "\nError: ServerStopped: the server was stopped\n" in await client.end()
        assert await ended == 0
    assert server.session.state == "ended"
    assert [end.ending for end in server.of(r.InvocationEnd)] == ["cancelled"]
    assert len(server.err.splitlines()) == 1, "no traceback"


@pytest.mark.slow
async def test_a_client_that_is_killed_ends_its_run(tmp_path: Path) -> None:
    with serving(tmp_path, "shared") as server:
        curl = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _CLIENT, str(server.port), stdout=asyncio.subprocess.PIPE
        )
        assert curl.stdout is not None and await curl.stdout.readexactly(4) == b"one "
        assert server.ask().status_code == 409
        curl.kill()
        await curl.wait()
        await until(lambda: server.of(r.InvocationEnd))
        assert server.ask().text == "two"
        assert server.end() == 0
    assert [end.ending for end in server.of(r.InvocationEnd) if end.ending != "error"] == ["cancelled", "end_turn"]


_CLIENT = """
import httpx, sys
url = f"http://127.0.0.1:{sys.argv[1]}/stream"
with httpx.stream("POST", url, json={"prompt": "Hello"}, trust_env=False, timeout=200) as answer:
    for text in answer.iter_text():
        print(text, end="", flush=True)
"""


def test_a_breakpoint_stops_a_request_and_spans_go_on_in_the_clients_trace(tmp_path: Path) -> None:
    with receiving() as collector:
        options = ["-b", "before_tool:wait", "--stop-timeout", "0.2", "--otlp", collector.url]
        with serving(tmp_path, "stopped", *options) as server:
            assert server.ask(traceparent=PARENT).text == "It was refused."
            eventually(lambda: len(collector.wires()) == 6)  # its end waits for the collector, but not long
            assert server.end() == 0
        assert [stop.point for stop in server.of(r.Stopped)] == ["before_tool"]
        sent = collector.wires()
        assert f"{len(sent)} spans sent" in server.err and len(sent) == 6
        roots = [span for span in collector.spans() if span.name == "invoke_agent server"]
        assert [(root.trace_id.hex(), root.parent_span_id.hex()) for root in roots] == [tuple(PARENT.split("-")[1:3])]
        collector.requests.clear()
        export_session(server.session, collector.url)
        assert sorted(collector.wires()) == sorted(sent)


@pytest.mark.slow
def test_a_limit_holds_for_each_request_and_a_factory_that_fails_is_told_without_control_characters(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "a", "make", "--limit", "turns=1") as server:
        said = "Let me see. \nStopped: the limit of 1 turn is reached\n"
        assert [server.ask().text, server.ask().text] == [said] * 2
        server.end()
    assert [end.ending for end in server.of(r.InvocationEnd)] == ["limit", "limit"]
    with serving(tmp_path / "b", "broken") as server:
        assert server.ask().json() == {"detail": "no agent could be made; the server's log says why"}
        assert server.end() == 0
    (failed,) = [line for line in server.err.splitlines() if "no agent" in line]
    assert "RuntimeError: no" in failed and "(served.py:" in failed and "\x1b" not in server.err


@pytest.mark.parametrize("options", [(), pytest.param(("--debug",), marks=pytest.mark.slow)])
def test_an_agent_that_fails_is_one_last_event_and_one_line_of_the_log(tmp_path: Path, options: Any) -> None:
    with serving(tmp_path, "once", *options) as server:
        assert server.ask().text == "only once"
        told = server.ask(accept="text/event-stream").text
        server.end()
    *_, last = told.strip().split("\n\n")
    assert told.count("event: error") == 1 and last.startswith("event: error\n") and "no turn for call number 2" in last
    logged = [line for line in server.err.splitlines() if "POST /stream" not in line]
    assert logged[0].startswith("an agent failed: ScriptExhausted: ")
    assert ("Traceback (most recent call last):" in logged) == (len(logged) > 1) == bool(options)
    assert server.of(r.InvocationEnd)[-1].error.traceback


@pytest.mark.slow
def test_an_app_of_ones_own_is_recorded_as_it_is(tmp_path: Path) -> None:
    with serving(tmp_path, "app") as server:
        assert server.ask("/ask", x_request_id="r-2", host="my.example").text == "my own app"
        assert server.end() == 0
    assert [start.labels for start in server.of(r.InvocationStart)] == [{"request_id": "r-2"}]


def refused(capfd: pytest.CaptureFixture[str], *args: str) -> str:
    assert main(["serve", *args]) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.startswith("tracer: ") and err.count("\n") == 1
    return err


def test_what_cannot_be_listened_at_or_loaded_is_one_line_and_leaves_no_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    app = f"{APPS}:make"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(capfd, app, "--port", port)
        assert said == f"tracer: port {port} of 127.0.0.1 is taken; `--port 0` takes any free one\n"
    assert "is no address of this machine" in refused(capfd, app, "--host", "192.0.2.1", "--port", "0")
    assert "65535" in refused(capfd, app, "--port", "70000")
    assert "there is no file nope.py" in refused(capfd, "nope.py:agent", "--port", "0")
    assert "no FILE.py:OBJECT" in refused(capfd, "nope", "--port", "0")
    assert "otlp" in refused(capfd, app, "--port", "0", "--otlp", "nowhere").lower()
    assert not (tmp_path / "sessions").exists()


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        (
            "number",
            (),
            "cannot be served: create_app takes an agent or a function that makes one, not int; name an Agent",
        ),
        pytest.param(
            "needy", (), "with the request or with nothing, not with a, b; name an Agent", marks=pytest.mark.slow
        ),
        pytest.param("app", ("--limit", "turns=1"), "--limit is for agents", marks=pytest.mark.slow),
    ],
)
def test_what_is_no_agent_is_one_line_that_the_session_keeps(
    name: str, options: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = tracer(tmp_path, "serve", f"{APPS}:{name}", "--port", "0", *options)
    assert (done.code, done.out) == (2, "") and says in done.cause
    (path,) = (tmp_path / "sessions").glob("*.jsonl")
    session = Session(path)
    assert session.state == "ended" and any(isinstance(record, r.Log) for record in session.records())


@pytest.mark.slow
def test_an_app_that_does_not_start_ends_it(tmp_path: Path) -> None:
    done = tracer(tmp_path, "serve", f"{APPS}:failing", "--port", "0")
    assert done.code == 1 and "no database" in done.err
    assert done.err.splitlines()[-1] == "tracer: the app did not start; what it logged says why"


@pytest.mark.slow
def test_who_listens_beyond_this_machine_is_warned(tmp_path: Path) -> None:
    served = subprocess.Popen(
        [TRACER, "serve", f"{APPS}:make", "--port", "0", "--host", "0.0.0.0"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert served.stdout is not None and "http://0.0.0.0:" in served.stdout.readline()
    served.send_signal(signal.SIGINT)
    err = served.communicate(timeout=100)[1]
    assert err.startswith("tracer: warning: whoever reaches 0.0.0.0:")


@pytest.mark.parametrize("missing", ["uvicorn", pytest.param("fastapi", marks=pytest.mark.slow)])
def test_without_the_extra_it_says_what_to_install(missing: str, tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text("from agent_runtime import Agent, ScriptedModel\nagent = Agent(ScriptedModel(['Fine.']))\n")
    argv = ["serve", f"{file}:agent", "--port", "0"]
    code = f"import sys; sys.modules[{missing!r}] = None; from tracer.cli import main; sys.exit(main({argv!r}))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, check=False)
    assert done.returncode == 2
    needs, hint = done.stderr.decode().splitlines()[-1].split("; ")
    assert needs.startswith(f"tracer: `tracer serve` needs {missing}")
    assert hint == "install the extra: pip install 'agent-loop-tracer[server]'"
