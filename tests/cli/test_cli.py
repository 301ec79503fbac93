"""The command line itself: help, errors in one line, exit codes, and how lightly it starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import TRACER, environment, tracer
from tracer import __version__
from tracer.cli import COMMANDS

SAMPLE = str(Path(__file__).parents[2] / "sample_sessions" / "tools.jsonl")
HEAVY = {"asyncio", "importlib.metadata", "textual", "litellm", "opentelemetry", "structlog", "pydantic", "lark"}
HEAVY |= {"msgspec", "httpx"}


def loaded_by(*args: str) -> set[str]:
    code = f"""
import sys
from tracer.cli import main
try:
    main({list(args)!r})
except SystemExit:
    pass
print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("-h",), ()])
def test_help_and_version_load_nothing_heavy(args: tuple[str, ...]) -> None:
    assert loaded_by(*args).isdisjoint(HEAVY)


def test_help_names_every_command_and_each_has_help_of_its_own(tmp_path: Path) -> None:
    said = tracer(tmp_path, "--help")
    assert said.code == 0
    for name, text in COMMANDS.items():
        assert f"  {name} " in said.out and text in said.out
    assert tracer(tmp_path).out == said.out


def test_each_command_explains_itself_without_screen_provider_or_collector() -> None:
    from tracer.cli import main

    for name in COMMANDS:
        assert main([name, "-h"]) == 0
    assert loaded_by("run", "-h").isdisjoint(HEAVY - {"msgspec"})


def test_version(tmp_path: Path) -> None:
    assert tracer(tmp_path, "--version").out == f"tracer {__version__}\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("shwo",), "there is no command 'shwo'; did you mean `tracer show`?"),
        (("frobnicate",), "`tracer --help` lists the commands"),
        (("show", "--nope"), "no such option '--nope'; `tracer show --help` shows how"),
        (("show", "nope"), "`tracer ls` lists them"),
        (("show",), "record one: `tracer demo`"),
        (("view", "/nowhere/x.jsonl"), "there is no file /nowhere/x.jsonl"),
        (("show", "/"), "is a folder, not a session file"),
        (("show", ""), "no session was named"),
        (("replay", "last", "--speed", "-1"), "'-1' is no number from 0 up; `tracer replay --help` shows how"),
        (("replay", "last", "--speed", "fast"), "'--speed': 'fast' is no number from 0 up"),
        (("demo", "--speed", "inf"), "'inf' is no number from 0 up"),
        (("serve", "a.py", "--port", "70000"), "'70000' is no whole number from 0 to 65535"),
        (("ls", "-n", "0"), "'0' is no whole number from 1 up"),
        (("stops", "--wait", "soon"), "'soon' is no number from 0 up"),
        (("edit", "first", "input.x"), "'STOP': 'first' is no whole number from 1 up"),
        (("run", "--stop-timeout", "0", "hi"), "give more than 0 seconds"),
        (("request",), "SESSION#SEQ"),
        (("show", SAMPLE, "tool:["), "the '[' is not closed at column 6 of the filter"),
        (("ls", "agent:["), "the '[' is not closed at column 7 of the filter"),
        (("ls", "--agent", "shop["), "--agent 'shop[': the '[' is not closed; [[] is a '[' itself"),
        (("run", "--model", "xai/x", "-b", "tool:[", "hi"), "the '[' is not closed"),
        (("show", "kind:edited"), "a filter comes after a session: `tracer show last kind:edited`"),
        (
            ("show", "error", "and", "cycle", ">", "3"),
            "a filter comes after a session: `tracer show last 'error and cycle > 3'`",
        ),
        (("view", f"{SAMPLE}#3"), f"{SAMPLE}#3 is one record; `tracer show` prints it, and {SAMPLE} is its session"),
        (("show", "last#x"), "last#x: 'x' is no record's number; `tracer show` prints the numbers, as in last#7"),
        (("rm", "last#3"), "last#3 is one record; a whole session is asked for here, as last"),
        (
            ("run", "my_app.py:agent"),
            'the prompt is missing or empty; give one: `tracer run my_app.py:agent "What is 42+7?"`',
        ),
        (("show", "--json=3"), "does not take a value; `tracer show --help` shows how"),
        (("run", "--model"), "requires an argument; `tracer run --help` shows how"),
        (("export", "nope"), "`tracer ls` lists them"),
        (("show", "a\x1b[31mb"), "no session"),
        (("demo", "extra"), "unexpected extra argument"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    tmp_path: Path, args: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from tracer.cli import main

    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    assert main(list(args)) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("tracer: ") and err.count("\n") == 1 and says in err and "\x1b" not in err


@pytest.mark.parametrize(
    "args", [("--debug", "show", "nope"), ("show", "nope", "--debug"), ("show", "--debug", "nope")]
)
def test_debug_shows_the_traceback_wherever_it_stands(tmp_path: Path, args: tuple[str, ...]) -> None:
    done = tracer(tmp_path, *args)
    assert done.code != 0
    assert "Traceback" in done.err and "TracerError" in done.err


def test_without_debug_there_is_no_traceback(tmp_path: Path) -> None:
    assert "no session 'nope'" in tracer(tmp_path, "show", "nope").cause


def test_an_error_of_ours_is_one_line_too(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    from tracer import cli
    from tracer.text import table

    def broken(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(table, "write_json", broken)
    assert cli.main(["ls", "--json"]) == 1
    err = capfd.readouterr().err
    assert err.count("\n") == 1 and "unexpected RuntimeError: two lines" in err


def test_the_module_runs_as_the_command_does(tmp_path: Path) -> None:
    argv = [sys.executable, "-P", "-m", "tracer", "--version"]
    done = subprocess.run(argv, env=environment(tmp_path), capture_output=True, text=True, check=True)
    assert done.stdout == f"tracer {__version__}\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    from tracer.testing import SessionBuilder

    build = SessionBuilder(tmp_path / "sessions" / "long.jsonl").start()
    for _ in range(3000):
        build.cycle().complete()
    build.close()
    command = f"{TRACER} show long | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "0" and "session long" in done.stdout
