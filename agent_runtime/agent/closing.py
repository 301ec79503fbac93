"""`with agent:` and the calls that end one, for programs that close what they opened. An agent holds nothing open."""

from __future__ import annotations

from typing import Self


class Closable:
    """All of it is Strands' and does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.shutdown()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.shutdown_async()

    def cleanup(self) -> None: ...

    def shutdown(self) -> None: ...

    async def shutdown_async(self) -> None: ...
