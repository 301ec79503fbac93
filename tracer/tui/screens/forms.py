"""The forms of a stop: what can be changed there, fetched from the debugger and handed back to it. No widgets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tracer import records as r
from tracer.errors import TracerError
from tracer.tui.link import Link
from tracer.tui.screens.edit import Form, Submit

_SCOPES = {"before_tool": "input", "after_tool": "result", "tool_error": "result", "before_model": "request"}
_REQUEST = ("system_prompt", "tool_choice", "params")  # the tools' specifications are long, and stay as they are


async def to_edit(link: Link, stop: r.Stopped) -> Form:
    """The form for what a stop's point lets one edit. Raises TracerError where that is nothing."""
    scope = _SCOPES.get(stop.point, "")
    if not scope:
        raise TracerError(f"nothing can be edited at {stop.point}", "c continues")
    value, editable = await link.value(stop.id, scope)
    if not editable:
        raise TracerError(f"this runtime shows no {scope} that can be edited", "hooks of stock Strands carry none")
    if scope == "request":
        return await _request(link, stop)

    async def current() -> Any:
        return _shown(scope, (await link.value(stop.id, scope))[0])

    async def submit(new: dict[str, Any]) -> None:
        fixed = {key: value[key] for key in value.keys() - _shown(scope, value).keys()}
        await link.edit(stop.id, scope, {**fixed, **new}, seen=value)

    return replace(of_call(scope, stop.name, _shown(scope, value), submit, stop.id), current=current)


def _shown(scope: str, value: dict[str, Any]) -> dict[str, Any]:
    """What the form shows of it: a result's id is its call's."""
    return {key: one for key, one in value.items() if scope != "result" or key != "toolUseId"}


def of_call(scope: str, name: str, value: Any, submit: Submit, stop: int = 0) -> Form:
    """The form for a tool call's input or result."""
    note = "the model's message stays as it was" if scope == "input" else "the model is told this"
    return Form(f"edit the {scope} of", name, note, value, submit, "first" if scope == "input" else "first text", stop)


async def _request(link: Link, stop: r.Stopped) -> Form:
    async def current() -> dict[str, Any]:
        request, messages = (await link.value(stop.id, "request"))[0], (await link.value(stop.id, "messages"))[0]
        return {**{key: request.get(key) for key in _REQUEST}, "messages": messages}

    shown = await current()

    async def submit(new: dict[str, Any]) -> None:
        if unknown := [key for key in new if key not in shown]:
            raise TracerError(f"a request has no {unknown[0]!r} here", f"it has {', '.join(_REQUEST)} and messages")
        for key in ("messages", *_REQUEST):
            if new.get(key) != shown[key]:
                path = key if key == "messages" else f"request.{key}"
                await link.edit(stop.id, path, new.get(key), seen=shown[key])
                shown[key] = new.get(key)  # for the next try, where a later one is refused

    return Form(
        "edit the request to", stop.name, "for this call alone; the history stays", shown, submit, "last text", stop.id,
        current,
    )  # fmt: skip


def to_skip(link: Link, stop: r.Stopped) -> Form:
    """The form for the result that takes the place of a tool call."""

    async def submit(new: dict[str, Any]) -> None:
        await link.ask("tracer/skip", stop=stop.id, result=new)

    empty = {"content": [{"text": ""}], "status": "success"}
    return Form(
        "skip, and give this result for", stop.name, "the tool does not run", empty, submit, "first text", stop.id
    )
