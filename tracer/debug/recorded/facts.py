"""What FILTER may ask of a recorded point, and what clients see of it: as at a live stop, from its records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer import records as r
from tracer.debug.breakpoints import KNOWN
from tracer.debug.moment import text_of
from tracer.debug.names import Known, counts, tokens
from tracer.debug.recorded.tape import Past, Tape

_APART = ("input", "result", "text", "prompt")  # what has a scope of its own


class Facts(Known):
    """The names that a point knows, each read from the recording when it is asked."""

    def __init__(self, tape: Tape, at: int) -> None:
        self.tape, self.at = tape, at
        self.point: Past = tape.points[at]
        super().__init__(KNOWN[self.point.points[0]], lambda name: _READ[name](self))

    @property
    def record(self) -> Any:
        """The record that tells of it."""
        return self.tape.record(self.point.seq)

    @property
    def start(self) -> r.InvocationStart:
        """The beginning of its invocation."""
        return self.tape.told[self.point.inv].start

    def message(self) -> dict[str, Any] | None:
        """The message that it is about: the one that joined, or the model's answer."""
        if self.point.kind == "message":
            return {"role": self.record.role, "content": self.record.content}
        return self.tape.answer(self.at) if self.point.kind == "model_end" else None


def document(tape: Tape, at: int) -> dict[str, Any]:
    """`input` `result` `message` `request` `event` `messages`, each where there is such a thing."""
    facts, shown = Facts(tape, at), {}
    kind, record = facts.point.kind, facts.record
    if kind.startswith("tool"):
        shown["input"] = record.input
    if kind == "tool_end":
        shown["result"] = record.result
    elif (message := facts.message()) is not None:
        shown["result" if kind == "model_end" else "message"] = message
    shown["event"] = _event(facts)
    if kind == "model_start":
        shown["request"] = _request(tape, record)
    shown["messages"] = tape.conversation(at)
    return shown


def _event(facts: Facts) -> dict[str, Any]:
    said = {name: facts[name] for name in facts if name not in _APART}
    said["address"] = f"{facts.tape.session.id}#{facts.point.seq}"
    said["swallowed"] = getattr(facts.record, "swallowed", None) or None
    return {name: value for name, value in said.items() if value is not None}


def _request(tape: Tape, start: r.ModelStart) -> dict[str, Any]:
    said = {
        "system_prompt": tape.content(start.system), "tool_specs": tape.content(start.tools),
        "tool_choice": start.tool_choice, "params": start.params,
    }  # fmt: skip
    return {key: value for key, value in said.items() if value is not None}


def _prompt(facts: Facts) -> str:
    given = facts.start.prompt
    if isinstance(given, str):
        return given
    blocks = given if isinstance(given, list) else []
    whole = [one if isinstance(one, dict) and "content" in one else {"content": [one]} for one in blocks]
    return "".join(text_of(message) for message in whole)


def _text(facts: Facts) -> str:
    if not facts.point.kind.startswith("tool"):
        return text_of(facts.message())
    return text_of(facts.tape.asking(facts.at))


def _role(facts: Facts) -> str | None:
    message = facts.message()
    return message.get("role") if message else None


def _error(facts: Facts) -> str | None:
    record = facts.record
    if isinstance(record, r.ForceStop):
        return record.reason
    if record.error is not None:
        return str(record.error.said)
    failed = isinstance(record, r.ToolEnd) and record.status == "error"
    return (text_of(record.result) or "error") if failed else None


def _status(facts: Facts) -> str:
    record = facts.record
    return str(record.ending if isinstance(record, r.CycleEnd) else record.status)


_READ: dict[str, Callable[[Facts], Any]] = {
    "kind": lambda facts: facts.point.kind,
    "point": lambda facts: facts.point.points[0],
    "agent": lambda facts: facts.point.agent,
    "inv": lambda facts: facts.point.inv,
    "cycle": lambda facts: facts.point.cycle,
    "model": lambda facts: facts.tape.told[facts.point.inv].model,
    "label": lambda facts: facts.start.labels,
    "prompt": _prompt,
    "usage": lambda facts: counts(facts.point.usage),
    "tokens": lambda facts: tokens(facts.point.usage),
    "cost": lambda facts: facts.point.cost,
    "attempt": lambda facts: getattr(facts.record, "attempt", None),
    "tool": lambda facts: facts.point.name,
    "input": lambda facts: facts.record.input,
    "text": _text,
    "role": _role,
    "result": lambda facts: facts.record.result,
    "status": _status,
    "duration": lambda facts: facts.record.duration / 1e9,
    "error": _error,
    "stop_reason": lambda facts: facts.record.stop_reason or None,
    "reason": lambda facts: facts.record.reason,
}
