"""What a stop shows of its moment, as JSON. It changes nothing, and what cannot be read it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer.debug.drafts import request_of
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
        shown["request"] = plain(_of_stock(agent) if request is None else request_of(request))
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


def _of_stock(agent: Any) -> dict[str, Any]:
    """What stock Strands is about to send, as far as its agent tells."""
    said = request_of(agent)
    try:
        return {**said, "tool_specs": agent.tool_registry.get_all_tool_specs()}
    except Exception as error:  # the stop is there all the same
        return {**said, "tool_specs": f"unreadable ({type(error).__name__}: {error})"}
