"""What begins with a recording of the program that this process runs: its session, its debugger, its log lines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tracer import records as r
from tracer.errors import TracerError
from tracer.journal.paths import NEVER_BEGAN
from tracer.launch.load import check, runtime_of
from tracer.launch.spec import Spec

if TYPE_CHECKING:
    from tracer.recorder import Recording


def begin(spec: Spec) -> Recording:
    """Record every agent made from now on. Raises TracerError where it cannot be, or the spec has a mistake."""
    from tracer.recorder import record_program

    sys.argv = spec.argv or sys.argv[:1]
    os.environ.update(spec.env)
    check(spec)  # these mistakes leave no session
    if spec.api_key:
        os.environ["TRACER_RUN_API_KEY"] = spec.api_key  # what the environment calls a key is never written
    try:
        recording = record_program(
            _name(spec), runtime=runtime_of(spec.app), labels=spec.labels, anonymous=spec.anonymous
        )
    finally:
        os.environ.pop("TRACER_RUN_API_KEY", None)
    if recording.failed:
        cause = recording.failed if recording.failed.startswith("cannot") else f"cannot record: {recording.failed}"
        raise TracerError(cause, "set TRACER_HOME to a folder that can be written")
    return recording


_SCREEN = 10.0  # seconds that a screen, begun together with the run, may take to come


def give_up(recording: Recording, error: BaseException) -> None:
    """It did not begin after all: the session says why, and ends."""
    recording.write(r.Log(text=recording.redactor.text(why(error)), level="error", source="tracer"))
    recording.close(NEVER_BEGAN)


def bridge_logs() -> None:
    """What is logged inside an agent goes into its session."""
    import logging

    from tracer.logs import Handler

    logging.getLogger().addHandler(Handler())


def open_debugger(recording: Recording, spec: Spec) -> str:
    """The path of the debugger's socket; empty where there is none, which is an error only with breakpoints."""
    from tracer.debug import enable
    from tracer.debug.paths import socket_path

    try:
        recording.debugger = enable(
            recording,
            breakpoints=spec.breakpoints,
            stop_timeout=spec.stop_timeout,
            on_lost=spec.on_lost,
            on_stop=spec.on_stop,
        )
    except TracerError as error:
        if spec.breakpoints:
            raise
        recording.write(r.Log(text=f"no debugger: {error}", level="warning", source="debugger"))
        return ""
    if spec.screen:
        recording.debugger.board.grace = _SCREEN
    return str(socket_path(recording.id))


def why(error: BaseException) -> str:
    """The error in a line."""
    if isinstance(error, TracerError):
        return error.message
    return "interrupted" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"


def _name(spec: Spec) -> str:
    if spec.name:
        return spec.name
    return os.path.basename(spec.app.rpartition(".py")[0]) if spec.app else "agent"
