"""Scenarios: LiteLLMModel's own settings, which are none of the request's parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.parity.differences import max_tokens_is_told
from tests.parity.scenario import Scenario
from tests.parity.tools import double
from tests.provider import USAGE, Refusal, call, turn

CALL = {"id": "call_1", "type": "function", "function": {"name": "double", "arguments": '{"number": 4}'}}


def at_once(finish: str, **message: Any) -> Refusal:
    """The body of an answer that is not streamed."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": None, **message}}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "local", "choices": [choice]}
    return Refusal(200, {**body, "usage": USAGE})


def settings(arguments: dict[str, Any] | None = None, **config: Any) -> Callable[[Any], dict[str, Any]]:
    """The agent's options: a model with these settings."""

    def options(sdk: Any) -> dict[str, Any]:
        given = {"api_base": f"{sdk.base}/v1", "api_key": "none", "max_retries": 0, **(arguments or {})}
        return {"model": sdk.models.LiteLLMModel(given, **{"model_id": "openai/local", **config})}

    return options


ASKED = [
    at_once("tool_calls", content="Let me see.", reasoning_content="Hm.", tool_calls=[CALL]),
    at_once("stop", content="It is 8."),
]
TWO = [at_once("tool_calls", tool_calls=[CALL, {**CALL, "id": "call_2"}]), at_once("stop", content="Both.")]


async def changed(stage: Any) -> None:
    stage.agent.model.update_config(model_id="other", params={"temperature": 0.5})
    stage.tell("run", ("config", stage.agent.model.get_config()))
    await stage.ask("go")


SCENARIOS = [
    Scenario(name="an answer at once", turns=ASKED, tools=[double], options=settings(stream=False)),
    Scenario(
        name="an answer at once, by a parameter", turns=TWO, tools=[double], options=settings(params={"stream": False})
    ),
    Scenario(
        name="an answer at once that is cut",
        turns=[at_once("length", content="On")],
        options=settings(stream=False),
        known=[max_tokens_is_told],
    ),
    Scenario(name="a window", turns=[turn("Yes.")], options=settings(context_window_limit=1000, stream=True)),
    Scenario(name="a proxy", turns=[turn("Yes.")], options=settings({"use_litellm_proxy": True}, model_id="nova")),
    Scenario(
        name="a proxy by its prefix, and another model",
        turns=[turn("Yes.")],
        options=settings({"use_litellm_proxy": True}, model_id="litellm_proxy/nova"),
        drive=changed,
    ),
    Scenario(
        name="one tool choice",
        turns=[turn(call("double", {"number": 1})), turn("Yes.")],
        tools=[double],
        options=settings(params={"tool_choice": "required"}),
    ),
]
