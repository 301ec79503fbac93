"""What a stop shows of its moment, as JSON. It changes nothing, and what cannot be read it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer.debug.moment import Moment, message_of
from tracer.debug.names import Names, UnreadableError


def document(moment: Moment, plain: Callable[[Any], Any]) -> dict[str, Any]:
    """`input` `result` `event` `request` `messages`, each where there is such a thing, without secrets."""
    event, agent = moment.event, moment.event.agent
    shown: dict[str, Any] = {}
    if moment.kind.startswith("tool"):
        shown["input"] = plain(event.tool_use.get("input"))
    if getattr(event, "result", None) is not None:
        shown["result"] = plain(event.result)
    elif message_of(event) is not None:
        shown["result" if moment.kind == "model_end" else "message"] = plain(message_of(event))
    shown["event"] = plain(_facts(moment))
    request = getattr(event, "request", None)
    if moment.kind == "model_start":
        shown["request"] = plain(_request(request if request is not None else agent))
    shown["messages"] = plain(list(request.messages if request is not None else agent.messages))
    return shown


def _facts(moment: Moment) -> dict[str, Any]:
    """The names without what has a scope of its own; where the agent's own objects fail, how they do."""
    names, said = Names(moment), {}
    for name in names:
        if name in ("input", "result", "text", "prompt"):
            continue
        try:
            said[name] = names[name]
        except UnreadableError as error:
            said[name] = f"unreadable ({error})"
    return {name: value for name, value in said.items() if value is not None}


def _request(source: Any) -> dict[str, Any]:
    keys = ("system_prompt", "tool_specs", "tool_choice", "params")
    said = {key: getattr(source, key) for key in keys if getattr(source, key, None) is not None}
    registry = getattr(source, "tool_registry", None)
    if registry is None:
        return said
    try:
        return {**said, "tool_specs": registry.get_all_tool_specs()}
    except Exception as error:  # the stop is there all the same
        return {**said, "tool_specs": f"unreadable ({type(error).__name__}: {error})"}
