"""Sends batches of spans through the SDK's OTLP exporter, without a word on stderr, and says what became of each."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry import context
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import SpanExportResult

from tracer import records as r
from tracer.otel.data import SpanData
from tracer.otel.encode import Encoder
from tracer.otel.endpoint import shown
from tracer.otel.resource import origin
from tracer.otel.transport import Transport

_LOGGERS = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.exporter.otlp.proto.http._common",
    "opentelemetry.exporter.otlp.proto.common._internal",
    "opentelemetry.exporter.otlp.common.http",
    "urllib3.connectionpool",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`sent` spans arrived, `refused` never will; `error` is one line, `retry_after` the collector's wish (s)."""

    sent: int
    refused: int = 0
    error: str = ""
    retry_after: float = 0.0


class Sender:
    """One connection to one collector, for the spans of one recording. Not thread-safe."""

    def __init__(self, header: r.Session, url: str, *, patient: bool) -> None:
        self._encoder = Encoder(origin(header))
        self._transport = Transport(patient)
        self._url = url
        _silence()
        with _quiet():
            self._exporter = OTLPSpanExporter(endpoint=url, session=self._transport)

    def limit(self, seconds: float) -> None:
        """From now on no request lasts beyond `seconds` from now."""
        self._transport.deadline = time.monotonic() + seconds

    def send(self, spans: list[SpanData]) -> Outcome:
        """Send a batch and wait for the answer. Never raises on what a network can do."""
        transport = self._transport
        transport.forget()
        with _quiet():
            try:
                result = self._exporter.export([self._encoder.span(span) for span in spans])
            except Exception as error:  # older exporters let the transport's exceptions out
                transport.problem = transport.problem or f"{type(error).__name__}: {error}"
                result = SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            refused = min(transport.rejected, len(spans))
            return Outcome(len(spans) - refused, refused, self._named(transport.problem) if refused else "")
        return Outcome(0, 0, self._named(transport.problem or "the spans could not be encoded"), transport.retry_after)

    def _named(self, problem: str) -> str:
        return f"{shown(self._url)}: {problem}"

    def close(self) -> None:
        """Close the connection; a retry that waits is given up."""
        with _quiet():
            self._exporter.shutdown()  # type: ignore[no-untyped-call]


_here = threading.local()


def _not_ours(_record: logging.LogRecord) -> bool:
    return not getattr(_here, "sending", False)


def _silence() -> None:
    """Drop what the exporter logs while we send: it is in the outcome. A user's own exporter keeps its log."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_not_ours)


@contextmanager
def _quiet() -> Iterator[None]:
    token = context.attach(context.set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
    _here.sending = True
    try:
        yield
    finally:
        _here.sending = False
        context.detach(token)
