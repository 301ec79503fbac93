"""A client that walks in a recording, whose every message is judged; and sessions of any shape to walk in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.debug import oracle
from tracer import records as r
from tracer.debug.errors import DebugError
from tracer.debug.recorded.serve import Talk
from tracer.debug.recorded.tape import Tape
from tracer.debug.wire import Decoder, encode
from tracer.session import Session
from tracer.testing import SessionBuilder

MOVES = ["continue", "reverseContinue", "next", "stepIn", "stepOut", "stepBack"]


class Walker:
    """One connection to a recording, without a socket."""

    def __init__(self, session: Session, at: int = 0) -> None:
        self._decoder, self._seq = Decoder(), 0
        self.inbox: list[dict[str, Any]] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.talk = Talk(Tape(session), at, lambda data: self.inbox.extend(self._decoder.feed(data)))

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """The response's body. Raises DebugError where it is refused."""
        self._seq += 1
        message = {"seq": self._seq, "type": "request", "command": command, "arguments": arguments}
        oracle.check(message)
        self.talk.feed(encode(message))
        answer: dict[str, Any] = {}
        for told in self.inbox:
            oracle.check(told)
            if told["type"] == "event":
                self.events.append((told["event"], told["body"]))
            else:
                answer = told
        self.inbox.clear()
        assert answer["request_seq"] == self._seq
        if not answer["success"]:
            raise DebugError(answer["message"])
        return answer.get("body") or {}

    def start(self, *breakpoints: str) -> Walker:
        """Come in, with function breakpoints."""
        self.capabilities = self.ask("initialize", adapterID="test")
        self.ask("attach")
        self.break_at(*breakpoints)
        self.ask("configurationDone")
        return self

    def break_at(self, *breakpoints: str) -> list[dict[str, Any]]:
        asked = [{"name": text} for text in breakpoints]
        return list(self.ask("setFunctionBreakpoints", breakpoints=asked)["breakpoints"])

    @property
    def here(self) -> dict[str, Any]:
        """The `stopped` body of where one stands, as it was told."""
        return [body for name, body in self.events if name == "stopped"][-1]

    @property
    def stop(self) -> int:
        return int(self.here["tracer"]["stop"])

    def go(self, command: str, thread: int | None = None, **more: Any) -> int:
        """Move; the stop to which one came. Exactly one stop is told for a move."""
        before = len(self.told("stopped"))
        self.ask(command, threadId=self.here["threadId"] if thread is None else thread, **more)
        assert len(self.told("stopped")) == before + 1
        return self.stop

    def told(self, name: str) -> list[dict[str, Any]]:
        return [body for event, body in self.events if event == name]

    def view(self) -> str:
        """All that a client sees where one stands, but for its numbers."""
        seen: list[Any] = [self.ask("threads")]
        for frame in self.ask("stackTrace", threadId=self.here["threadId"])["stackFrames"]:
            seen.append(frame["name"])
            for scope in self.ask("scopes", frameId=frame["id"])["scopes"]:
                seen.append(scope["name"])
                below = self.ask("variables", variablesReference=scope["variablesReference"])["variables"]
                seen += [(one["name"], one["value"]) for one in below]
        return json.dumps(seen)

    def all_stops(self, command: str) -> list[int]:
        """The stops that a way through the recording meets, until it leads no further."""
        met: list[int] = []
        while (self.go(command), self.here["reason"])[1] not in ("entry", "end"):
            met.append(self.stop)
            assert len(met) == len(set(met)), f"{command} does not get away from stop {met[-1]}"
        return met


def build(path: Path, plan: list[Any]) -> Session:
    """A session whose cycles are `say`, `tool`, `tools2`, `fail` or a list: a sub-agent's cycles."""
    made = SessionBuilder(path)
    _agent(made.start("go"), plan, "0")
    return made.close()


def _agent(made: SessionBuilder, plan: list[Any], inv: str) -> None:
    below = 0
    for word in plan:
        made.cycle()
        if isinstance(word, list):
            _sub_agent(made, word, f"{inv}.{below}")
            below += 1
        elif word == "say":
            made.model("Well.").complete()
        else:
            _calls(made, 2 if word == "tools2" else 1, "boom" if word == "fail" else "")
    made.end()


def _calls(made: SessionBuilder, count: int, error: str) -> None:
    made.model("I call.", calls=[("calculator", {"expression": f"{n}+1"}) for n in range(count)])
    for index in [made.tool_start("calculator", {"expression": f"{n}+1"}) for n in range(count)]:
        made.tool_end(index, "calculator", {"expression": f"{index}+1"}, str(index + 1), error)
    made.results(*(str(n + 1) for n in range(count))).complete()


def _sub_agent(made: SessionBuilder, plan: list[Any], inv: str) -> None:
    made.model("I delegate.", calls=[("research", {"topic": inv})])
    index, outer = made.tool_start("research", {"topic": inv}), (made.inv, made.cycle_no, made._messages)
    made.start("sub", inv=inv, caller=made.seq - 1)
    _agent(made, plan, inv)
    made.inv, made.cycle_no, made._messages = outer
    made.tool_end(index, "research", {"topic": inv}, "found")
    made.results("found").complete()


def of(session: Session, *kinds: type[r.Record]) -> list[Any]:
    return [record for record in session.records() if isinstance(record, kinds)]
