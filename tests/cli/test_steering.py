"""A live run steered from other processes: stops, edits, skips, breakpoints, and what is refused."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.steered import APPS, Steered
from tests.terminal import TRACER, Done, environment, eventually, tracer
from tracer import records as r
from tracer.debug.wire import Decoder, encode
from tracer.session import Session


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="td", dir="/tmp") as short:  # as a socket's path must be
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        yield tmp_path


@pytest.fixture
def steered(home: Path) -> Iterator[Steered]:
    run = Steered(home, "before_tool:add")
    yield run
    run.process.kill()
    run.process.communicate()


def results(session: Session) -> list[Any]:
    return [record.result["content"] for record in session.records() if isinstance(record, r.ToolEnd)]


def test_a_call_is_looked_at_edited_and_continued_and_an_old_stop_is_refused(steered: Steered) -> None:
    stop = steered.stop()
    assert (stop["point"], stop["name"], stop["input"], stop["stop"]) == ("before_tool", "add", {"a": 1, "b": 2}, 1)
    assert '1  before_tool add  {"a": 1, "b": 2}  by before_tool:add, for ' in steered.do("stops").out
    assert json.loads(steered.do("edit", "1", "input.a").out) == 1
    refused = steered.do("edit", "1", "input.a", "one")
    assert refused.code == 2 and "input.a: 'one' is not of type 'integer'" in refused.cause
    assert (
        "stop 1: input.a is 40; `tracer continue 1` goes on with it  [" in steered.do("edit", "1", "input.a", "40").out
    )
    assert steered.do("continue", "1").out == f"stop 1 goes on  [{stop['session']}]\n"
    session = steered.end()
    assert results(session) == [[{"text": "42"}]]
    (edited,) = [record for record in session.records() if isinstance(record, r.Edited)]
    assert (edited.after, edited.who) == ({"a": 40, "b": 2}, "the command line")
    gone = steered.do("continue", "1")
    assert gone.code == 2 and "no live session " in gone.cause


def test_ctrl_c_frees_what_is_stopped_and_ends_the_run(steered: Steered) -> None:
    steered.stop()
    steered.process.send_signal(signal.SIGINT)
    session = steered.end()
    assert steered.process.returncode == 130 and session.state == "ended" and "3" not in str(results(session))
    (resumed,) = [record for record in session.records() if isinstance(record, r.Resumed)]
    assert resumed.act == "cancelled"


@pytest.mark.slow
def test_a_call_is_skipped_and_breakpoints_set_listed_and_removed(steered: Steered) -> None:
    steered.stop()
    assert "before_tool:add" in steered.do("break").out
    said = json.loads(steered.do("break", "--json", "after_model if cycle > 1").out)
    assert said["text"] == "after_model if cycle > 1" and said["verified"]
    wrong = steered.do("break", "befor_tool:add")
    assert wrong.code == 2 and "befor_tool" in wrong.cause
    assert steered.do("skip", "1", '{"sum": 3}').code == 0
    second = steered.stop()
    assert (second["point"], second["cycle"]) == ("after_model", 2)
    stale = steered.do("continue", "1")
    assert stale.code == 2 and "stop 1 is over" in stale.cause
    assert steered.do("break", "-d", str(said["id"])).code == 0
    assert steered.do("continue", "2", "--step", "over").code == 0
    assert steered.do("continue", str(steered.stop()["stop"])).code == 0
    assert results(steered.end()) == [[{"json": {"sum": 3}}]]


@pytest.mark.slow
def test_a_run_is_refused_a_call_and_told_to_stop(steered: Steered) -> None:
    steered.stop()
    assert steered.do("break", "cycle_end").code == 0
    assert steered.do("refuse", "1", "not today").code == 0
    assert steered.stop()["point"] == "cycle_end"
    assert steered.do("pause").code == 0
    assert steered.do("continue", "2").code == 0
    assert steered.stop()["reason"] == "pause"
    assert steered.do("stop", "enough of it").code == 0
    session = steered.end()
    assert "not today" in str(results(session)) and session.spans()[0].status == "cancelled"


def test_an_editor_speaks_dap_over_standard_input_and_output(steered: Steered) -> None:
    steered.stop()
    line = [str(TRACER), "dap"]
    with subprocess.Popen(line, env=environment(steered.home), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as editor:
        assert editor.stdin is not None and editor.stdout is not None
        decoder, seen = Decoder(), []
        for seq, command in enumerate(("initialize", "attach", "configurationDone"), 1):
            arguments = {"adapterID": "tracer"} if command == "initialize" else {}
            asked = {"seq": seq, "type": "request", "command": command, "arguments": arguments}
            editor.stdin.write(encode(asked))
            editor.stdin.flush()
        while not any(message.get("event") == "stopped" for message in seen):
            seen += decoder.feed(os.read(editor.stdout.fileno(), 1 << 16))
        editor.stdin.close()
        assert editor.wait(100) == 0
    assert "its last viewer has gone" in str(results(steered.end()))


NO_DAP = {
    b"garbage\n": "a message begins with Content-Length:, not with b'garbage",
    b"Content-Length: 5\r\n\r\nxxxxx": "the body is not JSON",
    b'Content-Length: 50\r\n\r\n{"seq"': "it ends within a message",
    b"Content-Len": "it ends within a message",
}


def no_dap_is_said(home: Path, *session: Any) -> None:
    for sent, says in NO_DAP.items():
        done = tracer(home, "dap", *session, stdin=sent)
        assert done.code == 2 and "standard input is no Debug Adapter Protocol" in done.cause and says in done.cause
    assert tracer(home, "dap", *session, stdin=b"").code == 0


@pytest.mark.slow
def test_what_is_no_dap_is_said_and_fails(home: Path) -> None:
    no_dap_is_said(home, Path(__file__).parents[2] / "sample_sessions" / "tools.jsonl")


@pytest.mark.slow
def test_what_is_no_dap_is_said_of_a_live_session_too(steered: Steered) -> None:
    steered.stop()
    no_dap_is_said(steered.home)


def test_what_is_not_live_is_said(home: Path) -> None:
    none = tracer(home, "stops")
    assert none.code == 2 and "no live session can be debugged; `tracer run` starts one" in none.cause


@pytest.mark.slow
def test_what_is_several_is_said(home: Path) -> None:
    runs = [Steered(home, "before_tool:add"), Steered(home, "before_tool:add")]
    try:
        eventually(lambda: "2 live sessions fit" in tracer(home, "stops").err)
        both = tracer(home, "stops")
        assert both.code == 2 and "2 live sessions fit; name one with --session: " in both.cause
        editor = tracer(home, "dap", stdin=b"")
        assert editor.code == 2 and "2 live sessions fit; name one: " in editor.cause and "last" not in editor.cause
        wrong = tracer(home, "stops", "-s", "zz")
        other = tracer(home / "other", "stops")
        assert other.code == 2 and "those of other homes have to be named: " in other.cause
        assert wrong.code == 2 and "no live session is called 'zz'; live now: " in wrong.cause
        assert tracer(home, "stops", "-s", "last", "--wait", "100").code == 0
    finally:
        for run in runs:
            run.process.kill()
            run.process.communicate()


@pytest.mark.slow
def test_a_run_of_another_machine_is_steered_by_a_command_that_leads_there(steered: Steered, tmp_path: Path) -> None:
    steered.stop()
    there = environment(steered.home, PATH=f"{Path(TRACER).parent}{os.pathsep}{os.environ['PATH']}")
    here = {**environment(tmp_path / "elsewhere"), "XDG_RUNTIME_DIR": str(tmp_path)}
    keys = [f"{key}={there[key]}" for key in ("TRACER_HOME", "XDG_RUNTIME_DIR", "PATH")]
    via = ("--via", shlex.join(["env", *keys]))

    def far(*words: str) -> Done:
        done = subprocess.run([str(TRACER), *words], env=here, capture_output=True, text=True, timeout=200, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    assert far("stops").code == 2
    listed = far("stops", "--json", *via)
    assert listed.code == 0, listed.err
    told = json.loads(listed.out)
    assert (told["stop"], told["input"]) == (1, {"a": 1, "b": 2})
    assert far("edit", "1", "input.a", "100", *via).code == 0
    assert far("stops", "--session", "x; true", *via).cause.startswith("tracer: 'x; true' is no session's id")
    assert "cannot be run" in far("stops", "--via", "no-such-program").cause
    assert far("continue", "1", *via).code == 0
    assert "102" in str(results(steered.end()))


@pytest.mark.slow
def test_an_editor_debugs_over_a_port_with_the_token_that_is_printed(steered: Steered) -> None:
    steered.stop()
    line = [str(TRACER), "dap", "--listen", "0"]
    with subprocess.Popen(line, env=environment(steered.home), stderr=subprocess.PIPE, text=True) as door:
        assert door.stderr is not None
        found = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+), token (\S+)\n", door.stderr.readline())
        assert found
        with socket.create_connection(("127.0.0.1", int(found[1]))) as editor:
            asked = {"adapterID": "x", "token": found[2]}
            editor.sendall(encode({"seq": 1, "type": "request", "command": "initialize", "arguments": asked}))
            decoder, seen = Decoder(), []
            while not seen:
                seen += decoder.feed(editor.recv(1 << 16))
            assert seen[0]["success"]
        steered.do("continue", "1")
        assert door.wait(100) == 0  # the session is over


@pytest.mark.slow
def test_a_program_is_told_of_each_stop_and_one_that_is_not_there_is_said(home: Path) -> None:
    told = home / "told"
    done = tracer(home, "run", "--plain", "--on-stop", f"tee {told}", "--stop-timeout", "2", "--on-lost", "continue",
                  "-b", "add", f"{APPS}:adder", "go")  # fmt: skip
    assert done.code == 0, done.err
    assert json.loads(told.read_text())["point"] == "before_tool"
    assert "on-stop" in tracer(home, "show", "last").out
    assert (
        "there is no such program" in tracer(home, "run", "--on-stop", "no-such-program", f"{APPS}:adder", "go").cause
    )
