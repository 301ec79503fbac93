"""`tracer run` in a pipe, through the real command: what is told, what is recorded, how it ends, what goes wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.launch.apps import PRIVATE
from tests.terminal import HAS_MOUNT, TRACER, Done, environment, on_path, tracer
from tracer import records as r
from tracer.cli import main
from tracer.session import Session, open_session

APPS = Path(__file__).with_name("apps.py")


def run(home: Path, name: str, *args: str, prompt: str = "go", **env: str) -> Done:
    return tracer(home, "run", *args, f"{APPS}:{name}", prompt, stdin=None, cwd=None, **env)


def recorded(home: Path) -> Session:
    (path,) = (home / "sessions").iterdir()
    return Session(path)


def here(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *words: str) -> Done:
    """The command in this process, called in its home: for what is refused before an agent's process is of use."""
    for name in set(os.environ) - set(env := environment(home)):
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(home)
    code = main(list(words))
    return Done(code, *capfd.readouterr())


def logs(session: Session) -> list[r.Log]:
    return [record for record in session.records() if isinstance(record, r.Log)]


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
    assert "cycle 1 force-stopped: the limit of 1 turns is reached" in done.out
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


def test_a_failed_run_is_exit_code_1_and_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "failing")
    assert done.code == 1
    assert done.cause == "tracer: RuntimeError: connection reset by peer"
    assert "force-stopped: RuntimeError: connection reset by peer" in done.out
    assert done.out.splitlines()[-1].endswith(f" view {recorded(tmp_path).id}")
    debugged = run(tmp_path, "failing", "--debug")
    assert "Traceback" in debugged.err and "scripted.py" in debugged.err


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("killed", "SIGKILL"),
        pytest.param("crashed", "Segmentation fault", marks=pytest.mark.slow),
        pytest.param("left", "ended with code 7", marks=pytest.mark.slow),
    ],
)
def test_a_process_that_dies_is_said_and_its_session_stays(tmp_path: Path, name: str, says: str) -> None:
    done = run(tmp_path, name)
    assert done.code == 1 and says in done.cause
    session = recorded(tmp_path)
    assert session.state == "crashed"
    assert any(isinstance(record, r.ToolStart) for record in session.records())
    assert tracer(tmp_path, "show", "last").code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("",), "the prompt is missing or empty"),
        ((" \n ",), "the prompt is missing or empty"),
        (("app.py:agent",), "the prompt is missing or empty"),
        (("one", "two", "three"), "put the prompt in quotes"),
        (("one", "two"), "'one' is no FILE.py:OBJECT"),
        (("nowhere.py:agent", "go"), "there is no file nowhere.py"),
        (("go",), "no model is named; give --model openai/gpt-4o, or set AGENT_MODEL"),
        (("--model", "openai/x", "--tool", "calcu", "go"), "did you mean calculator?"),
        (("--model", "openai/x", "--tool", "none.py", "go"), "there is no file none.py"),
        (("--label", "x", f"{APPS}:make", "go"), "a label is KEY=VALUE"),
        (("-b", "tools:x", f"{APPS}:make", "go"), "there is no point 'tools'"),
        (("-b", "before_tool if cycle >", f"{APPS}:make", "go"), "column"),
        (("--otlp", "foo", f"{APPS}:make", "go"), "is not an http URL"),
        (("--limit", "turns=-1", f"{APPS}:make", "go"), "'turns=-1' is no KEY=NUMBER, the number from 0 up"),
        (("--limit", "seconds=nan", f"{APPS}:make", "go"), "'seconds=nan' is no KEY=NUMBER"),
        (("--limit", "cost=inf", f"{APPS}:make", "go"), "'cost=inf' is no KEY=NUMBER"),
        (("--stop-timeout", "-1", f"{APPS}:make", "go"), "'-1' is no number from 0 up"),
        (("--stop-timeout", "nan", f"{APPS}:make", "go"), "'nan' is no number from 0 up"),
        (("--model", "openai/x", "--model", "none.py:m", "go"), "there is no file none.py"),
        (("--on-lost", "maybe", f"{APPS}:make", "go"), "'refuse', 'continue'"),
    ],
)
def test_a_users_mistake_is_one_line_exit_code_2_and_no_session(
    tmp_path: Path,
    words: tuple[str, ...],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    done = here(tmp_path, monkeypatch, capfd, "run", *words)
    assert done.code == 2
    assert says in done.cause
    assert done.out == ""
    assert not list((tmp_path / "sessions").glob("*")) if (tmp_path / "sessions").exists() else True


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((f"{APPS}:broken", "go"), "broken() raised RuntimeError: no way"),
        (("--tool", f"{APPS}:number", f"{APPS}:make", "go"), "'number' in "),
        pytest.param((f"{APPS}:nothing", "go"), "has no 'nothing'; it defines", marks=pytest.mark.slow),
        pytest.param((f"{APPS}:number", "go"), "is of type int, not an agent", marks=pytest.mark.slow),
        pytest.param((f"{APPS}:later", "go"), "is asynchronous", marks=pytest.mark.slow),
        pytest.param((str(APPS), "go"), "several agents", marks=pytest.mark.slow),
        pytest.param(("--model", f"{APPS}:number", f"{APPS}:make", "go"), "is not a model", marks=pytest.mark.slow),
    ],
)
def test_once_the_users_code_has_run_there_is_a_session_that_says_why(
    tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    done = tracer(tmp_path, "run", *words, cwd=tmp_path)
    assert done.code == 2 and says in done.cause and done.out == ""
    session = recorded(tmp_path)
    (why,) = logs(session)
    assert (session.state, why.level) == ("ended", "error") and why.text in done.cause and says in why.text + done.cause


@pytest.mark.slow
def test_what_a_file_says_before_it_fails_is_kept(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        "from agent_runtime import Agent, ScriptedModel\n"
        "print('so far so good')\n"
        "Agent(model=ScriptedModel(['said while loading']), callback_handler=None)('early')\n"
        "raise RuntimeError('and now')\n"
    )
    assert "bad.py:4: RuntimeError: and now" in tracer(tmp_path, "run", "bad.py:agent", "go", cwd=tmp_path).cause
    told = tracer(tmp_path, "show", "last").out
    said = ["so far so good", "agent: early", "text: said while loading", "and now", "recording ended: it did not"]
    assert all(words in told for words in said)


@pytest.mark.slow
def test_an_app_that_fails_to_import_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import os\n\nos.nope\n")
    assert "bad.py:3: AttributeError" in tracer(tmp_path, "run", "bad.py:agent", "go", cwd=tmp_path).cause
    (tmp_path / "worse.py").write_text("def f(:\n")
    assert "worse.py:1: SyntaxError" in tracer(tmp_path, "run", "worse.py:agent", "go", cwd=tmp_path).cause


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tracer", "agent_runtime"])
def test_a_file_of_the_users_that_hides_a_package_is_said(tmp_path: Path, name: str) -> None:
    shutil.copy(APPS, tmp_path / "app.py")
    (tmp_path / f"{name}.py").write_text("raise SystemExit('taken for the package')\n")
    for app in ("app.py:make", f"{name}.py:make"):
        done = tracer(tmp_path, "run", app, "go", cwd=tmp_path)
        assert done.code == 2 and f"{name}.py has the name of the package" in done.cause
    assert tracer(tmp_path, "ls", cwd=tmp_path).code == 0


@pytest.mark.slow
def test_a_users_tracer_py_where_it_is_called_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "tracer.py").write_text("raise SystemExit('taken for the package')\n")
    assert tracer(tmp_path, "run", f"{APPS}:make", "go", cwd=tmp_path).code == 0


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(tmp_path / "file", "make")
    assert done.code == 2
    assert "cannot write" in done.cause and "set TRACER_HOME" in done.cause


