"""Our side of a run: start the agent's process, hear when it begins and how it ends, end it. It draws nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from typing import IO

import msgspec

from tracer.errors import TracerError
from tracer.launch.pump import Pump
from tracer.launch.spec import Ended, Failed, Ready, Spec, Status

_CODE = "from tracer.launch.child import main; main()"
_GRACE = 3.0  # seconds between the end of the run and of its process


class Child:
    """An agent's process. `ready` is set once it records."""

    def __init__(self, spec: Spec, keyboard: bool = False) -> None:
        """Start it. `keyboard`: it reads standard input, and then hears Ctrl-C from the terminal too."""
        self.ready: Ready | None = None
        self._ended: Ended | None = None
        self._failed: Failed | None = None
        self._told = threading.Event()
        self._asked = 0
        self._keyboard = keyboard
        self._errors: IO[bytes] = tempfile.TemporaryFile(prefix="tracer-")  # noqa: SIM115 - lives as long as the child
        self._process = self._start(spec)

    def _start(self, spec: Spec) -> subprocess.Popen[bytes]:
        spec_out, spec_in = os.pipe()
        status_out, status_in = os.pipe()
        life_out, self._life = os.pipe()
        pump, given = Pump(), (spec_out, status_in, life_out)
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE, *map(str, (*given, *pump.given))],
            stdin=None if self._keyboard else subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            pass_fds=(*given, *pump.given),
            start_new_session=not self._keyboard,
        )
        pump.start()
        for descriptor in given:
            os.close(descriptor)
        with contextlib.suppress(BrokenPipeError), os.fdopen(spec_in, "wb") as pipe:
            pipe.write(msgspec.json.encode(spec))
        threading.Thread(target=self._listen, args=(status_out,), daemon=True).start()
        return process

    def _listen(self, status_out: int) -> None:
        with os.fdopen(status_out, "rb") as pipe:
            for line in pipe:
                status = msgspec.json.decode(line, type=Status)
                if isinstance(status, Ready):
                    self.ready = status
                elif isinstance(status, Failed):
                    self._failed = status
                else:
                    self._ended = status
                self._told.set()
        self._told.set()

    def wait_ready(self) -> Ready:
        """When the agent is loaded and recorded. Raises TracerError where it cannot be."""
        while not self._told.wait(0.1):
            continue  # in steps, so that Ctrl-C is heard
        if self.ready is not None:
            return self.ready
        self._process.wait()
        failed = self._failed or Failed(self._last_words() or "the agent's process ended before it began", code=1)
        raise ChildError(failed.message, failed.hint, failed.code, failed.traceback)

    @property
    def running(self) -> bool:
        """Whether the run goes on."""
        return self._ended is None and self._process.poll() is None

    def ask_to_end(self) -> None:
        """The first time ask the agent to cancel, the second time end its process."""
        self._asked += 1
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT if self._asked == 1 else signal.SIGKILL)

    def stop(self, patience: float = 5.0) -> None:
        """End the run: ask, unless that was done, wait for so many seconds, then make sure."""
        if not self._asked:
            self.ask_to_end()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def wait(self) -> Ended:
        """How the run ended, once its process is gone."""
        while self._ended is None and self._process.poll() is None:
            self._told.clear()
            self._told.wait(0.1)
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()  # a thread that a tool left behind keeps it up
            self._process.wait()
        os.close(self._life)
        return self._ended or self._died()

    def _died(self) -> Ended:
        code = self._process.returncode
        if self._asked:
            return Ended(130, "interrupted")
        how = f"was killed by {_signal_name(-code)}" if code < 0 else f"ended with code {code}"
        words = self._last_words()
        return Ended(1, f"the agent's process {how}" + (f": {words}" if words else ""), "what it recorded is kept")

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read()[-200_000:].decode("utf-8", "replace").strip().splitlines()
        fatal = [line for line in lines if line.startswith("Fatal Python error")]
        return (fatal or lines or [""])[-1].strip()


class ChildError(TracerError):
    """A failure of the agent's process; `traceback` is that of its side."""

    def __init__(self, message: str, hint: str, exit_code: int, traceback: str) -> None:
        super().__init__(message, hint, exit_code)
        self.traceback = traceback


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
