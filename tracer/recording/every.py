"""Every recording of this process: closed when the process ends, and begun anew in a child that is forked from it."""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from typing import TYPE_CHECKING

from tracer.journal.disk import disk
from tracer.recording.loopwatch import WATCH

if TYPE_CHECKING:
    from tracer.recorder import Recording

EVERY: weakref.WeakSet[Recording] = weakref.WeakSet()
_LAST = 1.0  # seconds that the disk gets when the process ends


def _at_exit() -> None:
    for recording in list(EVERY):
        if not any(run.outlives_main for run in recording.runs):  # its end is not a clean one
            recording.close("the program ended")
    disk.wait(_LAST)


def _after_fork() -> None:
    WATCH.forked()
    for recording in list(EVERY):
        recording.forked()
    if EVERY and "multiprocessing.util" in sys.modules:  # its children end without atexit
        sys.modules["multiprocessing.util"].register_after_fork(EVERY, _ends_with_process)


def _ends_with_process(_: object) -> None:
    sys.modules["multiprocessing.util"].Finalize(None, _at_exit, exitpriority=0)


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
