"""The two runtimes under the same names: what a scenario's program would import. Nothing is hidden or mended here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

# Hooks that both have, and the fields of theirs that a program reads.
HOOKS = {
    "BeforeInvocationEvent": ("messages",),
    "AfterInvocationEvent": ("result",),
    "MessageAddedEvent": ("message",),
    "BeforeModelCallEvent": (),
    "AfterModelCallEvent": ("stop_response", "exception"),
    "BeforeToolsEvent": ("message",),
    "AfterToolsEvent": ("message",),
    "BeforeToolCallEvent": ("selected_tool", "tool_use"),
    "AfterToolCallEvent": ("selected_tool", "tool_use", "result", "exception", "cancel_message"),
}


@dataclass(frozen=True)
class Sdk:
    """`base` is the provider's address, `top` the package; the others are where it keeps those classes."""

    name: str
    base: str
    top: ModuleType
    hooks: ModuleType
    executors: ModuleType
    managers: ModuleType
    errors: ModuleType
    models: ModuleType

    def tool(self, function: Any) -> Any:
        """The function as a tool; `function.declared` holds the decorator's arguments. An agent stays what it is."""
        if not hasattr(function, "__name__"):
            return function
        declared = getattr(function, "declared", None)
        return self.top.tool(**declared)(function) if declared else self.top.tool(function)

    def model(self) -> Any:
        arguments = {"api_base": f"{self.base}/v1", "api_key": "none", "max_retries": 0}
        return self.models.LiteLLMModel(arguments, model_id="openai/local")

    def retry(self, attempts: int) -> Any:
        return self.top.ModelRetryStrategy(max_attempts=attempts, initial_delay=0, max_delay=0)


def own(base: str) -> Sdk:
    return _sdk("own", base, "agent_runtime")


def stock(base: str) -> Sdk:
    return _sdk("stock", base, "strands")


def _sdk(name: str, base: str, package: str) -> Sdk:
    parts = ("hooks", "tools.executors", "agent.conversation_manager", "types.exceptions", "models.litellm")
    modules = (importlib.import_module(f"{package}.{part}") for part in parts)
    return Sdk(name, base, importlib.import_module(package), *modules)
