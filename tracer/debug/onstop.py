"""A program of the user's that is told of each stop. It never holds the agent up: threads of its own start it."""

from __future__ import annotations

import queue
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import msgspec

from tracer.errors import TracerError

AT_ONCE, WAITING = 4, 64  # processes that run, and stops that wait for one
PATIENCE = 60.0  # seconds that one may run
_OUTPUT = 2000  # characters of what it says that are kept


def program(text: str) -> list[str]:
    """The words of a command, split as a shell would, for no shell to read. Raises TracerError."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise TracerError(f"--on-stop {text!r} cannot be read: {error}", "quote it as for a shell") from None
    if not words or not shutil.which(words[0]):
        raise TracerError(f"--on-stop {text!r}: there is no such program", "give its path, or put it on the PATH")
    return words


class OnStop:
    """`tell(body)` from any thread starts the program with the stop as a line of JSON on its standard input.

    What it says, and how it failed, goes to `note(text, level)`. Stops beyond those that may wait are noted alone.
    """

    def __init__(self, words: list[str], note: Callable[[str, str], None]) -> None:
        self._words = words
        self._note = note
        self._queue: queue.Queue[bytes] = queue.Queue(WAITING)
        for number in range(AT_ONCE):
            threading.Thread(target=self._work, name=f"tracer-on-stop-{number}", daemon=True).start()

    def tell(self, body: dict[str, Any]) -> None:
        """Of one stop; returns at once."""
        try:
            self._queue.put_nowait(msgspec.json.encode(body) + b"\n")
        except queue.Full:
            self._note(f"--on-stop: stop {body['stop']} is left out, {WAITING} wait already", "warning")

    def _work(self) -> None:
        while True:
            given = self._queue.get()
            text, level = self._run(given)
            if text:
                self._note(f"--on-stop {self._words[0]}: {text}", level)

    def _run(self, given: bytes) -> tuple[str, str]:
        """What to note of a run, and how loud."""
        try:
            done = subprocess.run(
                self._words,
                input=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"ended after {PATIENCE:g} s", "warning"
        except OSError as error:
            return error.strerror or str(error), "warning"
        said = done.stdout.decode("utf-8", "replace").strip()[:_OUTPUT]
        if done.returncode:
            return f"exit code {done.returncode}" + (f": {said}" if said else ""), "warning"
        return said, "info"
