"""What the agent's process prints, as `log` records: Python's own prints with their tool call, all else by a pump."""

from __future__ import annotations

import contextlib
import io
import os
import selectors
import sys
import threading
from typing import TYPE_CHECKING, Any

from tracer import records as r
from tracer.launch.printed import Printed
from tracer.recording.place import CURRENT

if TYPE_CHECKING:
    from tracer.recorder import Recording

_IDLE = 0.2  # seconds after which a line without an end is told of as it is
_LONGEST = 64 << 10
_LAST = 2.0  # seconds that the last lines have for their way
_PRINTERS = 64  # tool calls that may be in the middle of a line, or of a secret, at one time


class Capture:
    """From `start` to `stop` what goes to descriptors 1 and 2 becomes log records, placed where `agent` is.

    `given` are the ends of a Pump in another process.
    """

    def __init__(self, recording: Recording, given: list[int]) -> None:
        self.recording = recording
        self.agent: Any = None
        self._given = given
        self._saved = [os.dup(1), os.dup(2)]
        self._parts: dict[int, bytes] = {}
        self._names: dict[int, str] = {}
        self._printed: dict[int, Printed] = {}
        self._tagged = [Tagged(recording, 1, "stdout"), Tagged(recording, 2, "stderr")]
        self._thread = threading.Thread(target=self._read, name="tracer-output", daemon=True)

    def start(self) -> None:
        """Redirect both descriptors and Python's two streams."""
        ends = zip(self._given[::2], self._given[1::2], strict=True)
        for (descriptor, name), (into, out) in zip(((1, "stdout"), (2, "stderr")), ends, strict=True):
            os.dup2(into, descriptor, inheritable=True)
            os.close(into)
            os.set_blocking(out, False)
            self._names[out], self._parts[out] = name, b""
            self._printed[out] = Printed(self.recording.redactor)
        sys.stdout, sys.stderr = self._tagged
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and give the descriptors back."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        for tagged in self._tagged:
            tagged.finish()
        for descriptor, saved in zip((1, 2), self._saved, strict=True):
            os.dup2(saved, descriptor)
        self._thread.join(_LAST)  # a process that a tool has left behind may hold the pipe open

    def _read(self) -> None:
        with selectors.DefaultSelector() as ready:
            for out in self._names:
                ready.register(out, selectors.EVENT_READ)
            while ready.get_map():
                events = ready.select(_IDLE)
                if not events:
                    self._idle()
                for key, _ in events:
                    if not self._take(key.fd):
                        ready.unregister(key.fd)

    def _take(self, out: int) -> bool:
        with contextlib.suppress(BlockingIOError):
            chunk = os.read(out, 1 << 16)
            *lines, self._parts[out] = (self._parts[out] + chunk).split(b"\n")
            for line in lines:
                self._tell(out, self._printed[out].line(_text(line)))
            if len(self._parts[out]) >= _LONGEST:
                self._begun(out)
            if not chunk:
                self._begun(out)
                self._tell(out, self._printed[out].rest())
                return False
        return True

    def _idle(self) -> None:
        for out in self._parts:
            self._begun(out)

    def _begun(self, out: int) -> None:
        rest, self._parts[out] = self._parts[out], b""
        if rest:
            self._tell(out, self._printed[out].piece(_text(rest)))

    def _tell(self, out: int, lines: list[str]) -> None:
        for line in lines:
            inv, cycle = self.recording.place(self.agent) if self.agent is not None else ("", 0)
            self.recording.write(r.Log(text=line, source=self._names[out], inv=inv, cycle=cycle))


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")


Key = tuple[str, str]  # invocation, tool call


class Tagged(io.TextIOWrapper):
    """A standard stream that knows who prints: inside a recorded agent a line is recorded with its tool call."""

    def __init__(self, recording: Recording, descriptor: int, name: str) -> None:
        raw = io.FileIO(descriptor, "w", closefd=False)
        super().__init__(io.BufferedWriter(raw), "utf-8", "backslashreplace", line_buffering=True)
        self._recording = recording
        self._name = name
        self._open: dict[Key, str] = {}
        self._printed: dict[Key, Printed] = {}
        self._guard = threading.Lock()

    def write(self, text: str, /) -> int:
        """Record whole lines; keep the rest until its end or a flush."""
        place = CURRENT.get()
        if place is None or place.run.recording is not self._recording or self._recording.closed:
            return super().write(text)
        key = (place.run.inv, place.tool_use_id)
        with self._guard:
            *lines, rest = (self._open.pop(key, "") + text).split("\n")
            if rest:
                self._open[key] = rest
            said = [clean for line in lines for clean in self._by(key).line(line)]
        self._tell(key, place.run.cycle, said)
        self._forget()
        return len(text)

    def flush(self) -> None:
        """Record what has no end yet: it may be a question."""
        with self._guard:
            rest, self._open = self._open, {}
            said = {key: self._by(key).piece(text) for key, text in rest.items()}
        place = CURRENT.get()
        for key, lines in said.items():
            self._tell(key, place.run.cycle if place else 0, lines)
        super().flush()

    def finish(self) -> None:
        """Record all that waits: nothing follows."""
        with contextlib.suppress(OSError, ValueError):
            self.flush()
        with self._guard:
            printed, self._printed = self._printed, {}
        for key, one in printed.items():
            self._tell(key, 0, one.rest())

    def _by(self, key: Key) -> Printed:
        printed = self._printed.pop(key, None) or Printed(self._recording.redactor)
        self._printed[key] = printed  # those that printed last are the last
        return printed

    def _forget(self) -> None:
        with self._guard:
            many = len(self._printed) > _PRINTERS
            key = next(iter(self._printed), ("", ""))
            rest = self._printed.pop(key).rest() if many else []
        self._tell(key, 0, rest)

    def _tell(self, key: Key, cycle: int, lines: list[str]) -> None:
        for line in lines:
            self._recording.write(r.Log(text=line, source=self._name, inv=key[0], cycle=cycle, tool_use_id=key[1]))
