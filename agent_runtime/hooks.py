"""Hooks: typed events at each safe point of the loop, awaited, with fields that a hook may change. Not the stream.

The docstring of an event says when it comes and what may be assigned. Within one `order` (ascending) callbacks run as
registered, those of After* events in reverse.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar, get_type_hints

from agent_runtime import elsewhere
from agent_runtime.interrupts import Interrupt, InterruptException, Interruptible, interrupt_id

Message: TypeAlias = dict[str, Any]


class HookOrder:
    SDK_FIRST = -100
    DEFAULT = 0
    SDK_LAST = 100


@dataclass
class HookEvent:
    """What all have: the agent."""

    agent: Any
    reverse: ClassVar[bool] = False


@dataclass
class AgentInitializedEvent(HookEvent):
    """At the end of the agent's construction; its callbacks cannot be awaited."""


@dataclass
class BeforeInvocationEvent(HookEvent):
    """Before anything. `messages` (what the prompt adds) and `cancel` (True or a text: only a result) are writable."""

    invocation_state: dict[str, Any]
    messages: list[Message]
    cancel: bool | str = False


@dataclass
class AfterInvocationEvent(HookEvent):
    """After all, however it ended; `result` is None when an exception leaves. `resume` (a prompt) runs once more."""

    invocation_state: dict[str, Any]
    result: Any = None
    resume: Any = None
    reverse: ClassVar[bool] = True


@dataclass
class MessageAddedEvent(HookEvent):
    """A message has joined `agent.messages`, the prompt included."""

    message: Message


@dataclass
class BeforeCycleEvent(HookEvent):
    """Before a cycle's `start`; cycles count from 1 within an invocation."""

    invocation_state: dict[str, Any]
    cycle: int


@dataclass
class AfterCycleEvent(HookEvent):
    """Before a cycle's last event; `ending` is "complete" or "force_stop"."""

    invocation_state: dict[str, Any]
    cycle: int
    ending: str
    reverse: ClassVar[bool] = True


@dataclass
class ForceStopEvent(HookEvent):
    """Before `force_stop` is yielded; `exception` is what caused it, None for a cancel or a limit."""

    invocation_state: dict[str, Any]
    reason: str
    exception: BaseException | None = None


@dataclass
class ModelRequest:
    """What the model is sent. `params` overrides the model's own for this call; `tool_choice` is {"auto": {}},
    {"any": {}}, {"tool": {"name": ..}} or None."""

    messages: list[Message]
    system_prompt: Any
    tool_specs: list[dict[str, Any]]
    tool_choice: dict[str, Any] | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass
class BeforeModelCallEvent(HookEvent):
    """Before each attempt, counted from 0. `request` and its fields are writable for this call alone; `cancel` (True
    or a text) answers in the model's place."""

    invocation_state: dict[str, Any]
    request: ModelRequest
    attempt: int = 0
    cancel: bool | str = False


@dataclass
class StopResponse:
    message: Message
    stop_reason: str


@dataclass
class AfterModelCallEvent(HookEvent):
    """After each attempt: either `stop_response` or `exception`. `partial_message` is what had come before an error or
    a cancel (None: nothing). `usage` has the keys of the model's metadata and `cost` in USD. `retry` says whether the
    call will be repeated, and is writable."""

    invocation_state: dict[str, Any]
    stop_response: StopResponse | None = None
    exception: BaseException | None = None
    retry: bool = False
    usage: dict[str, Any] | None = None
    attempt: int = 0
    partial_message: Message | None = None
    reverse: ClassVar[bool] = True


@dataclass
class BeforeToolsEvent(HookEvent, Interruptible):
    """Before a message's tools. `cancel` (True or a text) refuses them all."""

    invocation_state: dict[str, Any]
    message: Message
    cancel: bool | str = False

    def _interrupt_id(self, name: str) -> str:
        return interrupt_id("before_tools", name)


