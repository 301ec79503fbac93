"""A debugger on another machine: `tracer dap` there, started by a command such as `ssh host`, as a socket here."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
from dataclasses import dataclass

from tracer.debug.errors import DebugError

_SAFE = re.compile(r"[\w.-]*")  # ssh gives its words to a shell: an id has nothing that one acts on


@dataclass(frozen=True, slots=True)
class Via:
    """`command` is split as a shell would and `tracer dap SESSION` put behind it; its errors go to standard error."""

    command: str
    session: str = ""

    def open(self) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        """Our end of its standard input and output, and the process, which ends when that is closed. DebugError."""
        if not _SAFE.fullmatch(self.session) or self.session.startswith("-"):
            raise DebugError(f"{self.session!r} is no session's id", "`tracer ls` there lists them")
        ours, theirs = socket.socketpair()
        try:
            words = [*shlex.split(self.command), "tracer", "dap", *([self.session] if self.session else [])]
            process = subprocess.Popen(words, stdin=theirs.fileno(), stdout=theirs.fileno())
        except (OSError, ValueError) as error:
            ours.close()
            raise DebugError(f"--via {self.command!r} cannot be run: {error}", "such as --via 'ssh host'") from None
        finally:
            theirs.close()
        return ours, process

    def __str__(self) -> str:
        return f"`{self.command} tracer dap`"
