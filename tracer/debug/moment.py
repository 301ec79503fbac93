"""A lifecycle event as the debugger sees it: at which points it lies, what conditions may ask, what a stop shows.

It reads hook events of either runtime; it changes none. Everything here runs on the agent's own thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracer.recording.place import CURRENT
from tracer.recording.watch import usage_of
from tracer.timeline import add_usage

EVENTS: dict[str, tuple[str, ...]] = {
    "BeforeModelCallEvent": ("before_model",),
    "AfterModelCallEvent": ("after_model", "model_error"),
    "MessageAddedEvent": ("message",),
    "BeforeToolCallEvent": ("before_tool",),
    "AfterToolCallEvent": ("after_tool", "tool_error"),
    "AfterCycleEvent": ("cycle_end",),
    "ForceStopEvent": ("force_stop",),
}
_KINDS = {
    "before_model": "model_start", "after_model": "model_end", "message": "message", "before_tool": "tool_start",
    "after_tool": "tool_end", "cycle_end": "cycle_end", "force_stop": "force_stop",
}  # fmt: skip
LEVELS = {
    "tool_start": 3,
    "tool_end": 3,
    "model_start": 2,
    "model_end": 2,
    "message": 2,
    "cycle_end": 1,
    "force_stop": 1,
}


@dataclass(slots=True)
class Moment:
    """`points`: the most telling first; `kind`: of its record; `name`: of the tool, model or role."""

    event: Any
    points: tuple[str, ...]
    kind: str
    name: str
    agent: str
    inv: str
    cycle: int
    tool_use_id: str = ""
    index: int = 0

    @property
    def level(self) -> int:
        """3 in a tool call, 2 in a cycle, 1 at its end."""
        return LEVELS[self.kind]


def read(event: Any, position: tuple[str, int]) -> Moment:
    """The moment of a hook event; `position` is the agent's invocation and cycle."""
    name = type(event).__name__
    points = EVENTS[name][:1]
    kind = _KINDS[points[0]]
    if _failed(event):
        points = (EVENTS[name][-1], *points)
    agent = str(getattr(event.agent, "name", "") or "")
    moment = Moment(event, points, kind, _subject(event, kind), agent, *position)
    use = getattr(event, "tool_use", None)
    if isinstance(use, dict):
        moment.tool_use_id = str(use.get("toolUseId", ""))
        moment.index = _index(event.agent, moment.tool_use_id)
    return moment


def over(event: Any) -> bool:
    """Whether the run that the event belongs to is being cancelled: then nothing may stop it any more."""
    signal = getattr(event.agent, "cancel_signal", None)
    given_up = isinstance(getattr(event, "exception", None), asyncio.CancelledError)
    return given_up or bool(signal is not None and signal.is_set())


def _failed(event: Any) -> bool:
    result = getattr(event, "result", None)
    bad = isinstance(result, dict) and result.get("status") == "error"
    return bad or getattr(event, "exception", None) is not None


def _subject(event: Any, kind: str) -> str:
    if kind.startswith("tool"):
        return str(event.tool_use.get("name", ""))
    if kind == "message":
        return str(event.message.get("role", ""))
    if kind.startswith("model"):
        return _model(event.agent)
    return str(getattr(event, "ending", "") or kind)


def _model(agent: Any) -> str:
    model = getattr(agent, "model", None)
    config = model.get_config() if model is not None and hasattr(model, "get_config") else {}
    return str(config.get("model_id", "") if isinstance(config, dict) else "") or type(model).__name__


def _index(agent: Any, use_id: str) -> int:
    """The call's place among its message's calls: as recorded, for ids may repeat within a conversation."""
    place = CURRENT.get()
    if place is not None and place.tool_use_id == use_id and place.index >= 0:
        return place.index
    for message in reversed(agent.messages):
        uses = [block["toolUse"] for block in message.get("content", ()) if "toolUse" in block]
        if uses:
            return next((i for i, use in enumerate(uses) if use.get("toolUseId") == use_id), 0)
    return 0


