"""A debugger on another machine: `tracer dap` there, started by a command such as `ssh host`, as a socket here."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
from dataclasses import dataclass

from tracer.debug.errors import DebugError

_SAFE = re.compile(r"(?!-)[\w.-]{1,200}")  # ssh gives its words to a shell: an id has nothing that one acts on


def safe_id(session: str) -> str:
    """A session's id that may stand in a command and name a file, whoever said it. Raises DebugError."""
    if not _SAFE.fullmatch(session):
        raise DebugError(f"{session[:200]!r} is no session's id", "`tracer ls` there lists them")
    return session


@dataclass(frozen=True, slots=True)
class Via:
    """`command` is split as a shell would and `tracer dap SESSION` put behind it; its errors go to standard error."""

    command: str
    session: str = ""

    def open(self, quiet: bool = False) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        """Our end of its standard input and output, and the process, which ends when that is closed. DebugError.

        `quiet`: it says nothing and has no terminal, so that it cannot ask for a password there.
        """
        named = [safe_id(self.session)] if self.session else []
        ours, theirs = socket.socketpair()
        try:
            words = [*shlex.split(self.command), "tracer", "dap", *named]
            errors = subprocess.DEVNULL if quiet else None
            process = subprocess.Popen(
                words, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=errors, start_new_session=quiet
            )
        except (OSError, ValueError) as error:
            ours.close()
            raise DebugError(f"--via {self.command!r} cannot be run: {error}", "such as --via 'ssh host'") from None
        finally:
            theirs.close()
        return ours, process

    def __str__(self) -> str:
        return f"`{self.command} tracer dap`"


@dataclass(slots=True)
class Joined:
    """A connection that is there already: for whoever opens it first."""

    ours: socket.socket
    process: subprocess.Popen[bytes]
    name: str

    def open(self) -> tuple[socket.socket, subprocess.Popen[bytes]]:
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


def ended(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process whose input is at its end; what does not end by itself is ended."""
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
