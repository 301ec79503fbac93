"""A debugger on another machine: `tracer dap` there, started by a command such as `ssh host`, as a socket here."""

from __future__ import annotations

import codecs
import os
import re
import select
import shlex
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass

from tracer.debug.errors import DebugError
from tracer.text.safe import clean

_SAFE = re.compile(r"(?!-)[\w.-]{1,200}")  # ssh gives its words to a shell: an id has nothing that one acts on
_PIECES = 64  # of what waits when the screen comes: one that never stops talking holds up nothing


def safe_id(session: str) -> str:
    """A session's id that may stand in a command and name a file, whoever said it. Raises DebugError."""
    if not _SAFE.fullmatch(session):
        raise DebugError(f"{session[:200]!r} is no session's id", "`tracer ls` there lists them")
    return session


@dataclass(frozen=True, slots=True)
class Via:
    """`command` is split as a shell would and `tracer dap SESSION` put behind it; `Far` says where its errors go."""

    command: str
    session: str = ""

    def open(self, quiet: bool = False) -> tuple[socket.socket, Far]:
        """Our end of its standard input and output, and the process, which ends when that is closed. DebugError.

        `quiet`: it says nothing and has no terminal, so that it cannot ask for a password there.
        """
        named = [safe_id(self.session)] if self.session else []
        ours, theirs = socket.socketpair()
        try:
            words = [*shlex.split(self.command), "tracer", "dap", *named]
            process = Far(words, theirs.fileno(), quiet)
        except (OSError, ValueError) as error:
            ours.close()
            raise DebugError(f"--via {self.command!r} cannot be run: {error}", "such as --via 'ssh host'") from None
        finally:
            theirs.close()
        return ours, process

    def __str__(self) -> str:
        return f"`{self.command} tracer dap`"


class Far(subprocess.Popen[bytes]):
    """The program that leads there. What it writes to standard error is shown on ours, cleaned, until `hush()`.

    It is read all the same after that, or the program would wait for somebody to read it.
    """

    def __init__(self, words: list[str], end: int, quiet: bool) -> None:
        errors = subprocess.DEVNULL if quiet else subprocess.PIPE
        super().__init__(words, stdin=end, stdout=end, stderr=errors, start_new_session=quiet)
        self._hushed, self._one = quiet, threading.Lock()
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._hearing = threading.Thread(target=self._hear, name="tracer-via", daemon=True)
        if not quiet:
            self._hearing.start()

    def hush(self) -> None:
        """What it has said is shown, and nothing from now on: a screen is there."""
        for _ in range(_PIECES):
            if not self._pass_on():
                break
        with self._one:
            self._hushed = True

    def heard(self) -> None:
        """It has ended: wait a moment for its last words. A program that it left behind may hold on to its errors."""
        if not self._hushed:
            self._hearing.join(0.5)

    def _hear(self) -> None:
        assert self.stderr is not None
        while self._pass_on() != 0:
            select.select([self.stderr], [], [])
        with self._one:
            self.stderr.close()

    def _pass_on(self) -> int | None:
        """Show or drop what is there: its bytes, 0 at the end, None where there is nothing yet."""
        assert self.stderr is not None
        with self._one:
            if self.stderr.closed or not select.select([self.stderr], [], [], 0)[0]:
                return None
            data = os.read(self.stderr.fileno(), 1 << 12)
            if not self._hushed:
                sys.stderr.write(clean(self._text.decode(data), keep_newlines=True))
                sys.stderr.flush()
        return len(data)


@dataclass(slots=True)
class Joined:
    """A connection that is there already: for whoever opens it first."""

    ours: socket.socket
    process: Far
    name: str

    def open(self) -> tuple[socket.socket, Far]:
        """It, once. Raises DebugError the second time."""
        if self.ours.fileno() < 0:
            raise DebugError(f"{self.name} is over", "attach again")
        return self.ours, self.process

    def close(self) -> None:
        """Hang up; the process ends by that, or is ended."""
        self.ours.close()
        ended(self.process)

    def __str__(self) -> str:
        return self.name


def ended(process: Far) -> None:
    """Wait for a process whose input is at its end; what does not end by itself is ended."""
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.heard()