@dataclass
class AfterToolsEvent(HookEvent):
    """After a message's tools; `message` holds their results and is not in the history yet. `end_turn` (True, a text
    or content blocks) ends the invocation here."""

    invocation_state: dict[str, Any]
    message: Message
    end_turn: bool | str | list[dict[str, Any]] = False
    reverse: ClassVar[bool] = True


@dataclass
class BeforeToolCallEvent(HookEvent, Interruptible):
    """Before one tool, in its own task. `selected_tool` (None: no such tool), `tool_use` and `cancel_tool` are
    writable; a changed `tool_use` is what runs and leaves the model's message as it was. Its `input` is a str where
    the model wrote invalid JSON."""

    selected_tool: Any
    tool_use: dict[str, Any]
    invocation_state: dict[str, Any]
    cancel_tool: bool | str = False

    def _interrupt_id(self, name: str) -> str:
        return interrupt_id(f"before_tool_call:{self.tool_use['toolUseId']}", name)


@dataclass
class AfterToolCallEvent(HookEvent):
    """After one tool. `duration` is in seconds, hooks not counted. `result` and `retry` are writable."""

    selected_tool: Any
    tool_use: dict[str, Any]
    invocation_state: dict[str, Any]
    result: dict[str, Any]
    exception: BaseException | None = None
    cancel_message: str | None = None
    duration: float | None = None
    retry: bool = False
    reverse: ClassVar[bool] = True


@dataclass(frozen=True)
class Author:
    """Who made a change: a "hook" or the "conversation manager" (`kind`), the function's or class's name, and the file
    and line (from 1) of its `def`; "" and 0 where it is not written in Python."""

    kind: str
    name: str
    file: str = ""
    line: int = 0


@dataclass
class EditedEvent(HookEvent):
    """Something was changed on its way. Told right after the callback that did it, before the next one is called.

    `what` is "prompt" (BeforeInvocation's messages), "system" (the agent's prompt), "message" (of the history, or about
    to join it), "request" (one model call's), "tool" (which one is called), "input" or "result" (a tool's); `path` the
    part of it that holds all that differs ("" is all), such as `[2].content[0].text`. `before` and `after` belong to
    the listeners. `by` is None for a change that no hook made: a tool's, say, found at the next model call.
    """

    what: str
    path: str
    before: Any
    after: Any
    by: Author | None = None
    tool_use_id: str = ""


Callback: TypeAlias = Callable[[Any], Any]
HookCallback = Callback
Undo: TypeAlias = Callable[[], None]
HookCall: TypeAlias = Callable[[Callback, Any], Awaitable[None]]
_Function = TypeVar("_Function", bound=Callable[..., Any])


def unwatched(callback: _Function) -> _Function:
    """Mark a callback whose changes need not be told as EditedEvent: it only reads, or tells of them itself.

    All that this does is set the attribute `unwatched`; watching costs a comparison with the history for each call.
    """
    callback.unwatched = True  # type: ignore[attr-defined]
    return callback


