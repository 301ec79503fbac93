"""$TRACER_DEBUG: who attaches without `debug=True` can be debugged all the same."""

from __future__ import annotations

import logging
import os
import signal
import time
from pathlib import Path

import pytest

from tests.runtimes import make_agent
from tracer.debug.paths import listening, socket_path
from tracer.recorder import attach


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.mark.parametrize(("wish", "opens"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_the_environment_asks_for_a_debugger(wish: str, opens: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_DEBUG", wish)
    agent = make_agent("own", ["x"])
    recording = attach(agent)
    assert listening(socket_path(recording.id)) is opens
    recording.detach()


def test_a_wish_that_means_nothing_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("TRACER_DEBUG", "maybe")
    agent = make_agent("own", ["x"])
    recording = attach(agent)
    assert "TRACER_DEBUG=maybe means nothing" in caplog.text and recording.debugger is None
    recording.detach()


def test_a_signal_opens_it_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGUSR2, signal.SIG_DFL)
    monkeypatch.setenv("TRACER_DEBUG", "signal")
    try:
        agent = make_agent("own", ["x"])
        recording = attach(agent)
        assert recording.debugger is None
        os.kill(os.getpid(), signal.SIGUSR2)
        until = time.monotonic() + 100
        while not listening(socket_path(recording.id)) and time.monotonic() < until:
            time.sleep(0.02)
        assert listening(socket_path(recording.id))
        recording.detach()
    finally:
        signal.signal(signal.SIGUSR2, before)


def test_a_programs_own_handler_stays(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    before = signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    monkeypatch.setenv("TRACER_DEBUG", "signal")
    try:
        attach(make_agent("own", ["x"])).detach()
        assert signal.getsignal(signal.SIGUSR2) is signal.SIG_IGN
        assert "the program handles SIGUSR2 itself" in caplog.text
    finally:
        signal.signal(signal.SIGUSR2, before)
