"""Which fields of a record are content, and what a user's privacy makes of them on their way to the file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from tracer import records as r
from tracer.recording.privacy import Place, Privacy

_log = logging.getLogger("tracer")

# Every other field of a record tells how a run went and not what was said in it; a test holds the table complete.
CONTENT: dict[type[r.Record], tuple[str, ...]] = {
    r.Session: ("argv",),
    r.Content: ("value",),
    r.InvocationStart: ("prompt",),
    r.InvocationEnd: ("result", "error"),
    r.ModelStart: ("params",),
    r.ModelEnd: ("partial", "error"),
    r.BlockStart: ("raw",),
    r.Delta: ("text", "reasoning", "signature", "input", "raw"),
    r.BlockStop: ("raw",),
    r.Message: ("content", "extra"),
    r.ToolStart: ("input",),
    r.ToolStream: ("data", "use"),
    r.ToolEnd: ("input", "result", "error", "swallowed", "cancelled"),
    r.Event: ("event",),
    r.ForceStop: ("reason",),
    r.Log: ("text", "fields"),
    r.Edited: ("before", "after"),
    r.Gap: ("reason",),
}
_STREAMED = ("text", "reasoning", "signature", "input")
Tree = dict[str, Any]  # what of a dict is no content: a key with True is kept, one with a tree is gone into
_BLOCK: Tree = {
    "toolUse": {"name": True, "toolUseId": True, "input": {}},
    "toolResult": {"toolUseId": True, "status": True, "content": {}},
    "reasoningContent": {"reasoningText": {}},
}
_MESSAGE: Tree = {"role": True, "content": _BLOCK}
_METADATA: Tree = {
    "messageStart": {"role": True},
    "messageStop": {"stopReason": True},
    "metadata": {"usage": True, "metrics": True},
}
_TREES: dict[tuple[type[r.Record], str], Tree] = {
    (r.Content, "value"): {"name": True},
    (r.InvocationEnd, "result"): {"type": True, "stop_reason": True, "message": _MESSAGE},
    (r.ModelStart, "params"): {},
    (r.ModelEnd, "partial"): _MESSAGE,
    (r.BlockStart, "raw"): {},
    (r.BlockStop, "raw"): {},
    (r.Message, "content"): _BLOCK,
    (r.Message, "extra"): {},
    (r.ToolStart, "input"): {},
    (r.ToolStream, "use"): _BLOCK,
    (r.ToolEnd, "input"): {},
    (r.ToolEnd, "result"): {"toolUseId": True, "status": True, "content": {}},
    (r.ToolEnd, "swallowed"): {},
    (r.Event, "event"): {"init_event_loop": True, "start": True, "event": _METADATA},
    (r.Log, "fields"): {},
}


class Private:
    """A writer that takes content out of each record first. What fails on the way is left out, never let through."""

    def __init__(self, append: Callable[[r.Record], int], privacy: Privacy) -> None:
        self._append = append
        self._privacy = privacy
        self._names: dict[str, str] = {}
        self._open: dict[str, str] = {}
        self._told = False

    def append(self, record: r.Record) -> int:
        """Append the record without what is to be kept out; its seq."""
        if isinstance(record, r.Delta):
            self._piece(record)
        elif (fields := CONTENT.get(type(record))) is not None:
            if isinstance(record, (r.BlockStart, r.ToolStart, r.ToolEnd)):
                self._note(record)
            for name in fields:
                value = getattr(record, name)
                if value:
                    setattr(record, name, self._kept(record, name, value))
        return self._append(record)

    def text(self, inv: str, cycle: int, text: str) -> int:
        """Append a delta of nothing but text."""
        return self.append(r.Delta(inv=inv, cycle=cycle, text=text))

    def _note(self, record: r.BlockStart | r.ToolStart | r.ToolEnd) -> None:
        name = record.tool if isinstance(record, r.BlockStart) else record.name
        if record.tool_use_id and name:
            self._names[record.tool_use_id] = name
        if isinstance(record, r.BlockStart):
            self._open[record.inv] = name

    def _piece(self, record: r.Delta) -> None:
        """A piece of a stream is no text that a function or a pointer could judge: the whole comes with the message."""
        privacy, tool = self._privacy, self._open.get(record.inv, "")
        if privacy.record == "metadata" or privacy.functions or (tool and self._places(tool)):
            for name in _STREAMED:
                if getattr(record, name) is not None:
                    setattr(record, name, "")
            record.lead, record.raw = [], None

    def _kept(self, record: r.Record, name: str, value: Any) -> Any:
        try:
            if self._privacy.record == "metadata":
                return value[:1] if name == "argv" else _withheld(value, _TREES.get((type(record), name)))
            value = self._placed(record, name, value)
            for function in self._privacy.functions:
                value = _mapped(value, function)
            return value
        except Exception as error:
            if not self._told:
                self._told = True
                _log.warning("a redaction rule failed with %s: what it should have seen is left out", _name(error))
            return _like(value, f"[left out: a redaction rule failed with {_name(error)}]")

    # places in tool inputs

    def _places(self, tool: str) -> list[Place]:
        return [place for place in self._privacy.places if fnmatchcase(tool, place.tool)]

    def _placed(self, record: r.Record, name: str, value: Any) -> Any:
        if not self._privacy.places:
            return value
        if isinstance(record, (r.ToolStart, r.ToolEnd)) and name == "input":
            return self._cleared(record.name, value)
        if isinstance(record, r.Edited) and record.tool_use_id:
            return self._cleared(self._names.get(record.tool_use_id, ""), value)
        return self._without(value)

    def _without(self, value: Any) -> Any:
        """The value with the inputs of all tool uses in it cleared: messages, and results that hold one."""
        if isinstance(value, list):
            return [self._without(item) for item in value]
        if not isinstance(value, dict):
            return value
        use = value.get("toolUse")
        if isinstance(use, dict) and "input" in use:
            return {**value, "toolUse": {**use, "input": self._cleared(str(use.get("name", "")), use["input"])}}
        return {key: self._without(item) for key, item in value.items()}

    def _cleared(self, tool: str, value: Any) -> Any:
        for place in self._places(tool):
            if not isinstance(value, (dict, list)):
                return "[left out]"  # input that is no JSON may hold it anywhere
            value = _at(value, place.keys)
        return value


def _at(value: Any, keys: tuple[str, ...]) -> Any:
    if not keys:
        return "[left out]"
    if isinstance(value, dict) and list(value) == ["$dict"]:
        return {"$dict": _at(value["$dict"], keys)}  # the recorder's form of a dict with a key such as $bytes
    first, rest = keys[0], keys[1:]
    if isinstance(value, dict):
        return {key: _at(item, rest) if first in ("*", key) else item for key, item in value.items()}
    if isinstance(value, list):
        return [_at(item, rest) if first in ("*", str(i)) else item for i, item in enumerate(value)]
    return value


def _mapped(value: Any, function: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        said = function(value)
        if not isinstance(said, str):
            raise TypeError(f"it gave {type(said).__name__}, not text")
        return said
    if isinstance(value, list):
        return [_mapped(item, function) for item in value]
    if isinstance(value, dict):
        return {key: _mapped(item, function) for key, item in value.items()}
    if isinstance(value, r.Failure):
        return r.Failure(value.type, _mapped(value.message, function), _mapped(value.traceback, function))
    return value


def _withheld(value: Any, tree: Tree | None) -> Any:
    """How much there is of it, and what its tree keeps; nothing that was said."""
    if isinstance(value, r.Failure):
        return r.Failure(value.type)
    if isinstance(value, list) and tree is not None:
        return [_withheld(item, tree) for item in value]
    if isinstance(value, dict) and tree is not None:
        return {key: item if tree.get(key) is True else _withheld(item, tree.get(key)) for key, item in value.items()}
    for kind, unit in ((str, "characters"), (list, "items"), (dict, "keys")):
        if isinstance(value, kind):
            return f"[{len(value)} {unit}]"
    return None if value is None else "[a value]"


def _like(value: Any, said: str) -> Any:
    """`said` in the form that the field has."""
    if isinstance(value, dict):
        return {"$left_out": said}
    if isinstance(value, r.Failure):
        return msgspec.structs.replace(value, message=said, traceback="")
    return [said] if isinstance(value, list) else said


def _name(error: Exception) -> str:
    return type(error).__name__
