"""What spans cost on their way to a collector: against the SDK's encoder alone, and against BatchSpanProcessor."""

from __future__ import annotations

import http.server
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, set_span_in_context

from benchmarks.ab import Row, Sample, Work, compare
from benchmarks.child import in_child
from tracer import records as r
from tracer.otel.batches import COUNT
from tracer.otel.data import SpanData
from tracer.otel.encode import Encoder
from tracer.otel.export import export_session
from tracer.otel.resource import origin
from tracer.otel.spans import Mapper
from tracer.session import Session
from tracer.testing import build_session
from tracer.timeline import Timeline

SHAPE = " ".join(["tools3 think tool say"] * 50)


def fold(records: list[r.Record]) -> None:
    """What comes before: records to the timeline's spans."""
    timeline = Timeline()
    for record in records:
        timeline.feed(record)


def mapped(session: Session, records: list[r.Record]) -> list[SpanData]:
    mapper = Mapper(session.header)
    return [span for record in records for span in mapper.feed(record)]


def encoded(spans: list[ReadableSpan]) -> int:
    """Bytes, in the exporter's batches."""
    batches = (spans[at : at + COUNT] for at in range(0, len(spans), COUNT))
    return sum(len(encode_spans(batch).SerializePartialToString()) for batch in batches)


def less(before: Work) -> Callable[[Work], Sample]:
    """A clock that takes off what `before` costs, measured next to each run."""

    def clock(work: Work) -> Sample:
        start, began = time.process_time_ns(), time.perf_counter_ns()
        if getattr(work, "folds", False):
            before()
        middle, went = time.process_time_ns(), time.perf_counter_ns()
        work()
        cpu, wall = time.process_time_ns() - middle, time.perf_counter_ns() - went
        return Sample(max(1, cpu - (middle - start)), max(1, wall - (went - began)))

    return clock


def to_bytes(session: Session) -> Row:
    records, encoder = list(session.records()), Encoder(origin(session.header))
    ready = [encoder.span(span) for span in mapped(session, records)]

    def ours() -> int:
        return encoded([encoder.span(span) for span in mapped(session, records)])

    ours.folds = True  # type: ignore[attr-defined]
    verdict = compare(lambda: encoded(ready), ours, clock=less(lambda: fold(records)))
    return Row.of("spans to OTLP bytes / the SDK's encoder alone", verdict, 1.2)


def end_to_end(session: Session, url: str) -> Row:
    spans = mapped(session, list(session.records()))

    def ours() -> None:
        report = export_session(Session(session.path), url)
        if report.sent != len(spans):
            raise RuntimeError(report.error)

    verdict = compare(ours, lambda: by_the_sdk(spans, url), pairs=16)
    return Row.of("BatchSpanProcessor / export of the same session, file to wire", verdict, 1.3, at_least=True)


def by_the_sdk(spans: list[SpanData], url: str) -> None:
    """The same spans through the SDK's own road, flushed."""
    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{url}/v1/traces")
    processor = BatchSpanProcessor(exporter, max_queue_size=1 << 20, max_export_batch_size=COUNT)
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("bench")
    parent = None
    for span in spans:
        own = tracer.start_span(span.name, parent, kind=SpanKind[span.kind], start_time=span.start)
        for key, value in span.attributes.items():
            own.set_attribute(key, value)
        for event in span.events:
            own.add_event(event.name, event.attributes, event.time)
        own.end(span.end)
        parent = parent or set_span_in_context(own)
    provider.shutdown()


class Sink(http.server.BaseHTTPRequestHandler):
    """Takes anything and keeps nothing."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def serve(say: Connection) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    say.send(server.server_address[1])
    server.serve_forever()


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, in_child(serve) as port:
        url = f"http://127.0.0.1:{port}"
        session = build_session(Path(folder) / "s.jsonl", SHAPE)
        yield to_bytes(session)
        yield end_to_end(session, url)
