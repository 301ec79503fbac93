"""`export_session` against a real OTLP receiver: what arrives, what the standard variables do, and how it fails."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.otel.receiver import Receiver, attributes, free_port, receiving, tree
from tracer import records as r
from tracer.errors import TracerError
from tracer.otel import export_session
from tracer.otel.batches import batches
from tracer.otel.data import SpanData
from tracer.otel.endpoint import traces_url
from tracer.session import Session
from tracer.testing import SessionBuilder, build_session


@pytest.fixture(autouse=True)
def no_otel_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def collector() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return build_session(tmp_path / "s.jsonl", "tools3 say fail")


def test_every_span_arrives_once_in_its_tree(collector: Receiver, session: Session) -> None:
    report = export_session(session, collector.url)
    assert (report.sent, report.failed, report.error, report.running) == (10, 0, "", 0)
    assert collector.paths == ["/v1/traces"]
    spans = collector.spans()
    assert len({span.span_id for span in spans}) == len(spans) == len(session.spans()) == 10
    assert tree(spans) == {
        "": ["invoke_agent tester"],
        "invoke_agent tester": ["execute_event_loop_cycle"] * 3,
        "execute_event_loop_cycle": [
            "chat scripted/demo", *["execute_tool calculator"] * 3, "chat scripted/demo", "chat scripted/demo",
        ],
    }  # fmt: skip


def test_the_resource_and_the_scope_are_the_recordings(collector: Receiver, tmp_path: Path) -> None:
    header: dict[str, Any] = {"pid": 77, "python": "3.11.7", "resource": {"service.name": "shop", "team": "blue"}}
    session = SessionBuilder(tmp_path / "s.jsonl", **header).start().end().close()
    export_session(session, collector.url)
    resource, scope = next(collector.scopes())
    assert (scope.scope.name, scope.scope.version) == ("tracer", "0.1.0")
    assert attributes(resource) == {
        "service.name": "shop",
        "team": "blue",
        "service.instance.id": "s",
        "host.name": "localhost",
        "process.pid": 77,
        "process.runtime.name": "cpython",
        "process.runtime.version": "3.11.7",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.distro.name": "agent-loop-tracer",
        "telemetry.distro.version": "0.1.0",
    }


def test_sending_again_sends_the_same_bytes(collector: Receiver, session: Session) -> None:
    export_session(session, collector.url)
    export_session(Session(session.path), collector.url)
    first, second = collector.bodies
    assert first == second


def test_what_still_runs_is_not_sent(collector: Receiver, tmp_path: Path) -> None:
    import os

    from tracer.journal import process

    mine: dict[str, Any] = {"pid": os.getpid(), "pid_start": process.start_time(os.getpid())}
    build = SessionBuilder(tmp_path / "s.jsonl", **mine).start().cycle().model("hi")
    session = build.close(clean=False)
    assert session.state == "live"
    report = export_session(session, collector.url)
    assert (report.sent, report.failed, report.running) == (1, 0, 2)
    assert [span.name for span in collector.spans()] == ["chat scripted/demo"]


def test_a_crashed_session_is_sent_whole(collector: Receiver, tmp_path: Path) -> None:
    session = build_session(tmp_path / "s.jsonl", "tool crash")
    assert session.state == "crashed"
    assert export_session(session, collector.url).sent == 4
    root = next(span for span in collector.spans() if not span.parent_span_id)
    assert attributes(root)["tracer.incomplete"] is True


@pytest.mark.parametrize("compression", ["gzip", "deflate", "none"])
def test_the_standard_variables_are_honoured(
    collector: Receiver, session: Session, monkeypatch: pytest.MonkeyPatch, compression: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url + "/base/")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=abc,authorization=Bearer%20t")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", compression)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "named")
    assert export_session(session).sent == 10
    assert collector.paths == ["/base/v1/traces"]
    headers = collector.headers[0]
    assert (headers["x-key"], headers["authorization"]) == ("abc", "Bearer t")
    assert headers.get("content-encoding", "none") == compression
    assert headers["content-type"] == "application/x-protobuf"
    assert attributes(next(collector.scopes())[0])["service.name"] == "named"


def test_the_endpoint_of_traces_is_used_as_it_stands(
    collector: Receiver, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.url + "/here")
    assert export_session(session).sent == 10
    assert collector.paths == ["/here"]


def test_a_disabled_sdk_sends_nothing(collector: Receiver, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "TRUE")
    report = export_session(session, collector.url)
    assert (report.sent, report.failed) == (0, 0)
    assert "OTEL_SDK_DISABLED" in report.error
    assert not collector.paths


@pytest.mark.parametrize("url", ["localhost:4318", "ftp://x", "http://", "http://h:notaport", "http://h:99999"])
def test_an_endpoint_that_is_none_is_refused(session: Session, url: str) -> None:
    with pytest.raises(TracerError, match="not an http URL; give it as http://localhost:4318"):
        export_session(session, url)


def test_the_endpoint_is_a_base_or_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert traces_url() == traces_url("http://localhost:4318/") == "http://localhost:4318/v1/traces"
    assert traces_url("https://h/otlp/v1/traces/") == "https://h/otlp/v1/traces"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://h/a")
    assert traces_url() == "https://h/a/v1/traces"


def test_a_refused_connection_is_told_at_once(session: Session) -> None:
    url = f"http://user:pw@127.0.0.1:{free_port()}"
    began = time.monotonic()
    report = export_session(session, url)
    assert time.monotonic() - began < 5  # the SDK alone tries for 7 s and more
    assert (report.sent, report.failed) == (0, 10)
    assert report.error.endswith("/v1/traces: connection refused")
    assert "pw" not in report.error
    assert report.rest.startswith("tracer export ")


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("400", "the collector said 400 Bad Request"),
        ("401", "the collector said 401 Unauthorized"),
        ("redirect", "the collector said 302 Found"),
    ],
)
def test_a_refusal_is_not_repeated(collector: Receiver, session: Session, mode: str, said: str) -> None:
    collector.mode = mode
    report = export_session(session, collector.url)
    assert (report.sent, report.failed) == (0, 10)
    assert report.error.endswith(said)
    assert len(collector.paths) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_collector_is_asked_again_after_the_time_it_says(
    collector: Receiver, session: Session, status: int
) -> None:
    collector.answers = [status, status]
    assert export_session(session, collector.url).sent == 10
    assert len(collector.paths) == 3
    assert len(collector.spans()) == 10


def test_a_collector_that_stays_busy_or_never_answers_ends_in_time(
    collector: Receiver, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    for mode, said in (("503", "503 Service Unavailable"), ("stall", "connected, but no answer in time")):
        collector.mode, collector.retry_after = mode, "3600"
        began = time.monotonic()
        report = export_session(session, collector.url)
        assert time.monotonic() - began < 8
        assert (report.sent, report.failed) == (0, 10)
        assert said in report.error


def test_a_partial_success_is_counted(collector: Receiver, session: Session) -> None:
    collector.mode = "partial"
    report = export_session(session, collector.url)
    assert (report.sent, report.failed) == (9, 1)
    assert report.error.endswith("the collector refused 1 span: one too many")


def test_a_dropped_connection_is_tried_again(collector: Receiver, session: Session) -> None:
    collector.answers = ["hangup"]  # type: ignore[list-item]
    assert export_session(session, collector.url).sent == 10


def test_the_first_failed_batch_ends_it(collector: Receiver, tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start()
    for _ in range(600):
        build.cycle().complete()
    session = build.end().close()
    assert export_session(session, collector.url).sent == 601
    assert [sum(1 for _ in _spans(request)) for request in collector.requests] == [512, 89]
    collector.mode = "400"
    report = export_session(session, collector.url)
    assert (report.sent, report.failed) == (0, 601)
    assert len(collector.paths) == 3


def _spans(request: object) -> Iterator[object]:
    for group in request.resource_spans:  # type: ignore[attr-defined]
        for scope in group.scope_spans:
            yield from scope.spans


def test_batches_are_bounded_by_bytes_too() -> None:
    fat = SpanData("1" * 32, "2" * 16, "", "x", "INTERNAL", 0, 1, {"k": "x" * 1000})
    sizes = [len(batch) for batch in batches([fat] * 10, count=8, size=5000)]
    assert sum(sizes) == 10
    assert max(sizes) == 3
    huge = SpanData("1" * 32, "2" * 16, "", "x", "INTERNAL", 0, 1, {"k": "é" * 5000})
    assert [len(batch) for batch in batches([fat, huge, fat], size=5000)] == [1, 1, 1]


def test_nothing_is_logged_and_a_users_exporter_keeps_its_log(
    session: Session, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    export_session(session, f"http://127.0.0.1:{free_port()}")
    assert not caplog.records
    assert capfd.readouterr() == ("", "")
    logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").error("theirs")
    assert [record.message for record in caplog.records] == ["theirs"]


def test_a_hostile_file_can_be_sent(collector: Receiver, tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl", start=-5)
    build.start("\x00\u202e").cycle()
    build.put(r.ModelStart(model="\x1b[2J/" + "m" * 9999))
    build.put(r.ModelEnd(usage=r.Usage(2**62, -1), ttfc=-9, stop_reason="\x00"))
    build.tool("../\n", {"a": [None]}).complete().end()
    with build.path.open("ab") as file:
        file.write(b'\xff\xfe\n{"kind":"future","seq":3}\n[]\n')
    report = export_session(build.close(), collector.url, content=True)
    assert (report.sent, report.failed, report.error) == (4, 0, "")


def test_importing_the_room_loads_no_sdk() -> None:
    rooms = "tracer.otel, tracer.otel.live, tracer.otel.export"
    code = f"import sys, {rooms}; print([m for m in sys.modules if 'opentelemetry' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
