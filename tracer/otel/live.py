"""Sends spans while the session is written: a thread follows the file. A dead collector costs the agent nothing."""

from __future__ import annotations

import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.errors import TracerError
from tracer.otel.batches import batches
from tracer.otel.data import SpanData
from tracer.otel.endpoint import disabled, traces_url
from tracer.otel.export import again, mapper_of
from tracer.otel.report import Report
from tracer.otel.spans import Mapper
from tracer.session import Session

if TYPE_CHECKING:
    from tracer.otel.sender import Sender

_ENOUGH = 2048  # ended spans kept in memory; while they wait the file is not read on
_REQUEST = 5.0
_FIRST_BACKOFF, _LONGEST_BACKOFF = 1.0, 30.0


class LiveExport:
    """Follows a session file and sends each span once, when it has ended; what still runs at `close` is not sent."""

    def __init__(self, path: Path, endpoint: str | None, *, content: bool = False, interval: float = 1.0) -> None:
        """Begin. `interval`: seconds between looks at the file. Raises TracerError on an endpoint that is none."""
        self._path, self._endpoint, self._url = path, endpoint, traces_url(endpoint)
        self._content, self._interval = content, interval
        self._waiting: deque[SpanData] = deque()
        self._sent = self._refused = 0
        self._error = ""
        self._session: Session | None = None
        self._mapper: Mapper | None = None
        self._sender: Sender | None = None
        self._over = False
        self._backoff = _FIRST_BACKOFF
        self._closing = threading.Event()
        self._deadline = 0.0
        self._thread = threading.Thread(target=self._run, name="tracer-otlp", daemon=True)
        if not disabled():
            self._thread.start()

    def close(self, timeout: float = 2.0) -> Report:
        """Send what has ended, for at most `timeout` seconds, and stop. A second call reports the same."""
        if not self._closing.is_set():
            self._deadline = time.monotonic() + timeout
            self._closing.set()
        if self._thread.is_alive():
            self._thread.join(max(0.0, self._deadline - time.monotonic()))
        return self.report()

    def report(self) -> Report:
        """How it stands now. `failed` counts what has ended and waits."""
        if disabled():
            return Report(error="OTEL_SDK_DISABLED is true: nothing was sent")
        mapper = self._mapper
        left = len(self._waiting) + self._refused
        error = self._error or ("the collector was too slow" if left and self._closing.is_set() else "")
        rest = again(self._path, self._endpoint, self._content) if left and self._closing.is_set() else ""
        return Report(self._sent, left, error, mapper.running if mapper else 0, rest)

    def _run(self) -> None:
        try:
            self._follow()
        except (TracerError, OSError) as error:
            self._error = str(error)
        finally:
            if self._sender is not None:
                self._sender.close()
            if self._session is not None:
                self._session.close()

    def _follow(self) -> None:
        wait = self._interval
        while not self._over:
            closing = self._closing.wait(wait)
            more = self._read()
            failed = self._send()
            if closing and (failed or not more or self._late()):
                return
            wait = failed or (0.0 if more else self._interval)

    def _late(self) -> bool:
        return self._closing.is_set() and time.monotonic() >= self._deadline

    def _read(self) -> bool:
        """Read on until the file's end or until enough waits; whether there is more."""
        if self._mapper is None and not self._open():
            return False
        session, mapper = self._session, self._mapper
        assert session is not None and mapper is not None
        for record in session.reader.records(mapper.timeline.count):
            self._waiting.extend(mapper.feed(record))
            if len(self._waiting) >= _ENOUGH or self._late():
                return True
        if not self._waiting:
            self._look_for_the_end(session, mapper)
        return False

    def _open(self) -> bool:
        try:
            if not self._path.stat().st_size:
                return False
        except FileNotFoundError:  # its writer has not begun
            return False
        self._session = Session(self._path)
        self._mapper = mapper_of(self._session, content=self._content)
        return True

    def _look_for_the_end(self, session: Session, mapper: Mapper) -> None:
        state = session.state
        if state == "live" or mapper.timeline.count < len(session.reader):
            return
        if state == "crashed":
            self._waiting.extend(mapper.finish())
        self._over = True

    def _send(self) -> float:
        """Send all that waits; 0 where it arrived, else the seconds to wait before the next attempt."""
        while self._waiting and not self._late():
            batch = next(batches(self._waiting))
            outcome = self._connected().send(batch)
            self._sent += outcome.sent
            self._refused += outcome.refused
            self._error = outcome.error
            if outcome.sent + outcome.refused < len(batch):
                return self._back_off(outcome.retry_after)
            self._backoff = _FIRST_BACKOFF
            for _ in batch:
                self._waiting.popleft()
        return 0.0

    def _back_off(self, asked: float) -> float:
        wait, self._backoff = self._backoff, min(self._backoff * 2, _LONGEST_BACKOFF)
        self._over = False
        return max(wait, min(asked, _LONGEST_BACKOFF))

    def _connected(self) -> Sender:
        if self._sender is None:
            from tracer.otel.sender import Sender  # here, so that the SDK loads in this thread

            assert self._session is not None
            self._sender = Sender(self._session.header, self._url, patient=False)
        left = self._deadline - time.monotonic() if self._closing.is_set() else _REQUEST
        self._sender.limit(min(left, _REQUEST))
        return self._sender


def start_live(path: Path, endpoint: str | None = None, *, content: bool = False) -> LiveExport:
    """Send the spans of the session at `path` while it is written, each when it has ended. It blocks nothing.

    `endpoint` is a base URL (default: the OTEL_EXPORTER_OTLP_* variables); the file may not be there yet. Raises
    TracerError on an endpoint that is no URL.
    """
    return LiveExport(path, endpoint, content=content)