def names(moment: Moment) -> dict[str, Any]:
    """What FILTER and log texts may ask; usage, tokens and cost are the invocation's so far."""
    event, kind = moment.event, moment.kind
    said: dict[str, Any] = {
        "kind": kind, "point": moment.points[0], "agent": moment.agent, "inv": moment.inv, "cycle": moment.cycle,
        "model": _model(event.agent), "attempt": getattr(event, "attempt", None), "label": _labels(),
    }  # fmt: skip
    if kind.startswith("tool"):
        said |= {"tool": moment.name, "input": event.tool_use.get("input")}
        said |= {"result": getattr(event, "result", None), "duration": getattr(event, "duration", None)}
        said["status"] = (said["result"] or {}).get("status")
    message = _message(event)
    if message is not None:
        said |= {"role": message.get("role"), "text": _text(message)}
    said["error"] = _error(event, said)
    said["reason"] = getattr(event, "reason", None)
    stop = getattr(event, "stop_response", None)
    said["stop_reason"] = getattr(stop, "stop_reason", None)
    return said | _spent(event)


def _labels() -> dict[str, str]:
    from tracer.recording.place import LABELS

    return LABELS.get() or {}


def _message(event: Any) -> dict[str, Any] | None:
    stop = getattr(event, "stop_response", None)
    found = stop.message if stop is not None else getattr(event, "message", None)
    return found if isinstance(found, dict) else None


def _text(message: dict[str, Any]) -> str:
    return "".join(str(block.get("text", "")) for block in message.get("content", ()) if isinstance(block, dict))


def _error(event: Any, said: dict[str, Any]) -> str | None:
    error = getattr(event, "exception", None)
    if error is not None:
        return f"{type(error).__name__}: {error}"
    if said.get("status") == "error":
        return _text(said["result"]) or "error"
    return str(event.reason) if said["kind"] == "force_stop" else None


def _spent(event: Any) -> dict[str, Any]:
    place = CURRENT.get()
    if place is None:
        return {}
    usage, cost = place.run.usage, place.run.cost
    now = getattr(event, "usage", None)
    if now:  # the recorder adds this call only after the gate
        usage = add_usage(usage, usage_of(now) or usage_of({"totalTokens": 0}))  # type: ignore[arg-type]
        cost = (cost or 0.0) + now["cost"] if now.get("cost") is not None else cost
    counts = {field: getattr(usage, field) for field in usage.__struct_fields__}
    tokens = usage.total or usage.input + usage.output
    counts |= {f"{key}_tokens": counts[key] for key in ("input", "output", "total")}
    return {"usage": counts, "tokens": tokens, "cost": cost}


def document(moment: Moment, plain: Callable[[Any], Any]) -> dict[str, Any]:
    """What a stop shows, as JSON: `input` `result` `event` `request` `messages`, each where there is such a thing."""
    event, agent = moment.event, moment.event.agent
    shown: dict[str, Any] = {}
    if moment.kind.startswith("tool"):
        shown["input"] = plain(event.tool_use.get("input"))
    if getattr(event, "result", None) is not None:
        shown["result"] = plain(event.result)
    elif _message(event) is not None:
        shown["result" if moment.kind == "model_end" else "message"] = plain(_message(event))
    shown["event"] = plain(_facts(moment))
    request = getattr(event, "request", None)
    if moment.kind == "model_start":
        shown["request"] = plain(_request(request if request is not None else agent))
    shown["messages"] = plain(list(request.messages if request is not None else agent.messages))
    return shown


def _facts(moment: Moment) -> dict[str, Any]:
    """The names without what has a scope of its own; where the agent's own objects fail, how they do."""
    try:
        said = names(moment)
    except Exception as error:
        return {"unreadable": f"{type(error).__name__}: {error}"}
    return {key: value for key, value in said.items() if value is not None and key not in ("input", "result", "text")}


def _request(source: Any) -> dict[str, Any]:
    keys = ("system_prompt", "tool_specs", "tool_choice", "params")
    said = {key: getattr(source, key) for key in keys if getattr(source, key, None) is not None}
    registry = getattr(source, "tool_registry", None)
    return said if registry is None else {**said, "tool_specs": registry.get_all_tool_specs()}


def source_of(event: Any) -> tuple[str, int] | None:
    """The file and line of the tool that an event is about, where it has one."""
    tool = getattr(event, "selected_tool", None)
    source = getattr(tool, "source", None)
    if isinstance(source, tuple) and len(source) == 2:
        return str(source[0]), int(source[1])
    code = getattr(getattr(tool, "_tool_func", None), "__code__", None)  # a stock decorated tool
    return (code.co_filename, code.co_firstlineno) if code else None
