"""The HTTP session under the SDK's exporter: it knows what went wrong, and does not wait where waiting is no use."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from tracer.text.format import counted

_RETRYABLE = (429, 502, 503, 504)


class Undelivered(Exception):
    """A request that is not to be tried again by the SDK. Not a requests exception: those it would retry for 30 s."""


class Transport(requests.Session):
    """Remembers `problem` (one line, empty after a success), `retry_after` (seconds) and `rejected` (spans).

    `patient`: the SDK may retry a busy collector within its timeout; else each failure ends the attempt, and the
    caller waits. `deadline` (monotonic seconds) bounds every request.
    """

    def __init__(self, patient: bool) -> None:
        super().__init__()
        self.patient = patient
        self.deadline: float | None = None
        self.forget()

    def forget(self) -> None:
        """Before the next batch."""
        self.problem, self.retry_after, self.rejected = "", 0.0, 0

    def request(self, method: str, url: str, **options: Any) -> Any:  # type: ignore[override]
        """Send; raises Undelivered on what cannot succeed now, requests' own errors on what the SDK may retry."""
        if self.deadline is not None:
            left = max(0.05, self.deadline - time.monotonic())
            options["timeout"] = min(options.get("timeout") or left, left)
        try:
            answer = super().request(method, url, **options)
        except requests.exceptions.Timeout as error:
            connecting = isinstance(error, requests.exceptions.ConnectTimeout)
            self.problem = "no connection in time" if connecting else "connected, but no answer in time"
            raise Undelivered(self.problem) from error
        except requests.exceptions.RequestException as error:
            self.problem = _cause(error)
            if self.patient and not _unreachable(error):
                raise
            raise Undelivered(self.problem) from error
        self._judge(answer)
        return answer

    def _judge(self, answer: Any) -> None:
        status = answer.status_code
        if 200 <= status < 300:
            self.problem, self.rejected = _partial(answer.content)
            return
        self.problem = f"the collector said {status} {answer.reason or ''}".strip()
        self.retry_after = _seconds(answer.headers.get("Retry-After"))
        if not (self.patient and status in _RETRYABLE):
            raise Undelivered(self.problem)


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    queue: list[Any] = [error]
    while queue and len(found) < 20:
        one = queue.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            queue += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found


def _unreachable(error: BaseException) -> bool:
    return any(type(one).__name__ in ("NewConnectionError", "NameResolutionError", "SSLError") for one in _chain(error))


def _cause(error: BaseException) -> str:
    chain = _chain(error)
    if any(isinstance(one, ConnectionRefusedError) for one in chain):
        return "connection refused"
    named = {type(one).__name__: one for one in chain}
    if "NameResolutionError" in named or "gaierror" in named:
        return "unknown host"
    if "RemoteDisconnected" in named or "ConnectionResetError" in named:
        return "the collector closed the connection"
    return (str(error) or type(error).__name__).splitlines()[0][:200]


def _partial(body: bytes) -> tuple[str, int]:
    """(problem, spans refused) of a success that may be partial."""
    if not body:
        return "", 0
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    try:
        said = ExportTraceServiceResponse.FromString(body).partial_success
    except DecodeError:  # a collector that answers in words has taken the spans all the same
        return "", 0
    if not said.rejected_spans:
        return "", 0
    why = said.error_message.splitlines()[0][:200] if said.error_message else "no reason given"
    return f"the collector refused {counted(said.rejected_spans, 'span')}: {why}", said.rejected_spans


def _seconds(value: str | None) -> float:
    if not value:
        return 0.0
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
