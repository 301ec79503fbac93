"""What FILTER and log texts may ask of a moment, each read when it is asked. It evaluates nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from tracer.debug.breakpoints import KNOWN
from tracer.debug.moment import Moment, message_of, model_of, text_of
from tracer.parts import Usage, add_usage
from tracer.recording.place import CURRENT, LABELS
from tracer.recording.watch import usage_of


class UnreadableError(RuntimeError):
    """Something of the agent or its model that a name stands for could not be read."""

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(f"reading {name}: {type(error).__name__}: {error}")


class Known(Mapping[str, Any]):
    """The names that a point knows, with their values; one that cannot be read raises UnreadableError."""

    def __init__(self, known: Collection[str], read: Callable[[str], Any]) -> None:
        self._known = known
        self._read = read
        self._found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            raise KeyError(name)
        if name not in self._found:
            try:
                self._found[name] = self._read(name)
            except Exception as error:  # also a KeyError, which `get` would take for a name that is not there
                raise UnreadableError(name, error) from error
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class Names(Known):
    """Those of a moment of a live run."""

    def __init__(self, moment: Moment) -> None:
        super().__init__(KNOWN[moment.points[0]], lambda name: _READ[name](moment))


def counts(usage: Usage) -> dict[str, Any]:
    """A count of tokens by the names of both languages, the records' and the providers'."""
    said = {field: getattr(usage, field) for field in usage.__struct_fields__}
    return said | {f"{key}_tokens": said[key] for key in ("input", "output", "total")}


def tokens(usage: Usage) -> int:
    """All of them."""
    return int(usage.total or usage.input + usage.output)


def _prompt(moment: Moment) -> str:
    if moment.prompt:
        return moment.prompt
    asked = (m for m in reversed(moment.event.agent.messages) if m.get("role") == "user" and text_of(m))
    found = next(asked, None)
    if found is None and moment.prompt is None:
        raise LookupError("the history does not hold it any more")
    return text_of(found) if found else ""


def _text(moment: Moment) -> str:
    """The message's; in a tool call that of the message that asks for it."""
    if not moment.kind.startswith("tool"):
        return text_of(message_of(moment.event))
    said = (message for message in reversed(moment.event.agent.messages) if message.get("role") == "assistant")
    return text_of(next(said, None))


def _role(moment: Moment) -> str | None:
    message = message_of(moment.event)
    return message.get("role") if message else None


def _status(moment: Moment) -> Any:
    if moment.kind == "cycle_end":
        return moment.event.ending
    result = moment.event.result
    return result.get("status") if isinstance(result, dict) else None


def _error(moment: Moment) -> str | None:
    error = getattr(moment.event, "exception", None)
    if error is not None:
        return f"{type(error).__name__}: {error}"
    if moment.kind == "force_stop":
        return str(moment.event.reason)
    failed = moment.kind == "tool_end" and _status(moment) == "error"
    return (text_of(moment.event.result) or "error") if failed else None


def _stop_reason(moment: Moment) -> str | None:
    return getattr(moment.event.stop_response, "stop_reason", None)


def _spent(moment: Moment) -> tuple[Usage, float | None]:
    """Usage and cost of the invocation so far, a model call that has just ended included."""
    place = CURRENT.get()
    if place is None:
        raise LookupError("nothing is recorded here")
    usage, cost = place.run.usage, place.run.cost
    now = getattr(moment.event, "usage", None)
    if now:  # the recorder adds this call only after the gate
        usage = add_usage(usage, usage_of(now) or usage_of({"totalTokens": 0}))  # type: ignore[arg-type]
        cost = (cost or 0.0) + now["cost"] if now.get("cost") is not None else cost
    return usage, cost


_READ: dict[str, Callable[[Moment], Any]] = {
    "kind": lambda moment: moment.kind,
    "point": lambda moment: moment.points[0],
    "agent": lambda moment: moment.agent,
    "inv": lambda moment: moment.inv,
    "cycle": lambda moment: moment.cycle,
    "model": lambda moment: model_of(moment.event.agent),
    "label": lambda moment: LABELS.get() or {},
    "prompt": _prompt,
    "usage": lambda moment: counts(_spent(moment)[0]),
    "tokens": lambda moment: tokens(_spent(moment)[0]),
    "cost": lambda moment: _spent(moment)[1],
    "attempt": lambda moment: getattr(moment.event, "attempt", None),
    "tool": lambda moment: moment.name,
    "input": lambda moment: moment.event.tool_use.get("input"),
    "text": _text,
    "role": _role,
    "result": lambda moment: moment.event.result,
    "status": _status,
    "duration": lambda moment: getattr(moment.event, "duration", None),
    "error": _error,
    "stop_reason": _stop_reason,
    "reason": lambda moment: moment.event.reason,
}
