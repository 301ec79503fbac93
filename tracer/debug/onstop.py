"""A program of the user's that is told of each stop. It never holds the agent up: threads of its own start it."""

from __future__ import annotations

import contextlib
import os
import queue
import selectors
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from tracer.errors import TracerError

AT_ONCE, WAITING = 4, 64  # processes that run, and stops that wait for one
PATIENCE = 60.0  # seconds that one may run
_OUTPUT = 2000  # characters of what it says that are kept
_KEPT = 4 * _OUTPUT  # bytes of it that are: more is read and forgotten
_GLANCE = 0.1  # seconds between two looks at whether it is over


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
            process = subprocess.Popen(
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                start_new_session=True,  # so that what it starts can be ended with it
            )
        except OSError as error:
            return error.strerror or str(error), "warning"
        try:
            with process:
                said = _talk(process, given, time.monotonic() + PATIENCE).decode("utf-8", "replace").strip()[:_OUTPUT]
        except subprocess.TimeoutExpired:
            return f"ended after {PATIENCE:g} s", "warning"
        if process.returncode:
            return f"exit code {process.returncode}" + (f": {said}" if said else ""), "warning"
        return said, "info"


def _talk(process: subprocess.Popen[bytes], given: bytes, until: float) -> bytes:
    """Give it its input, and take the beginning of what it says, until it is over; what it left running may hold on
    to its output. Raises TimeoutExpired, and has ended it and what it started."""
    assert process.stdin is not None and process.stdout is not None
    said = bytearray()
    with selectors.DefaultSelector() as both:
        os.set_blocking(process.stdin.fileno(), False)
        both.register(process.stdin, selectors.EVENT_WRITE)
        both.register(process.stdout, selectors.EVENT_READ)
        while both.get_map() or process.poll() is None:
            over = process.poll() is not None
            ready = both.select(_GLANCE)
            if over and not any(key.fileobj is process.stdout for key, _ in ready):
                break
            if time.monotonic() > until:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(process.args, PATIENCE)
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    given = _written(key.fd, given)
                    done = not given
                else:
                    piece = os.read(key.fd, 1 << 16)
                    said += piece[: _KEPT - len(said)]
                    done = not piece
                if done:
                    both.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
    return bytes(said)


def _written(descriptor: int, data: bytes) -> bytes:
    """What is left of it to write: nothing to a program that does not read."""
    try:
        return data[os.write(descriptor, data) :]
    except BrokenPipeError:
        return b""
