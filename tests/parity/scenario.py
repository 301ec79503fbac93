"""What a scenario is: a row of data. Both runtimes act it out; see `stage`."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.provider import Turn


class Once:
    """A hook for the first time only; each runtime counts for itself."""

    def __init__(self, hook: Callable[[Any], Any]) -> None:
        self.hook = hook

    def made(self) -> Callable[[Any], Any]:
        times = itertools.count()
        return lambda event: self.hook(event) if next(times) == 0 else None


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`turns` are the provider's answers (or `script`, those of a model without a provider, see ScriptedModel).

    `options(sdk)` are further arguments of the agent; `hooks` pairs of an event's name and a callback; `at` pairs of
    a test of the stream's event and what is done with the stage then, before the next event is asked for. `drive`
    is the program; without one, each of `prompts` is asked with `call` as arguments. `known` are the differences to be
    found here, beside those that are everywhere; see `differences`.
    """

    name: str
    turns: Sequence[Turn] = ()
    script: Sequence[Any] = ()
    tools: Sequence[Any] = ()
    options: Callable[[Any], dict[str, Any]] = lambda sdk: {}
    hooks: Sequence[tuple[str, Callable[[Any], Any] | Once]] = ()
    at: Sequence[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = ()
    prompts: Sequence[Any] = ("go",)
    call: dict[str, Any] = field(default_factory=dict)
    drive: Callable[[Any], Awaitable[None]] | None = None
    known: Sequence[Callable[[Any, Any], None]] = ()
