"""Where the running code is: recording, invocation, tool call. A context variable, set around each step."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracer.recording.run import Run


@dataclass(frozen=True, slots=True)
class Place:
    """A run, and the tool call in it (`seq` of its tool_start) where the code runs inside one."""

    run: Run
    tool_use_id: str = ""
    index: int = -1
    seq: int | None = None


CURRENT: ContextVar[Place | None] = ContextVar("tracer_place", default=None)
LABELS: ContextVar[dict[str, str] | None] = ContextVar("tracer_labels", default=None)
