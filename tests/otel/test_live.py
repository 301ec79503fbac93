"""Live export: a thread follows a file that grows. Nothing twice, nothing lost, and a bounded goodbye."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.otel.receiver import Receiver, free_port, receiving
from tests.otel.shapes import write
from tests.terminal import eventually
from tracer.errors import TracerError
from tracer.otel import export_session, start_live
from tracer.otel import live as room
from tracer.otel.live import LiveExport
from tracer.session import Session
from tracer.testing import SessionBuilder, build_session


@pytest.fixture(autouse=True)
def no_otel_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(room, "_FIRST_BACKOFF", 0.05)


@pytest.fixture
def collector() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def grown(source: Path, target: Path) -> Iterator[None]:
    """Write the source's bytes to the target in odd pieces, torn lines included."""
    raw = source.read_bytes()
    with target.open("wb", buffering=0) as file:
        for at in range(0, len(raw), 1700):
            file.write(raw[at : at + 1700])
            yield


def test_spans_leave_as_they_end_and_later_export_adds_nothing(collector: Receiver, tmp_path: Path) -> None:
    shape = [("calls", 2), ("tool_start", 0), ("tool_end", 0), ("complete", 0), ("cycle", 0), ("think", 2)] * 12
    build = write(tmp_path / "whole.jsonl", shape)
    build.end().close()
    path = tmp_path / "live.jsonl"
    live = LiveExport(path, collector.url, interval=0.01)
    for number, _ in enumerate(grown(build.path, path)):
        if number == 2:
            eventually(lambda: bool(collector.requests))  # before the session is over
    report = live.close(timeout=100)
    spans = Session(path).spans()
    assert (report.sent, report.failed, report.error, report.rest) == (len(spans), 0, "", "")
    sent = collector.wires()
    assert len(set(sent)) == len(sent) == len(spans)
    collector.requests.clear()
    export_session(Session(path), collector.url)
    assert sorted(collector.wires()) == sorted(sent)


def test_a_collector_that_comes_back_gets_everything_once(collector: Receiver, tmp_path: Path) -> None:
    collector.mode, collector.retry_after = "503", ""
    session = build_session(tmp_path / "s.jsonl", "tools3 say")
    live = LiveExport(session.path, collector.url, interval=0.01)
    eventually(lambda: len(collector.paths) >= 2)
    assert "503" in live.report().error
    collector.mode = "ok"
    eventually(lambda: live.report().sent == 8)
    assert live.close().error == ""
    assert len(collector.wires()) == len(set(collector.wires())) == 8


def test_close_says_what_is_left_and_how_to_send_it(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    live = start_live(build_session(tmp_path / "s.jsonl", "say").path, url)
    eventually(lambda: "connection refused" in live.report().error)
    report = live.close()
    assert (report.sent, report.failed) == (0, 3)
    assert "connection refused" in report.error
    assert report.rest == f"tracer export {tmp_path / 's.jsonl'} --otlp {url}"
    assert live.close() == report


def test_a_collector_that_never_answers_holds_nobody_up(collector: Receiver, tmp_path: Path) -> None:
    collector.mode = "stall"
    live = LiveExport(build_session(tmp_path / "s.jsonl", "say").path, collector.url, interval=0.01)
    eventually(lambda: bool(collector.paths))
    began = time.monotonic()
    report = live.close(timeout=0.3)
    assert time.monotonic() - began < 100  # the collector would take twice as long
    assert (report.sent, report.failed) == (0, 3)
    assert report.error


def test_what_still_runs_is_left_for_later(collector: Receiver, tmp_path: Path) -> None:
    import os

    from tracer.journal import process

    mine: dict[str, Any] = {"pid": os.getpid(), "pid_start": process.start_time(os.getpid())}
    build = SessionBuilder(tmp_path / "s.jsonl", **mine).start().cycle().model("hi")
    build.close(clean=False)
    report = start_live(build.path, collector.url).close(timeout=100)
    assert (report.sent, report.failed, report.running, report.rest) == (1, 0, 2, "")


def test_a_killed_agents_spans_are_sent_as_incomplete(collector: Receiver, tmp_path: Path) -> None:
    live = LiveExport(build_session(tmp_path / "s.jsonl", "tool crash").path, collector.url, interval=0.01)
    eventually(lambda: live.report().sent == 4)
    assert live.close().running == 0


def test_the_file_may_come_later_or_never(collector: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    live = LiveExport(path, collector.url, interval=0.01)
    path.touch()
    time.sleep(0.05)
    build_session(path, "say")
    eventually(lambda: live.report().sent == 3)
    live.close()
    assert start_live(tmp_path / "never.jsonl", collector.url).close().sent == 0


def test_a_file_that_is_no_session_is_told_at_the_end(collector: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("hello\n")
    assert "not a session file" in start_live(path, collector.url).close().error


def test_memory_is_bounded_while_the_collector_is_down(
    collector: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_ENOUGH", 10)
    collector.mode, collector.retry_after = "503", ""
    session = build_session(tmp_path / "s.jsonl", " ".join(["tool"] * 30))
    live = LiveExport(session.path, collector.url, interval=0.01)
    eventually(lambda: len(collector.paths) >= 2)
    assert live.report().failed <= 12
    collector.mode = "ok"
    eventually(lambda: live.report().sent == 91)
    live.close()
    assert len(set(collector.wires())) == 91


def test_the_thread_ends_with_the_session(collector: Receiver, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    live = LiveExport(build_session(tmp_path / "s.jsonl", "say").path, collector.url, interval=0.01)
    eventually(lambda: not [t for t in threading.enumerate() if t not in before and t.name == "tracer-otlp"])
    assert live.close().sent == 3


def test_a_bad_endpoint_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(TracerError, match="not an http URL"):
        start_live(tmp_path / "s.jsonl", "localhost:4318")


def test_a_disabled_sdk_starts_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    live = start_live(build_session(tmp_path / "s.jsonl", "say").path, "http://127.0.0.1:1")
    assert "OTEL_SDK_DISABLED" in live.close().error
