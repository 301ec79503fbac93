"""Interrupts: a hook or a tool ends the run with a question; the next call brings the answer. Not `agent.cancel()`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any

# How many calls before this one in its message have the same toolUseId: an answer to one must not be another's.
SAME_BEFORE: ContextVar[int] = ContextVar("same_before", default=0)


@dataclass
class Interrupt:
    """A question to whoever called the agent; answered by {"interruptResponse": {"interruptId", "response"}}."""

    id: str
    name: str
    reason: Any = None
    response: Any = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class InterruptException(Exception):
    """Raised by `interrupt()` while its question is open; an agent as a tool raises it with all that are open in it."""

    def __init__(self, interrupt: Interrupt, *others: Interrupt) -> None:
        self.interrupt = interrupt
        self.interrupts = [interrupt, *others]
        super().__init__(f"interrupt {interrupt.name!r} waits for a response")


@dataclass
class InterruptState:
    """The open questions of one agent, and the results of the tools that finished beside them, by place in
    the message; `invalid` is the raw text of those tool inputs in it that are no JSON, and `turns` where the agents
    stand that asked as tools, by what the ids of their questions begin with."""

    interrupts: dict[str, Interrupt] = field(default_factory=dict)
    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    invalid: dict[int, str] = field(default_factory=dict)
    turns: dict[str, Any] = field(default_factory=dict)
    activated: bool = False

    def ask(self, id: str, name: str, reason: Any = None, response: Any = None) -> Any:
        """The response; InterruptException if there is none yet."""
        interrupt = self.interrupts.setdefault(id, Interrupt(id, name, reason, response))
        if interrupt.response is None:
            raise InterruptException(interrupt)
        return interrupt.response

    def resume(self, prompt: Any) -> None:
        """Take the responses of a resuming prompt; an empty list has none, and what is open is asked again.

        Raises:
            TypeError: the agent waits for responses and the prompt is none, or a response is incomplete.
            ValueError: there are responses, and the agent asked nothing.
            KeyError: a response to a question that nobody asked.
        """
        responses = interrupt_responses(prompt)
        if responses is None:
            if self.activated and prompt != []:
                open_ones = ", ".join(repr(id) for id in self.interrupts)
                raise TypeError(
                    f"the agent is interrupted and waits for responses to {open_ones}; "
                    'resume with [{"interruptResponse": {"interruptId": ..., "response": ...}}]'
                )
            return
        if not self.activated:
            raise ValueError(
                "these are responses to an interrupt, and the agent waits for none; "
                "the agent that asks must be the one that gets the answer, and it takes one answer to a question"
            )
        for answer in responses:
            if not (isinstance(answer, dict) and {"interruptId", "response"} <= answer.keys()):
                raise TypeError(f"an interruptResponse holds interruptId and response, not {answer!r:.80}")
            if answer["interruptId"] not in self.interrupts:
                raise KeyError(
                    f"no open interrupt has the id {answer['interruptId']!r}: "
                    "the agent that asks must be the one that gets the answer, and it takes one answer to a question"
                )
        for answer in responses:
            self.interrupts[answer["interruptId"]].response = answer["response"]

    def clear(self) -> None:
        self.interrupts.clear()
        self.results.clear()
        self.invalid.clear()
        self.turns.clear()
        self.activated = False


class Interruptible:
    """Gives an event or a tool's context `interrupt()`."""

    agent: Any

    def _interrupt_id(self, name: str) -> str:
        raise NotImplementedError

    def interrupt(self, name: str, reason: Any = None, response: Any = None) -> Any:
        """Ask, and end the run with stop reason `interrupt`; once the answer is there, return it.

        `name` must be unique within the tool call or hook; `response` answers in advance.
        """
        return self.agent.interrupts.ask(self._interrupt_id(name), name, reason, response)


def interrupt_id(point: str, name: str) -> str:
    before = SAME_BEFORE.get()
    return f"v1:{point}{f'#{before}' if before else ''}:{uuid.uuid5(uuid.NAMESPACE_OID, name)}"


def interrupt_responses(prompt: Any) -> Sequence[dict[str, Any]] | None:
    """The responses in a prompt; None if it is a prompt of another kind."""
    if not isinstance(prompt, list) or not prompt:
        return None
    if not all(isinstance(item, dict) and "interruptResponse" in item for item in prompt):
        return None
    return [item["interruptResponse"] for item in prompt]
