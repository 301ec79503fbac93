"""The hook events: what each tells, when it comes (its docstring), and which of its fields may be assigned."""

from __future__ import annotations

import functools
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, TypeVar, dataclass_transform

from agent_runtime.interrupts import Interruptible, interrupt_id
from agent_runtime.messages import Message

_Event = TypeVar("_Event", bound=type)


@dataclass_transform()
def _event(cls: _Event) -> _Event:
    """Make the class a dataclass whose constructor goes past `__setattr__`: to ask that for each field is most of what
    an event costs. `scope` is what its text sees."""
    made: Any = dataclass(cls)
    own = fields(made)
    if any(one.default_factory is not MISSING or one.kw_only or not one.init for one in own):
        raise TypeError(f"a field of {cls.__name__} is more than a name and a default")
    scope: dict[str, Any] = {f"_{one.name}": one.default for one in own if one.default is not MISSING}
    taken = ", ".join(f"{one.name}=_{one.name}" if f"_{one.name}" in scope else one.name for one in own)
    kept = ", ".join(f"{one.name!r}: {one.name}" for one in own)
    exec(f"def __init__(self, {taken}): self.__dict__.update({{{kept}}})", scope)
    made.__init__ = functools.wraps(made.__init__)(scope["__init__"])
    return cls


@_event
class HookEvent:
    """What all have: the agent. Callbacks may assign the fields in `writable` and no others, as in Strands."""

    agent: Any
    reverse: ClassVar[bool] = False
    writable: ClassVar[tuple[str, ...]] = ()
    sealed: ClassVar[bool] = False

    def __setattr__(self, name: str, value: Any) -> None:
        if self.sealed and name not in self.writable:
            can = f"what can be is {', '.join(self.writable)}" if self.writable else "nothing of it can be"
            raise AttributeError(f"{name} of {type(self).__name__} cannot be assigned, {can}")
        object.__setattr__(self, name, value)

    def seal(self) -> None:
        """From now on it is the callbacks'."""
        object.__setattr__(self, "sealed", True)


@_event
class AgentInitializedEvent(HookEvent):
    """At the end of the agent's construction; its callbacks cannot be awaited."""


@_event
class BeforeInvocationEvent(HookEvent):
    """Before anything. `messages` (what the prompt adds) and `cancel` (True or a text: only a result) are writable."""

    invocation_state: dict[str, Any]
    messages: list[Message]
    cancel: bool | str = False
    writable: ClassVar[tuple[str, ...]] = ("messages", "cancel")


@_event
class AfterInvocationEvent(HookEvent):
    """After all, however it ended; `result` is None when an exception leaves. `resume` (a prompt) runs once more."""

    invocation_state: dict[str, Any]
    result: Any = None
    resume: Any = None
    writable: ClassVar[tuple[str, ...]] = ("resume",)
    reverse: ClassVar[bool] = True


@_event
class MessageAddedEvent(HookEvent):
    """A message has joined `agent.messages`, the prompt included."""

    message: Message


@_event
class BeforeCycleEvent(HookEvent):
    """Before a cycle's `start`; cycles count from 1 within an invocation."""

    invocation_state: dict[str, Any]
    cycle: int


@_event
class AfterCycleEvent(HookEvent):
    """Before a cycle's last event; `ending` is "complete" or "force_stop"."""

    invocation_state: dict[str, Any]
    cycle: int
    ending: str
    reverse: ClassVar[bool] = True


@_event
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


@_event
class BeforeModelCallEvent(HookEvent):
    """Before each attempt, counted from 0. `request` and its fields are writable for this call alone; `cancel` (True
    or a text) answers in the model's place."""

    invocation_state: dict[str, Any]
    request: ModelRequest
    attempt: int = 0
    cancel: bool | str = False
    writable: ClassVar[tuple[str, ...]] = ("request", "cancel")


@dataclass
class StopResponse:
    message: Message
    stop_reason: str


@_event
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
    writable: ClassVar[tuple[str, ...]] = ("retry",)
    reverse: ClassVar[bool] = True


@_event
class BeforeToolsEvent(HookEvent, Interruptible):
    """Before a message's tools. `cancel` (True or a text) refuses them all."""

    invocation_state: dict[str, Any]
    message: Message
    cancel: bool | str = False
    writable: ClassVar[tuple[str, ...]] = ("cancel",)

    def _interrupt_id(self, name: str) -> str:
        return interrupt_id("before_tools", name)


@_event
class AfterToolsEvent(HookEvent):
    """After a message's tools; `message` holds their results and is not in the history yet. `end_turn` (True, a text
    or content blocks) ends the invocation here."""

    invocation_state: dict[str, Any]
    message: Message
    end_turn: bool | str | list[dict[str, Any]] = False
    writable: ClassVar[tuple[str, ...]] = ("end_turn",)
    reverse: ClassVar[bool] = True


@_event
class BeforeToolCallEvent(HookEvent, Interruptible):
    """Before one tool, in its own task. `selected_tool` (None: no such tool), `tool_use` and `cancel_tool` are
    writable; a changed `tool_use` is what runs and leaves the model's message as it was. Its `input` is a str where
    the model wrote invalid JSON."""

    selected_tool: Any
    tool_use: dict[str, Any]
    invocation_state: dict[str, Any]
    cancel_tool: bool | str = False
    writable: ClassVar[tuple[str, ...]] = ("selected_tool", "tool_use", "cancel_tool")

    def _interrupt_id(self, name: str) -> str:
        return interrupt_id(f"before_tool_call:{self.tool_use['toolUseId']}", name)


@_event
class AfterToolCallEvent(HookEvent):
    """After one tool. `duration` is in seconds, hooks not counted. `result`, `duration` and `retry` are writable."""

    selected_tool: Any
    tool_use: dict[str, Any]
    invocation_state: dict[str, Any]
    result: dict[str, Any]
    exception: BaseException | None = None
    cancel_message: str | None = None
    duration: float | None = None
    retry: bool = False
    writable: ClassVar[tuple[str, ...]] = ("result", "duration", "retry")
    reverse: ClassVar[bool] = True


@dataclass(frozen=True)
class Author:
    """Who made a change: a "hook" or the "conversation manager" (`kind`), the function's or class's name, and the file
    and line (from 1) of its `def`; "" and 0 where it is not written in Python."""

    kind: str
    name: str
    file: str = ""
    line: int = 0


@_event
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
