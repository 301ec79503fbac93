"""ls, show, request, view, replay on recorded sessions: whole, failed, crashed, torn, foreign and newer ones."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import TRACER, Terminal, environment, tracer
from tracer import records as r
from tracer.cli import main
from tracer.filters import NAMES
from tracer.testing import SessionBuilder, build_session


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    sessions = tmp_path / "sessions"
    build_session(sessions / "a-good.jsonl", "think tools3 say")
    build_session(sessions / "b-failed.jsonl", "toolerror fail")
    build_session(sessions / "c-crashed.jsonl", "tool crash")
    return tmp_path


@pytest.fixture
def said(home: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    def run(*args: str, code: int = 0) -> str:
        assert main(list(args)) == code
        out, err = capfd.readouterr()
        return out if code == 0 else err

    return run


def test_ls_lists_newest_first_with_what_matters(said: Any) -> None:
    head, *rows = said("ls").splitlines()
    assert " ".join(head.split()) == "id when agent status time cycles tokens cost prompt"
    assert [row.split()[0] for row in rows] == ["c-crashed", "b-failed", "a-good"]
    assert [row.split()[4] for row in rows] == ["crashed", "error", "ok"]
    assert rows[2].split()[6] == "3" and rows[2].endswith("please think tools3 say")
    assert len(said("ls", "-n", "1").splitlines()) == 2


def test_ls_json_has_a_line_a_session(said: Any) -> None:
    rows = [json.loads(line) for line in said("ls", "--json").splitlines()]
    assert [row["status"] for row in rows] == ["crashed", "error", "ok"]
    assert rows[2]["tokens"] == 54 and rows[2]["cycles"] == 3 and rows[2]["partial"] is False


@pytest.mark.parametrize(
    ("header", "agent", "listed"),
    [("apps", "shopkeeper", "shopkeeper"), ("apps", "agent", "apps"), ("apps", "Strands Agents", "apps"),
     ("", "agent", "agent"), ("apps", "", "apps")],
)  # fmt: skip
def test_ls_names_the_agent_and_not_the_file_it_came_from(
    home: Path, said: Any, header: str, agent: str, listed: str
) -> None:
    build = SessionBuilder(home / "sessions" / "d.jsonl", agent=header)
    build.put(r.InvocationStart(agent=agent, prompt="go"))
    build.put(r.InvocationStart(inv="0.0", agent="helper", prompt="help"))
    build.close()
    assert json.loads(said("ls", "--json", "-n", "1"))["agent"] == listed


def test_ls_reads_heads_and_tails_only(home: Path, said: Any) -> None:
    build = SessionBuilder(home / "sessions" / "d-long.jsonl").start("the prompt").cycle()
    for number in range(40):
        build.put(r.Log(text=f"{number}" * 20_000))
        if number == 20:
            build.put(r.CycleStart(cycle=99))  # what lies in the middle is not looked at
    build.model("done", cost=0.25).complete()
    build.put(r.InvocationEnd(ending="end_turn", usage=r.Usage(11, 7, 18), cost=0.25))
    build.close()
    row = json.loads(said("ls", "--json", "-n", "1"))
    assert (row["status"], row["cycles"], row["tokens"], row["cost"]) == ("ok", 1, 18, 0.25)
    assert row["prompt"] == "the prompt"


def test_ls_goes_on_after_a_file_that_is_no_session(home: Path, said: Any) -> None:
    (home / "sessions" / "e-odd.jsonl").write_text("what is this\n")
    (home / "sessions" / "f-empty.jsonl").write_text("")
    assert said("ls").count("unreadable") == 2
    assert "a-good" in said("ls")


def test_ls_of_an_empty_home(tmp_path: Path) -> None:
    done = tracer(tmp_path, "ls")
    assert (done.code, done.out) == (0, "") and "record one: `tracer demo`" in done.err


def test_show_prints_a_line_an_event_in_order(said: Any) -> None:
    lines = [line[16:].strip() for line in said("show", "a-good").splitlines()]
    heads = [line.split(":")[0] for line in lines if not line.startswith(("asking", "model answered"))]
    assert heads[1:5] == ["invocation 0 of tester", "new message", "event loop initialised", "cycle 1 starting"]
    assert heads[5:9] == ["reasoning", "text", "new message", "cycle 1 completed"]
    assert heads[9:14] == ["cycle 2 starting", "text", "new message", "using tool", "using tool"]
    assert heads[-2:] == ["invocation 0 ended", "recording ended"]


@pytest.mark.parametrize(
    ("session", "says"),
    [
        ("b-failed", "cycle 2 force-stopped: RuntimeError: connection reset"),
        ("b-failed", "tool failed: calculator error in 30ms: Error: division by zero"),
        ("c-crashed", "the recording breaks off here"),
    ],
)
def test_failed_and_crashed_sessions_are_shown_with_exit_code_0(said: Any, session: str, says: str) -> None:
    for command in (["show"], ["view"], ["replay", "--speed", "0"], ["replay", "--plain", "--speed", "0"]):
        assert says in said(*command, session)


def test_show_through_a_filter(said: Any) -> None:
    assert said("show", "b-failed", "error").count("\n") == 4 - 1
    assert said("show", "a-good", "tool:calc*", "and", "kind:tool_end").count("tool result") == 3
    assert "column 11" in said("show", "a-good", "error and toll:x", code=2)


def test_the_filter_language_begins_with_examples_and_names_every_name(said: Any) -> None:
    told = said("show", "--filters")
    assert told.startswith("Examples\n  error ") and told.index("Names") < told.index("Grammar") < told.index(
        "?filter:"
    )
    assert set(NAMES) <= set(told.partition("Names")[2].partition("Grammar")[0].split())


def test_show_json_is_the_records_as_they_are(home: Path, said: Any) -> None:
    path = home / "sessions" / "a-good.jsonl"
    assert said("show", "a-good", "--json") == path.read_text()
    picked = said("show", "a-good", "--json", "kind:cycle_start")
    assert [json.loads(line)["cycle"] for line in picked.splitlines()] == [1, 2, 3]


def test_show_json_is_escaped_on_a_terminal_and_whole_in_a_pipe(home: Path) -> None:
    hostile = "a\x9b31m\u202eb\U000e0041"
    path = SessionBuilder(home / "sessions" / "z.jsonl").start(hostile).close().path
    argv = [TRACER, "show", "z", "--json", "kind:invocation_start"]
    screen = Terminal(argv, environment(home))
    assert screen.end() == 0
    shown = screen.raw.decode()
    assert not set(shown) & set("\x9b\u202e\U000e0041")
    assert json.loads(shown)["prompt"] == hostile
    assert tracer(home, *argv[1:]).out.encode() == path.read_bytes().split(b"\n")[1] + b"\n"


@pytest.mark.parametrize(
    ("filter", "says"),
    [
        ("kind:nope", "there is no kind 'nope'"),
        ("kind:tool_edn", "'tool_edn'; did you mean tool_end"),
        ("error or kind = mesage", "did you mean message"),
        ('kind:"model end"', "there is no kind 'model end'"),
        ("not kind:zzz", "there are session content"),
    ],
)
def test_a_kind_that_is_none_is_a_mistake(said: Any, filter: str, says: str) -> None:
    for args in ((), ("--json",)):
        assert says in said("show", "a-good", filter, *args, code=2)


@pytest.mark.parametrize(
    "filter",
    [
        "kind:tool_*",
        "kind:gap",
        "kind:nope*",
        "text ~ 'kind:nope'",
        '"kind:nope" in text',
        "kind:damaged",
        "label.kind = nope",
    ],
)
def test_a_kind_that_may_be_there_is_none(said: Any, filter: str) -> None:
    said("show", "a-good", filter)


def test_show_of_an_address_is_that_record_whole(said: Any) -> None:
    record = json.loads(said("show", "a-good#1"))
    assert record["kind"] == "invocation_start" and record["prompt"] == "please think tools3 say"
    assert "has no record 999; its last is #" in said("show", "a-good#999", code=2)


def test_a_session_by_path_beginning_last_and_from_a_pipe(home: Path) -> None:
    path = home / "sessions" / "b-failed.jsonl"
    whole = tracer(home, "show", "b-failed").out
    spool = home / "spool"
    spool.mkdir()
    assert tracer(home, "show", path).out == whole
    assert tracer(home, "show", "b").out == whole
    assert tracer(home, "show", "-", stdin=path.read_bytes(), TMPDIR=str(spool)).out == whole
    assert "c-crashed" in tracer(home, "show", "last").out
    for wrong, says in ((b"x\n", "is not a session file"), (b"", "is empty")):
        assert f"tracer: standard input {says}" in tracer(home, "show", "-", stdin=wrong, TMPDIR=str(spool)).cause
    assert not list(spool.iterdir())


def test_a_torn_last_line_is_read_up_to(home: Path, said: Any) -> None:
    path = home / "sessions" / "a-good.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert "invocation 0 ended: end_turn" in said("show", "a-good")
    assert "breaks off here" in said("show", "a-good")


def test_a_damaged_line_is_told_of_and_passed(home: Path, said: Any) -> None:
    path = home / "sessions" / "a-good.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines[4] = b'{"kind":"cycle_start","cycle":"x"}'
    path.write_bytes(b"\n".join(lines))
    assert "damaged line" in said("show", "a-good") and "invocation 0 ended" in said("show", "a-good")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty or its header is incomplete"),
        (b'{"kind":"session"', "is empty or its header is incomplete"),
        (b"hello\n", "is not a session file"),
        (b'{"kind":"message"}\n', "is not a session file"),
        (b'{"kind":"session","v":1,"labels":{"n":3}}\n', "cannot be read: Expected `str`, got `int` - at `$.labels"),
        (b'{"kind":"session","v":1,"start":x}\n', "cannot be read: JSON is malformed"),
        (b"\x89PNG\r\n\x1a\n\0\0\n", "is not a session file"),
        (b'{"kind":"session","v":7,"id":"x"}\n', "newer than this tracer's"),
    ],
)
def test_what_is_no_session_is_said_in_one_line(home: Path, said: Any, content: bytes, says: str) -> None:
    (home / "odd.jsonl").write_bytes(content)
    for command in ("show", "view", "replay", "export"):
        assert says in said(command, str(home / "odd.jsonl"), code=2)


def test_an_unknown_kind_is_passed(home: Path, said: Any) -> None:
    path = home / "sessions" / "a-good.jsonl"
    lines = path.read_bytes().split(b"\n")
    lines.insert(5, b'{"kind":"telepathy","seq":5,"thought":"hm"}')
    path.write_bytes(b"\n".join(lines))
    assert "telepathy: not known to this version" in said("show", "a-good")
    assert "telepathy: not known" in said("show", "a-good", "kind:telepathy")
    assert "did you mean telepathy" in said("show", "a-good", "kind:telepaty", code=2)


def test_hostile_output_does_not_reach_the_terminal(home: Path, said: Any) -> None:
    path = home / "sessions" / "z.jsonl"
    SessionBuilder(path, agent="x\x1b[2J").start("\x1b]0;owned\x07p").cycle().model(
        "a\x1b[31mb\u202ec"
    ).complete().close()
    for args in (("show", "z"), ("ls",), ("show", "z#2"), ("request", "z#5")):
        out = said(*args)
        assert "\x1b" not in out and "\u202e" not in out and "\x07" not in out


def build_request(home: Path) -> None:
    build = SessionBuilder(home / "sessions" / "r.jsonl").start("2+2?").cycle()
    build.put(r.Content(hash="s1", what="system", value="Be brief."))
    build.put(r.Content(hash="t1", what="tools", value=[{"name": "calculator"}]))
    build.put(r.ModelStart(model="openai/x", params={"temperature": 0}, system="s1", tools="t1", messages=[2]))
    build.put(r.BlockStart())
    build.put(r.Delta(text="4"))
    build.put(r.BlockStop())
    build.put(r.ModelEnd(stop_reason="end_turn"))
    build.put(r.Message(role="assistant", content=[{"text": "4"}], origin="model"))
    build.complete().end().close()


@pytest.mark.parametrize("seq", [7, 8, 9, 10, 11, 12])
def test_request_rebuilds_what_was_sent_from_any_record_of_the_call(home: Path, said: Any, seq: int) -> None:
    build_request(home)
    assert json.loads(said("request", f"r#{seq}")) == {
        "address": "r#7",
        "model": "openai/x",
        "attempt": 0,
        "params": {"temperature": 0},
        "system": "Be brief.",
        "tools": [{"name": "calculator"}],
        "messages": [{"role": "user", "content": [{"text": "2+2?"}]}],
    }


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("r#0", "record 0 (session) lies in no model call"),
        ("r#4", "the call of its cycle is #7"),
        ("r#99", "its last is #"),
        ("r", "names no record; `tracer show r kind:model_start` lists the calls"),
    ],
)
def test_request_of_something_else_says_what_to_give(home: Path, said: Any, address: str, says: str) -> None:
    build_request(home)
    assert says in said("request", address, code=2)


def test_a_request_of_which_a_message_was_lost_says_so(home: Path, said: Any) -> None:
    build = SessionBuilder(home / "sessions" / "r.jsonl").start("2+2?").cycle()
    build.put(r.Gap(count=1, reason="No space left on device"))
    seq = build.put(r.ModelStart(model="m", messages=[2, -1]))
    build.end().close()
    assert "could not be written; the gap above" in said("request", f"r#{seq}", code=2)


def test_replay_keeps_the_pace_and_speed_scales_it(home: Path) -> None:
    build = SessionBuilder(home / "sessions" / "slow.jsonl").start()
    build.put(r.Log(text="later"), ms=4000)
    build.close()
    began = time.monotonic()
    assert "later" in tracer(home, "replay", "slow", "--speed", "4").out
    assert time.monotonic() - began >= 1.0


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
def test_unreadable_files_and_folders(home: Path, said: Any) -> None:
    assert "cannot read" in said("show", "/proc/self/mem", code=2)
    shutil.rmtree(home / "sessions")
    (home / "sessions").write_text("")
    assert "cannot list" in said("ls", code=2)


def test_json_that_is_too_deep_is_a_damaged_record_everywhere(home: Path, said: Any) -> None:
    build = SessionBuilder(home / "sessions" / "y.jsonl").start()
    build._file.write(b'{"kind":"event","seq":4,"t":1,"event":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001 + b"\n")
    build.end().close()
    for args in (("show", "y"), ("show", "y", "kind:damaged"), ("replay", "y", "--speed", "0"), ("view", "y")):
        assert "damaged line: maximum recursion depth" in said(*args)
    assert said("show", "y#4").startswith('"{')
    assert said("show", "--json", "y", "error") == ""
