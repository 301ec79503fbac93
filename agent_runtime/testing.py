"""For tests: an agent on a scripted model in one line, its events as a list, a check for people who write a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent_runtime.agent import Agent
from agent_runtime.events import Event
from agent_runtime.models.scripted import ScriptedModel


def scripted_agent(*turns: Any, tools: Sequence[Any] = (), delay: float = 0.0, **agent_kwargs: Any) -> Agent:
    """A silent agent whose model plays the turns; see `agent_runtime.models.scripted` for what a turn is."""
    agent_kwargs.setdefault("callback_handler", None)
    return Agent(model=ScriptedModel(turns, delay=delay), tools=tools, **agent_kwargs)


async def collect(agent: Any, prompt: Any = "Hello", **kwargs: Any) -> list[Event]:
    """All events of one call; an exception leaves."""
    return [event async for event in agent.stream_async(prompt, **kwargs)]
