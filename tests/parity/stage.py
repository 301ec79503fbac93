"""Acts a scenario out on one runtime, and takes down all that a program, a hook, a tool or the provider could see."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from tests.parity import tools
from tests.parity.scenario import Once, Scenario
from tests.parity.sdk import HOOKS, Sdk
from tests.provider import Provider
from tests.runtimes import stock_model

Entry = tuple[str, Any]


@dataclass
class Observation:
    """`told` is what happened, in order: ("call", prompt), ("event", dict), ("hook", (name, fields)),
    ("run", (tool, input)), ("raised", (class, text))."""

    told: list[Entry] = field(default_factory=list)
    history: list[Any] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)

    def clear(self) -> None:
        self.told, self.history, self.requests = [], [], []


class Chunks:
    """A model that yields the n-th row of raw chunks at its n-th call, and raises the exceptions among them."""

    def __init__(self, script: Any, errors: Any) -> None:
        self.script, self.errors = iter(script), errors

    def get_config(self) -> dict[str, Any]:
        return {"model_id": "chunks"}

    def update_config(self, **config: Any) -> None: ...

    async def stream(self, messages: Any, *_: Any, **__: Any) -> AsyncGenerator[Any, None]:
        for chunk in next(self.script):
            if isinstance(chunk, Exception):  # each runtime knows its own classes
                raise getattr(self.errors, type(chunk).__name__, type(chunk))(*chunk.args)
            yield copy.deepcopy(chunk)


class Stage:
    """One agent of one runtime in a scenario."""

    def __init__(self, scenario: Scenario, sdk: Sdk, provider: Provider) -> None:
        self.scenario, self.sdk, self.provider = scenario, sdk, provider
        self.seen = Observation()
        self.agent = self.make()
        for name in HOOKS:
            self.agent.add_hook(self._hook, getattr(sdk.hooks, name))
        for name, callback in scenario.hooks:
            self.agent.add_hook(callback.made() if isinstance(callback, Once) else callback, getattr(sdk.hooks, name))

    def make(self, **options: Any) -> Any:
        """The scenario's agent; `options` win over its own."""
        given = {"callback_handler": None, "retry_strategy": self.sdk.retry(1), "model": self._model()}
        given["tools"] = [self.sdk.tool(function) for function in self.scenario.tools]
        return self.sdk.top.Agent(**{**given, **self.scenario.options(self.sdk), **options})

    def _model(self) -> Any:
        if not self.scenario.script:
            return self.sdk.model()
        model = Chunks(self.scenario.script, self.sdk.errors)
        return model if self.sdk.name == "own" else stock_model(model)

    def tell(self, kind: str, what: Any) -> None:
        self.seen.told.append((kind, plain(what)))

    def _hook(self, event: Any) -> None:
        name = type(event).__name__
        self.tell("hook", (name, {key: getattr(event, key) for key in HOOKS[name]}))

    async def ask(self, prompt: Any = None, **call: Any) -> list[Any]:
        """Ask the agent, to the end of its stream; gives the events, or what there was before an exception."""
        self.tell("call", prompt)
        events: list[Any] = []
        try:
            async for event in self.agent.stream_async(prompt, **call):
                events.append(event)
                self.tell("event", event)
                for matches, act in self.scenario.at:
                    if matches(event):
                        act(self)
        except (Exception, asyncio.CancelledError) as error:
            self.tell("raised", (type(error).__name__, str(error)))
        return events


async def act(scenario: Scenario, sdk: Sdk, provider: Provider) -> Observation:
    """Run the scenario on one runtime, afresh."""
    provider.begin(scenario.turns)
    stage = Stage(scenario, sdk, provider)
    tools.tell(stage.tell)
    if scenario.drive is not None:
        await scenario.drive(stage)
    else:
        for prompt in scenario.prompts:
            await stage.ask(copy.deepcopy(prompt), **scenario.call)
    stage.seen.history = plain(stage.agent.messages)
    stage.seen.requests = provider.requests
    return stage.seen


def plain(value: Any) -> Any:
    """A copy that later changes do not reach, of plain data; objects by what a program reads of them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bytes):
        return value
    return _object(value)


def _object(value: Any) -> Any:
    kind = type(value).__name__
    if isinstance(value, BaseException):
        return {"exception": kind, "text": str(value)}
    if kind == "AgentResult":
        fields: tuple[str, ...] = ("stop_reason", "message", "interrupts", "structured_output", "state")
        told = {key: plain(getattr(value, key)) for key in fields}
        return {**told, "interrupts": told["interrupts"] or None, "text": str(value)}
    if kind == "Interrupt":
        return {key: plain(getattr(value, key)) for key in ("id", "name", "reason", "response")}
    if kind in ("StopResponse", "ModelStopResponse"):
        return {"message": plain(value.message), "stop_reason": value.stop_reason}
    if hasattr(value, "model_dump"):
        return {"model": kind, **value.model_dump()}
    if hasattr(value, "tool_name"):
        return {"tool": value.tool_name}
    return f"<{kind}>"
