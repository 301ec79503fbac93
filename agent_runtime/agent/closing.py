"""`with agent:` and the calls that end one, for programs that close what they opened. An agent itself holds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from agent_runtime.tools.registry import ToolRegistry


class Closable:
    """What Strands' Agent has of it: `cleanup` is for those who provide tools, the rest does nothing."""

    tool_registry: ToolRegistry

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.shutdown()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.shutdown_async()

    def cleanup(self) -> None:
        """Tell the providers of tools that they are needed no more."""
        self.tool_registry.cleanup()

    def shutdown(self) -> None: ...

    async def shutdown_async(self) -> None: ...
