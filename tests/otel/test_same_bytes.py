"""What a backend gets is the same whether a span left while the session ran, after it, or twice."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from tests.otel.shapes import shapes, write
from tracer.otel.data import SpanData
from tracer.otel.encode import Encoder
from tracer.otel.export import mapper_of, spans_of
from tracer.otel.resource import origin
from tracer.session import Session
from tracer.testing import build_session

checks = settings(suppress_health_check=[HealthCheck.too_slow])


def wires(session: Session, spans: list[SpanData]) -> dict[str, bytes]:
    """Each span's own request, by span id."""
    encoder = Encoder(origin(session.header))
    return {s.span_id: encode_spans([encoder.span(s)]).SerializeToString(deterministic=True) for s in spans}


def later(path: Path, content: bool = False) -> tuple[Session, list[SpanData]]:
    session = Session(path)
    return session, list(spans_of(session, mapper_of(session, content=content)))


def prefix(path: Path, lines: int) -> Path:
    """The file as it was when it had that many lines."""
    cut = path.with_suffix(".cut.jsonl")
    cut.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:lines]))
    return cut


@checks
@given(shapes, st.integers(1, 400), st.booleans())
def test_what_a_live_export_sent_is_what_a_later_one_sends(
    shape: list[tuple[str, int]], lines: int, content: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build = write(Path(folder) / "s.jsonl", shape)
        build.close()
        session, spans = later(build.path, content)
        whole = wires(session, spans)
        half = Session(prefix(build.path, lines))
        mapper = mapper_of(half, content=content)
        early = [span for record in half.records() for span in mapper.feed(record)]
        assert wires(half, early).items() <= whole.items()
        assert len(whole) == len(spans) == len(session.spans())
        assert mapper.running + len(early) == len(mapper.timeline.spans)


@checks
@given(shapes)
def test_exporting_twice_sends_the_same(shape: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build = write(Path(folder) / "s.jsonl", shape)
        build.close(clean=len(shape) % 2 == 0)
        (one, first), (other, second) = later(build.path), later(build.path)
        assert wires(one, first) == wires(other, second)


@checks
@given(shapes)
def test_every_span_lies_in_one_trace_with_its_parent(shape: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build = write(Path(folder) / "s.jsonl", shape)
        build.close()
        _, spans = later(build.path)
        by_id = {span.span_id: span for span in spans}
        for span in spans:
            assert span.start <= span.end
            assert len(span.events) <= 128
            parent = by_id.get(span.parent_id)
            if parent is not None:
                assert parent.trace_id == span.trace_id
            else:
                assert span.remote_parent or not span.parent_id


def test_a_crash_closes_all_as_incomplete(tmp_path: Path) -> None:
    session = build_session(tmp_path / "s.jsonl", "tools3 crash")
    spans = list(spans_of(session, mapper_of(session)))
    assert len(spans) == len(session.spans()) == 6
    root = spans[-1]
    assert root.name == "invoke_agent tester"
    assert root.attributes["tracer.incomplete"] is True
    assert root.error is None


def test_the_environment_of_the_exporter_changes_nothing(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    recorded = {"service.name": "shop", "deployment.environment.name": "prod"}
    session = build_session(tmp_path / "s.jsonl", "say")
    session.header.resource = recorded
    before = origin(session.header)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "other")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=x")
    assert origin(session.header) == before
    assert before.resource.items() >= recorded.items()
    session.header.resource = {}
    assert origin(session.header).resource["service.name"] == "other"
