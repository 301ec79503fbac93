"""One script, two runtimes: an agent of ours and a stock `strands.Agent` on the same scripted model."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from agent_runtime.models.scripted import ScriptedModel

has_strands = importlib.util.find_spec("strands") is not None
needs_strands = pytest.mark.skipif(not has_strands, reason="strands-agents is not installed (extra `strands`)")
RUNTIMES = [pytest.param("own", id="own"), pytest.param("stock", id="stock", marks=needs_strands)]


def make_agent(runtime: str, turns: list[Any], tools: list[Any] | None = None, **kwargs: Any) -> Any:
    """An agent of the named runtime; `tools` are plain functions with docstrings, decorated as that runtime wants."""
    model = ScriptedModel(turns)
    if runtime == "own":
        import agent_runtime

        decorated = [agent_runtime.tool(function) for function in tools or []]
        return agent_runtime.Agent(model=model, tools=decorated, callback_handler=None, **kwargs)
    import strands

    tools = [strands.tool(function) for function in tools or []]
    return strands.Agent(model=stock_model(model), tools=tools, callback_handler=None, **kwargs)


def make_model(runtime: str, turns: Sequence[Any]) -> Any:
    """A model of the named runtime that plays the turns."""
    model = ScriptedModel(turns)
    return model if runtime == "own" else stock_model(model)


def stock_model(model: Any) -> Any:
    """A model of ours, by the same port, as stock Strands wants one."""
    from strands.models.model import Model

    class StockScripted(Model):  # type: ignore[misc]
        def update_config(self, **kwargs: Any) -> None:
            model.update_config(**kwargs)

        def get_config(self) -> Any:
            return model.get_config()

        async def structured_output(self, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
            raise AssertionError("not used here")
            yield

        async def stream(self, messages: Any, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
            async for chunk in model.stream(messages, *args, **kwargs):
                yield chunk

    return StockScripted()