class HookRegistry:
    """The callbacks of one agent, by the exact type of the event."""

    def __init__(self) -> None:
        self._callbacks: dict[type[Any], list[tuple[int, int, Callback]]] = {}
        self._count = itertools.count(1)

    def add_callback(
        self, event_type: type[Any] | Iterable[type[Any]] | None, callback: Callback, order: int = HookOrder.DEFAULT
    ) -> Undo:
        """Call `callback(event)` for the events of a type, or of several; None reads the type from its annotation.

        What it returns is awaited if it can be. Gives a function that takes the registration back.
        """
        types = _types(event_type, callback)
        entry_number = next(self._count)
        for kind in types:
            number = -entry_number if kind.reverse else entry_number
            entries = self._callbacks.setdefault(kind, [])
            entries.append((order, number, callback))
            entries.sort(key=lambda entry: entry[:2])
        return self._undo(range(entry_number, entry_number + 1))

    def add_hook(self, provider: Any) -> Undo:
        """Let an object with `register_hooks(registry)` add its callbacks; a plain callable is one itself.

        Gives a function that takes back what it added.
        """
        if not hasattr(provider, "register_hooks"):
            return self.add_callback(None, provider)
        first = next(self._count)
        provider.register_hooks(self)
        return self._undo(range(first, next(self._count)))

    def _undo(self, numbers: range) -> Undo:
        def undo() -> None:
            for kind, entries in self._callbacks.items():
                self._callbacks[kind] = [entry for entry in entries if abs(entry[1]) not in numbers]

        return undo

    def has(self, event_type: type[Any]) -> bool:
        return bool(self._callbacks.get(event_type))

    def watched(self, event_type: type[Any]) -> bool:
        """Whether one of the callbacks is not marked as `unwatched`, and so may change what it is given."""
        return any(not _is_unwatched(entry[2]) for entry in self._callbacks.get(event_type, ()))

    async def invoke(self, event: Any, call: HookCall | None = None) -> list[Interrupt]:
        """Call the callbacks in order and await what they return; give the interrupts that they asked for.

        `call(callback, event)` stands in for calling and awaiting one that is watched.

        Raises:
            Exception: whatever a callback raises, at once; the later ones are then not called.
        """
        interrupts: list[Interrupt] = []
        for _, _, callback in tuple(self._callbacks.get(type(event), ())):
            try:
                if call is not None and not _is_unwatched(callback):
                    await call(callback, event)
                elif inspect.isawaitable(outcome := callback(event)):
                    await outcome
            except InterruptException as asked:
                if not isinstance(event, Interruptible):
                    raise
                interrupts.append(asked.interrupt)
        return interrupts

    def invoke_sync(self, event: Any) -> None:
        """For the events of a constructor.

        Raises:
            RuntimeError: a callback is asynchronous.
        """
        for _, _, callback in tuple(self._callbacks.get(type(event), ())):
            outcome = callback(event)
            if inspect.isawaitable(outcome):
                if inspect.iscoroutine(outcome):
                    outcome.close()
                raise RuntimeError(f"{type(event).__name__} hooks cannot be async: {callback!r}")


class HookProvider(Protocol):
    """Anything that registers callbacks of its own; subclassing it is for annotations."""

    def register_hooks(self, registry: HookRegistry) -> None: ...


def _is_unwatched(callback: Callback) -> bool:
    return getattr(callback, "unwatched", False) is True


def _types(event_type: Any, callback: Callback) -> list[type[Any]]:
    if event_type is None:
        event_type = _annotated(callback)
    types = list(event_type) if isinstance(event_type, Iterable) else [event_type]
    if not types:
        raise ValueError(f"{callback!r} is registered for no event: the list of types is empty")
    for kind in types:
        if not (isinstance(kind, type) and issubclass(kind, HookEvent)):
            raise ValueError(f"{kind!r} is not a hook event; the events are the classes of agent_runtime.hooks")
    return types


def _annotated(callback: Callback) -> Any:
    function = callback if inspect.isroutine(callback) else getattr(callback, "__call__", callback)  # noqa: B004
    hints = [hint for name, hint in get_type_hints(function).items() if name != "return"]
    if not hints:
        raise ValueError(f"{callback!r} does not say for which event it is; annotate its parameter or pass the type")
    return getattr(hints[0], "__args__", hints[0])


_agent_callbacks: list[Callback] = []


def on_agent(callback: Callable[[Any], Any]) -> Undo:
    """Call `callback(agent)` at the end of the construction of every Agent from now on. Gives the undo."""
    _agent_callbacks.append(callback)

    def undo() -> None:
        if callback in _agent_callbacks:
            _agent_callbacks.remove(callback)

    return undo


def announce(agent: Any) -> None:
    """Tell the callbacks of `on_agent`."""
    for callback in tuple(_agent_callbacks):
        callback(agent)


def __getattr__(name: str) -> Any:
    raise elsewhere.absent(__name__, name)
