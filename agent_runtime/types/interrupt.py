"""The answer to an interrupt, as TypedDicts; the interrupt itself is in `agent_runtime.interrupts`."""

from __future__ import annotations

from typing import Any, TypedDict


class InterruptResponse(TypedDict):
    interruptId: str
    response: Any


class InterruptResponseContent(TypedDict):
    interruptResponse: InterruptResponse
