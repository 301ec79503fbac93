"""The whole road through the real command: run, read, send to a collector that decodes what it gets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.otel.receiver import receiving
from tests.terminal import tracer
from tracer.session import open_session

APPS = Path(__file__).parent.parent / "launch" / "apps.py"
SERVER = Path(__file__).parents[3] / "shared" / "tools" / "provider_server.py"


def sent(collector: Any) -> str:
    """All that the collector got."""
    return b"".join(request.SerializeToString() for request in collector.requests).decode("latin-1")


def test_a_run_is_recorded_read_and_sent_live_and_later_with_the_same_spans(tmp_path: Path) -> None:
    with receiving() as collector:
        done = tracer(tmp_path, "run", "--otlp", collector.url, f"{APPS}:adder", "a very private prompt")
        assert done.code == 0, done.err
        live = {(span.trace_id, span.span_id, span.name) for span in collector.spans()}
        spans = open_session(next((tmp_path / "sessions").iterdir())).spans()
        assert len(live) == len(spans) == 6
        assert done.err.strip() == "6 spans sent"
        live_bytes = sent(collector)
        collector.requests.clear()
        again = tracer(tmp_path, "export", "last", "--otlp", collector.url)
        assert (again.code, again.out) == (0, "6 spans sent\n")
        assert {(span.trace_id, span.span_id, span.name) for span in collector.spans()} == live
        said = json.loads(tracer(tmp_path, "export", "--json", "--otlp", collector.url).out)
        assert (said["sent"], said["failed"], said["error"]) == (6, 0, "")
        assert "private" not in live_bytes + sent(collector), "content leaves the machine only when asked for"
        tracer(tmp_path, "export", "--content", "--otlp", collector.url)
        assert "private" in sent(collector)


@pytest.mark.slow
@pytest.mark.skipif(not SERVER.exists(), reason="no recorded provider streams beside the checkout")
def test_a_real_providers_streams_drive_a_run_with_tools(tmp_path: Path) -> None:
    server = subprocess.Popen([sys.executable, SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        base = server.stdout.readline().strip()
        model = 'openai/say~think:Let me see|tool:calculator:{"expression":"6*7"}+say:It is 42.'
        key = ("--api-base", f"{base}/v1", "--api-key", "sk-none-none-none-none")
        done = tracer(tmp_path, "run", "--model", model, *key, "--tool", "calculator", "What is 6*7?")
    finally:
        server.kill()
        server.wait()
    assert done.code == 0, done.err
    assert "tool result: calculator success" in done.out and "text: It is 42." in done.out
    assert "sk-none" not in next((tmp_path / "sessions").iterdir()).read_text()
