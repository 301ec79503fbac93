"""An answer that came at once, not streamed, as the stream of a single chunk. It is handed the library's object."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any


class Whole:
    """Read like litellm's streams: iterated, `chunks` looked at, and closed."""

    def __init__(self, response: Any) -> None:
        self.chunks = [response]

    async def __aiter__(self) -> AsyncIterator[Any]:
        for response in self.chunks:
            told = [SimpleNamespace(delta=one.message, finish_reason=one.finish_reason) for one in response.choices]
            yield SimpleNamespace(choices=told, usage=getattr(response, "usage", None))

    async def aclose(self) -> None: ...
