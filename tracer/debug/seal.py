"""What was approved is what runs: a sealed event has the runtime refuse the call where it would run something else.

Both runtimes read `cancel_tool` after the last hook and before the tool; a sealed event compares when it is read. What
stock Strands changes later (its middleware of ExecuteToolStage) passes no hook and is not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracer.debug.values import alike

_KEY = "_tracer_approval"


@dataclass(frozen=True, slots=True)
class Approval:
    """The tool, name and input that were approved; `tell` is called with why a call is refused after all."""

    tool: Any
    use: dict[str, Any]
    tell: Callable[[str], None]

    def refusal(self, event: Any) -> str:
        """Why what the event would run is not what was approved; "" where it is. Never raises."""
        try:
            changed = self._changed(event)
            text = f"The debugger refused this call: {changed} was changed after it was shown" if changed else ""
            if text:
                self.tell(text)
            return text
        except Exception as error:  # what cannot be compared was not approved
            return f"The debugger refused this call: it cannot be compared with what was approved ({error!r})"

    def _changed(self, event: Any) -> str:
        use = event.tool_use
        if any(use.get(key) != self.use.get(key) for key in ("name", "toolUseId")):
            return "its name or id"
        if not alike(use.get("input"), self.use.get("input")):
            return "its input"
        name = self.use.get("name")
        renamed = getattr(self.tool, "tool_name", None) != name  # by a hook before us: the runtime looks the tool up
        same = event.selected_tool is self.tool
        return "" if same or (renamed and getattr(event.selected_tool, "tool_name", None) == name) else "its tool"


def seal(event: Any, approval: Approval) -> None:
    """Hold the event to the approval. An event of a class that cannot be extended stays as it is."""
    if not hasattr(event, "__dict__"):
        return
    event.__dict__[_KEY] = approval
    if not isinstance(type(event).__dict__.get("cancel_tool"), property):
        object.__setattr__(event, "__class__", _sealed(type(event)))  # stock's events guard their attributes


def copied(value: Any) -> Any:
    """The value in dicts and lists of its own, which nobody else can change; anything else is shared."""
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if type(value) is list else value


_kinds: dict[type[Any], type[Any]] = {}


def _sealed(kind: type[Any]) -> type[Any]:
    if kind not in _kinds:
        _kinds[kind] = _made(kind)
    return _kinds[kind]


def _made(kind: type[Any]) -> type[Any]:
    def read(event: Any) -> Any:
        approval = event.__dict__.get(_KEY)
        return event.__dict__.get("cancel_tool") or (approval.refusal(event) if approval else False)

    def write(event: Any, value: Any) -> None:
        event.__dict__["cancel_tool"] = value

    inside = {"cancel_tool": property(read, write), "__module__": kind.__module__, "__qualname__": kind.__qualname__}
    return type(kind.__name__, (kind,), inside)
