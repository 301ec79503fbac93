"""The port of what gives an agent several tools, and is told when nobody needs them. It is Strands' ToolProvider."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from agent_runtime.tools.port import AgentTool


class ToolProvider(ABC):
    """Give it to an agent among its tools. It is asked once, and has `agent.cleanup()` told to it."""

    @abstractmethod
    async def load_tools(self, **kwargs: Any) -> Sequence[AgentTool]: ...

    @abstractmethod
    def add_consumer(self, consumer_id: Any, **kwargs: Any) -> None:
        """Someone is about to use its tools."""

    @abstractmethod
    def remove_consumer(self, consumer_id: Any, **kwargs: Any) -> None:
        """Someone uses them no more; may be said again."""
