"""For tests: an agent on a scripted model in one line, its events as a list, a check for people who write a model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agent_runtime.agent.agent import Agent
from agent_runtime.events import Event
from agent_runtime.models.check import problems_of
from agent_runtime.models.scripted import ScriptedModel


def scripted_agent(*turns: Any, tools: Sequence[Any] = (), delay: float = 0.0, **agent_kwargs: Any) -> Agent:
    """A silent agent whose model plays the turns; see `agent_runtime.models.scripted` for what a turn is.

    `delay` is in seconds between two chunks; the rest goes to `Agent`.
    """
    agent_kwargs.setdefault("callback_handler", None)
    return Agent(model=ScriptedModel(turns, delay=delay), tools=tools, **agent_kwargs)


async def collect(agent: Any, prompt: Any = "Hello", **kwargs: Any) -> list[Event]:
    """All events of one call; an exception leaves."""
    return [event async for event in agent.stream_async(prompt, **kwargs)]


def check_model(model: Any, *, seconds: float = 30.0, strict: bool = True) -> list[str]:
    """Call a model once, with a short prompt and a tool, and check its chunks against the port's grammar.

    Not a coroutine, so that a test cannot forget to await it; it has an event loop of its own. With `strict=False`
    the problems are returned instead of raised.

    Raises:
        AssertionError: it lists the problems, a line each.
    """
    with ThreadPoolExecutor(1) as thread:
        problems = thread.submit(lambda: asyncio.run(problems_of(model, seconds))).result()
    if problems and strict:
        raise AssertionError("\n".join([f"{type(model).__name__} breaks the model port:", *problems]))
    return problems
