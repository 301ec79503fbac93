"""A run in a process of its own that waits at its breakpoints: what commands, editors and foreign clients steer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.terminal import TRACER, Done, environment, tracer
from tracer.session import Session

APPS = Path(__file__).parent / "launch" / "apps.py"


class Steered:
    """A run in a process of its own, stopped by its breakpoints."""

    def __init__(self, home: Path, *breakpoints: str) -> None:
        self.home = home
        words = [word for text in breakpoints for word in ("-b", text)]
        line = [str(TRACER), "run", "--plain", *words, f"{APPS}:adder", "go"]
        self.process = subprocess.Popen(
            line, env=environment(home), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def do(self, *words: str) -> Done:
        return tracer(self.home, *words)

    def stop(self) -> dict[str, Any]:
        """The stop that comes next."""
        done = self.do("stops", "--json", "--wait", "100")
        assert done.code == 0, done.err
        told: dict[str, Any] = json.loads(done.out.splitlines()[0])
        return told

    def end(self) -> Session:
        err = self.process.communicate(timeout=100)[1]
        assert self.process.returncode in (0, 1, 130), err
        (path,) = (self.home / "sessions").iterdir()
        return Session(path)
