"""A model that streams raw chunks just as a test wrote them, right or wrong, and the short forms to write them in."""

from __future__ import annotations

import copy
from collections.abc import AsyncGenerator, Sequence
from typing import Any

START: dict[str, Any] = {"messageStart": {"role": "assistant"}}
CLOSE: dict[str, Any] = {"contentBlockStop": {}}


def opened(tool: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"contentBlockStart": {"start": {} if tool is None else {"toolUse": tool}}}


def delta(**body: Any) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": body}}


def ended(reason: Any = "end_turn") -> dict[str, Any]:
    return {"messageStop": {"stopReason": reason}}


FINE = [START, opened(), delta(text="Fine."), CLOSE, ended()]


class ChunkModel:
    """The n-th call gets the n-th turn, a list of chunks and exceptions; later ones get "Fine."."""

    def __init__(self, *turns: Sequence[Any]) -> None:
        self.turns = list(turns)

    def get_config(self) -> dict[str, Any]:
        return {"model_id": "chunks"}

    def update_config(self, **config: Any) -> None: ...

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        for item in self.turns.pop(0) if self.turns else FINE:
            if isinstance(item, BaseException):
                raise item
            yield copy.deepcopy(item)
