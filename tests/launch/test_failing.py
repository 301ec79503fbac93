"""What goes wrong in a `tracer run`: one line with the next step, an exit code, and a session where code had run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.launch.runs import APPS, here, logs, recorded, run
from tests.terminal import HAS_MOUNT, TRACER, environment, tracer
from tracer import records as r


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
