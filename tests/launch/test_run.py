"""`tracer run` in a pipe, through the real command: what is told, what is recorded, how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.launch.apps import PRIVATE
from tests.launch.runs import APPS, here, logs, recorded, run, start
from tests.terminal import Done, environment, on_path, tracer
from tracer import records as r
from tracer.session import open_session


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """The home and the end of a run that two tests look at."""
    home = tmp_path_factory.mktemp("added")
    return home, run(home, "adder", "--label", "request=r-91", **on_path(home / "bin"))


def test_a_run_is_told_line_by_line_and_leaves_a_session(added: tuple[Path, Done]) -> None:
    home, done = added
    assert (done.code, done.err) == (0, "")
    heads = ["event loop initialised", "cycle 1 starting", "reasoning: Let me see.", "text: I add."]
    heads += ["new message: assistant", "using tool: add", "tool result: add success", "new message: user (tools)"]
    heads += [
        "cycle 1 completed",
        "cycle 2 starting",
        "text: It is 3.",
        "cycle 2 completed",
        "invocation 0 ended: end_turn",
    ]
    at = [done.out.index(head) for head in heads]
    assert at == sorted(at)
    session = recorded(home)
    assert done.out.splitlines()[-1] == f"tracer view {session.id}"
    assert (session.state, session.header.labels, session.header.agent) == ("ended", {"request": "r-91"}, "apps")
    assert session.header.argv[1:3] == ["run", "--label"]
    (own,) = map(json.loads, (home / "tracer.log").read_text().splitlines())
    assert (own["event"], own["session"], own["code"], own["screen"]) == ("run", session.id, 0, False)


def test_a_limit_ends_the_run_and_says_how_to_lift_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    done = run(tmp_path, "adder", "--limit", "turns=1")
    assert done.code == 1 and done.cause.startswith(
        "tracer: the run was stopped by its limit of turns; `--limit turns="
    )
    assert "cycle 1 force-stopped: the limit of 1 turn is reached" in done.out
    assert run(tmp_path, "adder", "--limit", "turns=0").code == 0
    for wrong in ("turn=1", "turns=x", "turns"):
        refused = here(tmp_path, monkeypatch, capfd, "run", "--limit", wrong, f"{APPS}:adder", "go")
        assert refused.code == 2 and wrong.partition("=")[0] in refused.cause


def test_what_the_user_keeps_out_is_in_no_record(tmp_path: Path) -> None:
    assert run(tmp_path, "adder", "--redact", r"I add\.", "--redact", "add:/a", "--durable").code == 0
    said, session = recorded(tmp_path).path.read_text(), recorded(tmp_path)
    assert "I add." not in said and session.header.redaction == "secrets, 1 pattern, 1 place"
    assert next(x for x in session.records() if isinstance(x, r.ToolStart)).input["a"] == "[left out]"
    wrong = run(tmp_path, "adder", "--redact", "(")
    assert wrong.code == 2 and "is no regular expression" in wrong.cause


@pytest.mark.slow
def test_metadata_alone_names_the_tools_and_nothing_that_was_said(tmp_path: Path) -> None:
    done = run(tmp_path, "adder", "--record", "metadata", prompt="a word of mine")
    session = recorded(tmp_path)
    said = session.path.read_text()
    assert done.code == 0 and "word of mine" not in said and "I add" not in said and '"name":"add"' in said
    assert session.header.redaction == "secrets, metadata only"


def test_what_is_printed_and_logged_is_recorded_where_it_happened(added: tuple[Path, Done]) -> None:
    found = {(log.source, log.text): log for log in logs(recorded(added[0]))}
    printed = found["stdout", "adding 1 and 2"]
    assert (printed.inv, printed.cycle, printed.tool_use_id) == ("0", 1, "call_1")
    logged = found["logging", "careful with 1"]
    assert (logged.level, logged.logger, logged.fields) == ("warning", "app", {"who": "me"})
    assert (logged.inv, logged.cycle, logged.tool_use_id) == ("0", 1, "call_1")


def test_what_a_tool_starts_prints_into_its_invocation(tmp_path: Path) -> None:
    assert run(tmp_path, "shelling").code == 0
    found = {log.text: (log.source, log.inv, log.cycle) for log in logs(recorded(tmp_path))}
    assert found == {"from a child": ("stdout", "0", 1), "to stderr": ("stderr", "0", 1)}


def test_a_private_key_that_is_printed_is_on_no_disk_and_no_screen(tmp_path: Path) -> None:
    done = run(tmp_path, "showing")
    raw = recorded(tmp_path).path.read_text()
    for line in PRIVATE:
        for part in (line[:24], line[24:48], line[-16:]):
            assert part not in raw and part not in done.out
    said = [log.text for log in logs(recorded(tmp_path)) if log.source == "stdout"]
    assert "and no more" in said and len([text for text in said if text.startswith("[redacted:")]) == 3


@pytest.mark.slow
def test_native_code_that_keeps_the_lock_may_print_more_than_a_pipe_holds(tmp_path: Path) -> None:
    done = run(tmp_path, "drumming")
    assert (done.code, done.err) == (0, "")
    said = [line.text for line in logs(recorded(tmp_path)) if line.source == "stdout"]
    assert [int(line.split()[0]) for line in said] == list(range(3000))
    assert len([line for line in logs(recorded(tmp_path)) if line.source == "stderr"]) == 3000


@pytest.mark.slow
def test_an_agent_that_prints_its_answer_does_not_tell_it_twice(tmp_path: Path) -> None:
    assert run(tmp_path, "printing").out.count("said once") == 1
    assert logs(recorded(tmp_path)) == []


def test_a_factory_makes_the_agent_ls_names_it_and_its_last_line_works_as_typed(tmp_path: Path) -> None:
    said = run(tmp_path, "make").out
    assert "made to order" in said
    assert json.loads(tracer(tmp_path, "ls", "--json").out)["agent"] == "orderly"
    last = said.splitlines()[-1]
    again = subprocess.run(last, shell=True, env=environment(tmp_path), capture_output=True, text=True, check=True)
    assert "text: made to order" in again.stdout


def test_the_prompt_from_a_pipe_and_the_model_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("from agent_runtime import ScriptedModel\nm = ScriptedModel(['hello from m'])\n")
    done = tracer(tmp_path, "run", "-", stdin=b"from a pipe\n", AGENT_MODEL=f"{tmp_path}/m.py:m")
    assert "hello from m" in done.out and "agent: from a pipe" in done.out


def test_ctrl_c_asks_the_agent_to_end(tmp_path: Path) -> None:
    process = start(tmp_path, f"{APPS}:patient", "go")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 130
    assert b"Traceback" not in err and b"ended: cancelled" in out
    assert recorded(tmp_path).state == "ended"


@pytest.mark.slow
def test_a_tool_that_never_ends_does_not_keep_the_run_from_ending(tmp_path: Path) -> None:
    process = start(tmp_path, f"{APPS}:blocked", "go")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=100)
    assert process.returncode == 130 and b"Traceback" not in err


def test_when_the_parent_is_killed_the_agent_ends_too(tmp_path: Path) -> None:
    process = start(tmp_path, f"{APPS}:patient", "go")
    session = recorded(tmp_path)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 100
    while session.state == "live" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert session.state == "ended"


def test_a_plain_run_may_ask_on_standard_input(tmp_path: Path) -> None:
    done = tracer(tmp_path, "run", "--plain", f"{APPS}:asking", "go", stdin=b"joe\n")
    assert done.code == 0 and "stdout: your name?" in done.out and "ask success" in done.out
    assert "joe" in done.out


@pytest.mark.slow
def test_who_asks_where_nobody_answers_hears_so(tmp_path: Path) -> None:
    assert "EOF" in run(tmp_path, "asking").out


@pytest.mark.slow
def test_a_stop_that_nobody_watches_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "adder", "-b", "before_tool:add", "--stop-timeout", "0.3")
    assert done.code == 1 and "a stopped tool call was refused: nobody attached within 0.3 s" in done.err
    assert "--on-lost continue" in done.err
    assert "stopped at before_tool add" in done.out and "stdout: adding" not in done.out
    assert f"view {recorded(tmp_path).id}` in another terminal" in done.err


def test_a_key_on_the_command_line_is_written_nowhere(tmp_path: Path) -> None:
    key = "zq-verysecret-0123456789"
    done = run(tmp_path, "adder", "--api-key", key, "--model", f"{APPS}:model", prompt=f"say {key}")
    assert done.code == 0, done.err
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or key.encode() not in path.read_bytes(), path
    assert key not in done.out


@pytest.mark.slow
def test_a_missing_key_and_an_unknown_model(tmp_path: Path) -> None:
    missing = tracer(tmp_path, "run", "--model", "openai/gpt-4o", "go")
    assert missing.code == 2 and "OPENAI_API_KEY" in missing.cause
    unknown = tracer(tmp_path, "run", "--model", "nosuch", "go")
    assert unknown.code == 2 and "names no provider" in unknown.cause


@pytest.mark.slow
def test_a_provider_that_is_not_there(tmp_path: Path) -> None:
    base = ("--api-base", "http://127.0.0.1:9/v1", "--api-key", "sk-none-none-none")
    done = tracer(tmp_path, "run", "--model", "openai/gpt-4o", *base, "go")
    assert done.code == 1 and "cannot connect to http://127.0.0.1:9" in done.cause
    assert open_session(next((tmp_path / "sessions").iterdir())).state == "ended"


@pytest.mark.slow
def test_a_stock_strands_agent_runs_the_same_way(tmp_path: Path) -> None:
    pytest.importorskip("strands", reason="needs the extra `strands`")
    (tmp_path / "app.py").write_text(
        "import strands\n"
        "from agent_runtime.models.scripted import call\n"
        "from tests.runtimes import make_agent\n"
        "def six() -> int:\n    'Six.'\n    print('six it is')\n    return 6\n"
        "def make():\n    return make_agent('stock', [[call('six')], 'It is six.'], [six])\n"
    )
    done = tracer(tmp_path, "run", "app.py:make", "go", cwd=tmp_path, PYTHONPATH=str(APPS.parents[2]))
    assert done.code == 0, done.err
    assert "tool result: six success" in done.out and "text: It is six." in done.out
    session = recorded(tmp_path)
    limited = tracer(tmp_path / "other", "run", "app.py:make", "go", "--limit", "turns=1", cwd=tmp_path,
                     PYTHONPATH=str(APPS.parents[2]))  # fmt: skip
    assert limited.code == 1 and "its limit of turns" in limited.cause
    costly = tracer(tmp_path / "third", "run", "app.py:make", "go", "--limit", "cost=1", cwd=tmp_path,
                    PYTHONPATH=str(APPS.parents[2]))  # fmt: skip
    assert costly.code == 2 and "stock Strands knows no limit of cost; it knows turns" in costly.cause
    assert session.header.runtime == "strands" and [log.text for log in logs(session)] == ["six it is"]