@pytest.mark.slow
def test_a_disk_that_fills_up_stops_the_recording_and_not_the_agent(tmp_path: Path) -> None:
    limited = f'ulimit -f 64; exec {TRACER} run {APPS}:flooding "go"'
    done = subprocess.run(
        ["bash", "-c", limited], env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert "the recording is incomplete" in done.stderr and "Traceback" not in done.stderr
    assert "using tool: flood" in tracer(tmp_path, "show", "last").out


@pytest.mark.skipif(not HAS_MOUNT, reason="needs root to mount a small disk")
def test_a_full_disk_is_said_in_one_line(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("mount is not allowed here")
    try:
        (disk / "fill").write_bytes(b"x" * (16 << 10))
        done = run(disk, "make")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert done.code == 2 and "No space left on device" in done.cause


@pytest.mark.slow
def test_a_dead_collector_is_one_line_and_the_run_succeeds(tmp_path: Path) -> None:
    done = run(tmp_path, "make", "--otlp", "http://127.0.0.1:9")
    assert done.code == 0
    assert "spans not sent" in done.cause and "tracer export" in done.cause
    failed = tracer(tmp_path, "export", "last", "--otlp", "http://127.0.0.1:9")
    assert failed.code == 1 and "connection refused" in failed.cause


def start(home: Path, *words: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [TRACER, "run", *words], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 1000
    while time.monotonic() < deadline:
        paths = list((home / "sessions").glob("*")) if (home / "sessions").exists() else []
        if paths and b"block_start" in paths[0].read_bytes():
            return process
        time.sleep(0.05)
    raise AssertionError("the run did not begin")


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
