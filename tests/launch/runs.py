"""Runs of the agents in apps.py through the real command, and what they leave. No test is here."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.terminal import TRACER, Done, environment, tracer
from tracer import records as r
from tracer.cli import main
from tracer.session import Session

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
