"""Ctrl-C after a given line of code: what is interrupted there is known, as it is with no real signal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any


@contextmanager
def interrupted(stop: int, *modules: ModuleType) -> Iterator[None]:
    """Raise KeyboardInterrupt at the `stop`th line that runs in these modules, and take it."""
    files, steps = {module.__file__ for module in modules}, 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal steps
        if event == "line" and frame.f_code.co_filename in files:
            steps += 1
            if steps == stop:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(None)
