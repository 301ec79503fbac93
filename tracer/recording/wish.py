"""What is wished for beside a recording: a debugger by $TRACER_DEBUG, at once or once SIGUSR2 comes; and what becomes
of a wish that cannot be had."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tracer.errors import TracerError
from tracer.recording.every import EVERY

_log = logging.getLogger("tracer")
_YES = ("1", "true", "yes", "on")
_NO = ("", "0", "false", "no", "off")


@contextmanager
def warned() -> Iterator[None]:
    """What cannot be had is a warning: the agent goes on."""
    try:
        yield
    except TracerError as error:
        _log.warning("%s", error)


def debug_wished() -> bool:
    """Whether recordings open their debugger at once; with `signal`, SIGUSR2 will open it, and this says no."""
    wish = os.environ.get("TRACER_DEBUG", "").strip().lower()
    if wish == "signal":
        _listen()
    elif wish not in _YES + _NO:
        _log.warning("TRACER_DEBUG=%s means nothing: it is 1, 0 or signal", wish)
    return wish in _YES


def _listen() -> None:
    if signal.getsignal(signal.SIGUSR2) is _open:
        return
    if signal.getsignal(signal.SIGUSR2) is not signal.SIG_DFL:
        _log.warning("TRACER_DEBUG=signal: the program handles SIGUSR2 itself; attach(agent, debug=True) opens it too")
        return
    if threading.current_thread() is not threading.main_thread():
        _log.warning("TRACER_DEBUG=signal: only the main thread may handle signals, and attach was called in another")
        return
    signal.signal(signal.SIGUSR2, _open)


def _open(number: int, frame: FrameType | None) -> None:
    """Open the debugger of every recording; in threads, since the interrupted code may hold any lock."""
    for recording in list(EVERY):
        threading.Thread(target=recording.serve, args=(True, None), name="tracer-open", daemon=True).start()
