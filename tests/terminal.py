"""The real command, as a user runs it: in a pipe, or on a pseudo-terminal that is read and typed into."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import selectors
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRACER = str(Path(sys.executable).parent / "tracer")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|[()].|.)", re.DOTALL)


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def cause(self) -> str:
        """Its one line on standard error; fails where there are more, or a traceback."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1 and lines[0].startswith("tracer: "), self.err
        return lines[0]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a test: a home of its own, no key, no colour wishes of whoever runs the tests."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if not re.search(r"KEY|TOKEN|^OTEL|^TRACER|^AGENT|NO_COLOR|^COLUMNS$|^LINES$", k)
    }
    return {**kept, "TRACER_HOME": str(home), "TERM": "xterm-256color", **more}


def eventually(true: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for something that another process or thread does."""
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.01)


def tracer(home: Path, *args: Any, stdin: bytes | None = None, cwd: Path | None = None, **env: str) -> Done:
    """Run `tracer ARGS` with pipes to its end."""
    done = subprocess.run(
        [TRACER, *map(str, args)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        cwd=cwd,
        env=environment(home, **env),
        timeout=200,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


class Terminal:
    """A program on a pseudo-terminal of 120×40. What it wrote is `text`, without escape sequences."""

    def __init__(
        self, argv: list[str], env: dict[str, str], cwd: Path | None = None, stdin: Path | None = None
    ) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._fd = ours
        self._ready = selectors.DefaultSelector()  # select.select takes no descriptor beyond 1023
        self._ready.register(ours, selectors.EVENT_READ)
        self.raw = b""

        def leader() -> None:
            os.setsid()
            fcntl.ioctl(1, termios.TIOCSCTTY, 0)

        source = open(stdin, "rb") if stdin else None  # noqa: SIM115
        self.process = subprocess.Popen(
            argv,
            stdin=source or theirs,
            stdout=theirs,
            stderr=theirs,
            env=env,
            cwd=cwd,
            preexec_fn=leader,  # noqa: PLW1509 - a terminal of its own needs it, and no thread runs here
        )
        os.close(theirs)

    @property
    def text(self) -> str:
        """All that was written so far."""
        return _ANSI.sub("", self.raw.decode("utf-8", "replace"))

    def read(self, seconds: float = 0.1) -> bool:
        """Take all that is there; False once the program is gone."""
        parts = []
        try:
            while self._ready.select(0.01 if parts else seconds):
                parts.append(os.read(self._fd, 1 << 16))
                if not parts[-1]:
                    return False
        except OSError:
            return False
        finally:
            self.raw += b"".join(parts)
        return True

    def until(self, *words: str, seconds: float = 120) -> str:
        """Wait until all the words were written since the last call; what was written."""
        began = time.monotonic()
        while True:
            said = self.text
            if all(word in said for word in words):
                self.raw = b""
                return said
            assert time.monotonic() - began < seconds, f"{words} did not come in {said[-3000:]}"
            assert self.read(), f"ended before {words} came: {said[-3000:]}"

    def settle(self, quiet: float = 0.4, seconds: float = 2) -> None:
        """Wait until nothing has been written for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = len(self.raw)
            self.read(quiet)
            if len(self.raw) == before:
                return

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._fd, keys.encode())

    def end(self, seconds: float = 120) -> int:
        """Wait for its end; the exit code."""
        limit = time.monotonic() + seconds
        while self.read() and time.monotonic() < limit:
            continue
        try:
            return self.process.wait(max(0.1, limit - time.monotonic()))
        finally:
            self.close()

    def close(self) -> None:
        """End it, if need be."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if self._fd >= 0:
            self._ready.close()
            os.close(self._fd)
            self._fd = -1


def on_path(folder: Path) -> dict[str, str]:
    """An environment entry with `tracer` on the path."""
    folder.mkdir(exist_ok=True)
    (folder / "tracer").symlink_to(TRACER)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


HAS_MOUNT = os.geteuid() == 0 and shutil.which("mount") is not None
