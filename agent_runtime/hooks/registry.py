"""Who is called for an event, and in which order: the callbacks of one agent, and those for every new agent."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Awaitable, Callable, Iterable
from types import CoroutineType
from typing import Any, Protocol, TypeAlias, TypeVar, get_type_hints

from agent_runtime.hooks.events import AgentInitializedEvent, HookEvent
from agent_runtime.interrupts import Interrupt, InterruptException, Interruptible


class HookOrder:
    SDK_FIRST = -100
    DEFAULT = 0
    SDK_LAST = 100


HookCallback: TypeAlias = Callable[[Any], Any]
Undo: TypeAlias = Callable[[], None]
HookCall: TypeAlias = Callable[[HookCallback, Any], Awaitable[None]]
_Function = TypeVar("_Function", bound=Callable[..., Any])


def unwatched(callback: _Function) -> _Function:
    """Mark a callback whose changes need not be told as EditedEvent: it only reads, or tells of them itself.

    All that this does is set the attribute `unwatched`, which is read when the callback is registered; watching costs a
    comparison with the history for each call.
    """
    callback.unwatched = True  # type: ignore[attr-defined]
    return callback


class HookRegistry:
    """The callbacks of one agent, by the exact type of the event."""

    def __init__(self) -> None:
        self._callbacks: dict[type[Any], list[tuple[int, int, HookCallback]]] = {}
        self._ready: dict[type[Any], tuple[tuple[HookCallback, bool], ...]] = {}  # in order, and whether watched
        self._count = itertools.count(1)

    def add_callback(
        self, event_type: type[Any] | Iterable[type[Any]] | None, callback: HookCallback, order: int = HookOrder.DEFAULT
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
            self._changed(kind)
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
            for kind, entries in list(self._callbacks.items()):
                if any(abs(entry[1]) in numbers for entry in entries):
                    self._callbacks[kind] = [entry for entry in entries if abs(entry[1]) not in numbers]
                    self._changed(kind)

        return undo

    def _changed(self, kind: type[Any]) -> None:
        """Make ready what each event of this kind would otherwise ask anew."""
        self._ready[kind] = tuple((entry[2], not _is_unwatched(entry[2])) for entry in self._callbacks[kind])

    def has(self, event_type: type[Any]) -> bool:
        return bool(self._ready.get(event_type))

    def watched(self, event_type: type[Any]) -> bool:
        """Whether one of the callbacks is not marked as `unwatched`, and so may change what it is given."""
        return any(watched for _, watched in self._ready.get(event_type, ()))

    async def invoke(self, event: Any, call: HookCall | None = None) -> list[Interrupt]:
        """Call the callbacks in order and await what they return; give the interrupts that they asked for.

        `call(callback, event)` stands in for calling and awaiting one that is watched.

        Raises:
            ValueError: two callbacks asked by the same name.
            Exception: whatever a callback raises, at once; the later ones are then not called.
        """
        interrupts: dict[str, Interrupt] = {}
        event.seal()
        for callback, watched in self._ready.get(type(event), ()):
            try:
                if call is not None and watched:
                    await call(callback, event)
                elif type(outcome := callback(event)) is CoroutineType or inspect.isawaitable(outcome):
                    await outcome
            except InterruptException as asked:
                if not isinstance(event, Interruptible):
                    raise
                name = asked.interrupt.name
                if name in interrupts:
                    raise ValueError(f"interrupt_name=<{name}> | interrupt name used more than once") from asked
                interrupts[name] = asked.interrupt
        return list(interrupts.values())

    def invoke_sync(self, event: Any) -> None:
        """For the events of a constructor.

        Raises:
            RuntimeError: a callback is asynchronous.
        """
        for callback, _ in self._ready.get(type(event), ()):
            outcome = callback(event)
            if inspect.isawaitable(outcome):
                if inspect.iscoroutine(outcome):
                    outcome.close()
                raise RuntimeError(f"{type(event).__name__} hooks cannot be async: {callback!r}")


class HookProvider(Protocol):
    """Anything that registers callbacks of its own; subclassing it is for annotations."""

    def register_hooks(self, registry: HookRegistry) -> None: ...


def _is_unwatched(callback: HookCallback) -> bool:
    return getattr(callback, "unwatched", False) is True


def _types(event_type: Any, callback: HookCallback) -> list[type[Any]]:
    if event_type is None:
        event_type = _annotated(callback)
    types = list(event_type) if isinstance(event_type, Iterable) else [event_type]
    if not types:
        raise ValueError(f"{callback!r} is registered for no event: the list of types is empty")
    for kind in types:
        if not (isinstance(kind, type) and issubclass(kind, HookEvent)):
            raise ValueError(f"{kind!r} is not a hook event; the events are the classes of agent_runtime.hooks")
    if AgentInitializedEvent in types and inspect.iscoroutinefunction(callback):
        raise ValueError(f"AgentInitializedEvent hooks cannot be async: {callback!r}")
    return types


def _annotated(callback: HookCallback) -> Any:
    function = callback if inspect.isroutine(callback) else getattr(callback, "__call__", callback)  # noqa: B004
    try:
        hints = [hint for name, hint in get_type_hints(function).items() if name != "return"]
    except (NameError, TypeError) as error:
        raise ValueError(f"{callback!r} does not say for which event it is: {error}") from error
    if not hints:
        raise ValueError(f"{callback!r} does not say for which event it is; annotate its parameter or pass the type")
    return getattr(hints[0], "__args__", hints[0])


_agent_callbacks: list[HookCallback] = []


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
