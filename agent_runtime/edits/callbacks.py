"""The callbacks of one hook event while somebody wants to know what each of them changes. It never changes a value."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Generator
from typing import Any

from agent_runtime.edits.author import author_of
from agent_runtime.edits.history import Edits, Found, tell
from agent_runtime.edits.shadow import Shadow
from agent_runtime.hooks import (
    AfterModelCallEvent,
    AfterToolCallEvent,
    AfterToolsEvent,
    BeforeInvocationEvent,
    BeforeModelCallEvent,
    BeforeToolCallEvent,
    EditedEvent,
    HookCall,
    HookCallback,
)

_REQUEST = ("messages", "system_prompt", "tool_specs", "tool_choice", "params")


def watching(edits: Edits, event: Any, settle: Callable[[], None] | None = None) -> HookCall | None:
    """How the callbacks of an event are to be called; None: as they are. `settle()` is called after each."""
    if event.agent.hooks.has(EditedEvent):
        return _Watch(edits, event, settle).call
    return _settling(settle) if settle is not None else None


class _Watch:
    """The callbacks of one event, one after the other, and what each changes in the event and in the agent."""

    def __init__(self, edits: Edits, event: Any, settle: Callable[[], None] | None) -> None:
        self._edits, self._event, self._settle = edits, event, settle
        # Beside a tool call's hooks other tools run and may change the agent while a hook waits.
        self._beside = isinstance(event, (BeforeToolCallEvent, AfterToolCallEvent))
        self._place = f"[{len(event.agent.messages)}]"
        stop = event.stop_response if isinstance(event, AfterModelCallEvent) else None
        self._answer = stop.message if stop is not None else None  # what the loop goes on with, whatever is assigned
        self._shadows: dict[tuple[str, str], Shadow] = {}
        self._seen: list[tuple[Found, bool]] = []  # in order, and whether the present callback did it

    async def call(self, callback: HookCallback, event: Any) -> None:
        """Call one callback, await what it returns, and tell what it changed, also if it raises."""
        self._enter()
        await self._tell(None)
        self._parts()
        try:
            outcome = callback(event)
            if inspect.isawaitable(outcome):
                await (_stepwise(_awaited(outcome), self._leave, self._enter) if self._beside else outcome)
        except Exception:
            await self._tell(callback)
            raise
        await self._tell(callback)
        if self._settle is not None:
            self._settle()

    def _enter(self) -> None:
        self._seen += [(found, False) for found in self._edits.look(self._event.agent)]

    def _leave(self) -> None:
        self._seen += [(found, True) for found in self._edits.look(self._event.agent)]

    async def _tell(self, callback: HookCallback | None) -> None:
        if callback is not None:
            self._leave()
            self._seen += [(found, True) for found in self._parts()]
        seen, self._seen = self._seen, []
        for found, mine in seen:
            await tell(self._event.agent, [found], author_of(callback) if mine else None, _use_id(self._event, mine))

    def _parts(self) -> list[Found]:
        """What changed in the event's own parts since the last time."""
        found = []
        for what, path, value in self._values():
            shadow = self._shadows.get((what, path))
            if shadow is None:
                history = self._edits.history(self._event.agent) if path == "messages" else None
                quick, whole = history is not None, what == "input"
                self._shadows[what, path] = Shadow(value, quick=quick, whole=whole, known=history)
            elif (change := shadow.look(value)) is not None:
                found.append(Found(what, change._replace(path=_under(path, change.path))))
        return found

    def _values(self) -> list[tuple[str, str, Any]]:
        """(what, path, value) of the parts that a callback may change to an effect."""
        event = self._event
        match event:
            case BeforeInvocationEvent():
                return [("prompt", "", event.messages)]
            case BeforeModelCallEvent():
                return [("request", name, getattr(event.request, name, None)) for name in _REQUEST]
            case AfterModelCallEvent() if self._answer is not None:
                return [("message", self._place, self._answer)]
            case AfterToolsEvent():
                return [("message", self._place, event.message)]
            case BeforeToolCallEvent(tool_use=dict(use)):
                tool = event.selected_tool
                return [("input", "", use.get("input")), ("tool", "name", use.get("name")), ("tool", "selected", tool)]
            case AfterToolCallEvent():
                return [("result", "", event.result)]
        return []


def _under(path: str, rest: str) -> str:
    return path + (f".{rest}" if path and rest and not rest.startswith("[") else rest)


def _use_id(event: Any, mine: bool) -> str:
    use = getattr(event, "tool_use", None) if mine else None
    return str(use.get("toolUseId", "")) if isinstance(use, dict) else ""


def _settling(settle: Callable[[], None]) -> HookCall:
    async def call(callback: HookCallback, event: Any) -> None:
        outcome = callback(event)
        if inspect.isawaitable(outcome):
            await outcome
        settle()

    return call


async def _awaited(outcome: Any) -> Any:
    return await outcome


@types.coroutine
def _stepwise(awaited: Any, leave: Callable[[], None], enter: Callable[[], None]) -> Generator[Any, Any, Any]:
    """Await, and call `leave()` each time before others run and `enter()` after them."""
    steps = awaited.__await__()
    value: Any = None
    error: BaseException | None = None
    while True:
        try:
            item = steps.send(value) if error is None else steps.throw(error)
        except StopIteration as end:
            return end.value
        leave()
        value = error = None
        try:
            value = yield item
        except BaseException as raised:
            error = raised
        enter()
