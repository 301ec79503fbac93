"""`tracer demo` in a pipe: it does not stop, tells the lifecycle, touches nothing, leaves a session that reopens."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.terminal import TRACER, environment, tracer
from tracer.session import open_session


def test_in_a_pipe_it_runs_through_without_key_and_network_and_its_last_line_works_as_typed(tmp_path: Path) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    (scratch / "mine").mkdir()
    done = tracer(tmp_path, "demo", "--speed", "0", TMPDIR=str(scratch), HTTPS_PROXY="http://127.0.0.1:9")
    assert (done.code, done.err) == (0, "")
    heads = ["event loop initialised", "cycle 1 starting", "reasoning:", "text:", "new message: assistant"]
    heads += ["using tool: list_folder", "using tool: read_note", "tool result:", "new message: user (tools)"]
    heads += ["cycle 1 completed", "cycle 2 starting", "using tool: delete_folder", "cycle 2 completed"]
    heads += ["cycle 3 starting", "text: Done: photos/", "cycle 3 completed", "invocation 0 ended: end_turn"]
    heads += ["deleted:  photos/", "survived: scratch/ (3 files), invoices/ (2 files)", "The note lied"]
    at = [done.out.index(head) for head in heads]
    assert at == sorted(at)
    assert "stopped at" not in done.out
    assert {item.name for item in scratch.iterdir()} - {f"tracer-{os.getuid()}"} == {"mine"}
    again = subprocess.run(
        done.out.splitlines()[-1], shell=True, env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert "using tool: delete_folder" in again.stdout


@pytest.mark.slow
def test_it_tells_nothing_of_the_machine_if_so_wished(tmp_path: Path) -> None:
    done = tracer(tmp_path, "demo", "--speed", "0", "--anonymous")
    assert done.code == 0
    (path,) = (tmp_path / "sessions").iterdir()
    session = open_session(path)
    assert (session.header.host, session.header.cwd, session.header.agent) == ("localhost", ".", "tidy")
    assert [span.status for span in session.spans() if span.kind == "cycle"] == ["ok"] * 3


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)])
def test_one_that_is_told_to_go_clears_its_sandbox_away(tmp_path: Path, number: int) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    env = environment(tmp_path, TMPDIR=str(scratch))
    process = subprocess.Popen([TRACER, "demo"], env=env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stdout is not None and b"session" in process.stdout.readline()
    assert list(scratch.glob("tracer-demo-*"))
    process.send_signal(number)
    process.communicate(timeout=100)
    assert process.returncode == 128 + number
    assert not list(scratch.glob("tracer-demo-*"))
    (path,) = (tmp_path / "sessions").iterdir()
    assert open_session(path).state == "ended"
