"""Test factories: a session of any shape in one line. For this project and for its users."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tracer import records as r
from tracer.session import Session

MS = 1_000_000


class SessionBuilder:
    """Writes a session file record by record on a clock of its own (`t`, nanoseconds; each step takes `ms`).

    >>> SessionBuilder(path).start("2+2?").cycle().model("4").end().close()
    """

    def __init__(self, path: Path, agent: str = "tester", **header: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self._file = path, path.open("wb")
        self.t = self.seq = 0
        self.inv, self.cycle_no, self.attempt, self._tool_index = "0", 0, 0, 0
        self._next_inv = 0
        self._messages: list[int] = []
        self._agent = agent
        base: dict[str, Any] = {
            "id": path.stem,
            "start": 1_700_000_000_000_000_000,
            "agent": agent,
            "host": "localhost",
        }
        self.put(r.Session(**{**base, "runtime": "agent_runtime", "versions": {"tracer": "0.1.0"}, **header}))

    def put(self, record: r.Record, ms: float = 1) -> int:
        """Append a record as the next line, `ms` later; its position is filled in. Returns its seq."""
        self.t += int(ms * MS) if self.seq else 0
        record.seq, record.t = self.seq, self.t
        if not isinstance(record, (r.Session, r.SessionEnd)):
            record.inv, record.cycle = record.inv or self.inv, record.cycle or self.cycle_no
        self._file.write(r.encode(record) + b"\n")
        self.seq += 1
        return record.seq

    def start(self, prompt: str = "hello", inv: str = "", caller: int | None = None) -> SessionBuilder:
        """An invocation begins, with its prompt message; `inv` defaults to the next top-level one."""
        self.inv, self.cycle_no = inv or str(self._next_inv), 0
        self._next_inv += not inv
        self.put(r.InvocationStart(prompt=prompt, agent=self._agent, agent_id="default", caller=caller))
        self._messages = [self.put(r.Message(role="user", content=[{"text": prompt}], origin="prompt", silent=True))]
        self.put(r.Event(event={"init_event_loop": True}))
        return self

    def cycle(self) -> SessionBuilder:
        """The next cycle begins."""
        self.cycle_no, self.attempt, self._tool_index = self.cycle_no + 1, 0, 0
        self.put(r.CycleStart())
        return self

    def model(
        self,
        text: str = "",
        think: str = "",
        calls: list[tuple[str, Any]] | None = None,
        usage: tuple[int, int] | None = (11, 7),
        cost: float | None = None,
        error: str = "",
        ms: float = 40,
    ) -> SessionBuilder:
        """A model call that streams reasoning, text and tool calls (name, input); `error` then fails it."""
        self.put(r.ModelStart(attempt=self.attempt, model="scripted/demo", messages=list(self._messages)))
        content = self._blocks(text, think, calls or [], ms)
        counted = r.Usage(usage[0], usage[1], sum(usage)) if usage else None
        reason = "tool_use" if calls else "end_turn"
        end = r.ModelEnd(
            attempt=self.attempt, stop_reason="" if error else reason, usage=counted, cost=cost, ttfc=5 * MS
        )
        if error:
            end.error, end.partial = r.Failure("RuntimeError", error), {"role": "assistant", "content": content}
        self.put(end, ms)
        self.attempt += 1
        if not error:
            self._messages.append(self.put(r.Message(role="assistant", content=content, origin="model")))
        return self

    def _blocks(self, text: str, think: str, calls: list[tuple[str, Any]], ms: float) -> list[Any]:
        content: list[Any] = []
        if think:
            self._stream(think, "reasoning", r.BlockStart(), ms)
            content.append({"reasoningContent": {"reasoningText": {"text": think}}})
        if text:
            self._stream(text, "text", r.BlockStart(), ms)
            content.append({"text": text})
        for number, (name, value) in enumerate(calls):
            use_id = f"call_{self.cycle_no}_{number}"
            raw = json.dumps(value)
            self._stream(raw, "input", r.BlockStart(tool=name, tool_use_id=use_id), ms)
            content.append({"toolUse": {"toolUseId": use_id, "name": name, "input": value}})
        return content

    def _stream(self, text: str, field: str, opening: r.BlockStart, ms: float) -> None:
        self.put(opening)
        pieces = [text[i : i + 12] for i in range(0, len(text), 12)]
        for piece in pieces:
            delta = r.Delta()
            setattr(delta, field, piece)
            self.put(delta, ms / len(pieces))
        self.put(r.BlockStop())

    def tool(self, name: str, value: Any = None, result: str = "ok", error: str = "", ms: float = 30) -> SessionBuilder:
        """A tool call from start to end, after a model call that asked for it."""
        return self.tool_end(self.tool_start(name, value), name, value, result, error, ms)

    def tool_start(self, name: str, value: Any = None) -> int:
        """Only its start; returns its index for tool_end (tools started before one ends run in parallel)."""
        index, self._tool_index = self._tool_index, self._tool_index + 1
        use_id = f"call_{self.cycle_no}_{index}"
        self.put(
            r.ToolStart(index=index, tool_use_id=use_id, name=name, input=value, where=r.Where("tools.py", 7, name))
        )
        return index

    def tool_end(
        self, index: int, name: str, value: Any = None, result: str = "ok", error: str = "", ms: float = 30
    ) -> SessionBuilder:
        """The end of the call at `index`; `error` makes it fail with that message."""
        status, use_id = ("error" if error else "success"), f"call_{self.cycle_no}_{index}"
        said = {"toolUseId": use_id, "status": status, "content": [{"text": error or result}]}
        end = r.ToolEnd(index=index, tool_use_id=use_id, name=name, input=value, result=said, status=status)
        end.duration = int(ms * MS)
        if error:
            end.error = r.Failure("RuntimeError", error)
        self.put(end, ms)
        return self

    def results(self, *results: str) -> SessionBuilder:
        """The user message with the tools' results."""
        ids = [f"call_{self.cycle_no}_{i}" for i in range(len(results))]
        said = [
            {"toolUseId": i, "status": "success", "content": [{"text": t}]} for i, t in zip(ids, results, strict=True)
        ]
        content = [{"toolResult": result} for result in said]
        self._messages.append(self.put(r.Message(role="user", content=content, origin="tools")))
        return self

    def complete(self) -> SessionBuilder:
        """The cycle completes."""
        self.put(r.CycleEnd(ending="complete"))
        return self

    def force_stop(self, reason: str, error: str = "RuntimeError") -> SessionBuilder:
        """The cycle is forced to stop."""
        self.put(r.ForceStop(reason=reason, error=error))
        self.put(r.CycleEnd(ending="force_stop"))
        return self

    def end(self, ending: str = "end_turn", error: str = "") -> SessionBuilder:
        """The invocation ends as `ending`; `error` is the message of the exception that left it."""
        failure = r.Failure("RuntimeError", error, "Traceback ...") if error else None
        result = None if error else {"type": "agent_result", "stop_reason": ending}
        self.put(r.InvocationEnd(ending=ending, stop_reason="" if error else ending, result=result, error=failure))
        return self

    def close(self, clean: bool = True) -> Session:
        """Write the clean end (or leave the file as a crash does) and open the session."""
        if clean:
            self.inv, self.cycle_no = "", 0
            self.put(r.SessionEnd(reason="done"))
        self._file.close()
        return Session(self.path)


def build_session(path: Path, shape: str = "tool say") -> Session:
    """A session of the given shape: words are cycles (say, think, tool, tools3, toolerror); the last may end it.

    Endings: `fail` (the model fails in a last cycle), `abandon`, `crash` (no end at all). Without one: end_turn.
    """
    words = shape.split()
    ending = words.pop() if words and words[-1] in ("fail", "abandon", "crash") else "end_turn"
    build = SessionBuilder(path).start("please " + shape)
    for word in words:
        _cycle(build.cycle(), word)
    if ending == "fail":
        build.cycle().model("I was about to", error="connection reset").force_stop("connection reset")
        build.end("error", "connection reset")
    elif ending != "crash":
        build.end("abandoned" if ending == "abandon" else "end_turn")
    return build.close(clean=ending != "crash")


def _cycle(build: SessionBuilder, word: str) -> None:
    if word in ("say", "think"):
        build.model("The answer is forty-nine.", think="Let me see." if word == "think" else "").complete()
        return
    count = int(word.removeprefix("tools")) if word.startswith("tools") else 1
    inputs = [{"expression": f"{n}*7"} for n in range(count)]
    build.model("Let me compute.", calls=[("calculator", value) for value in inputs])
    started = [build.tool_start("calculator", value) for value in inputs]
    for index, value in zip(started, inputs, strict=True):
        error = "Error: division by zero" if word == "toolerror" else ""
        build.tool_end(index, "calculator", value, str(index * 7), error)
    build.results(*(str(n * 7) for n in range(count))).complete()


def digest(path: Path) -> str:
    """A hash of a file's bytes, to see that reading left it as it was."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
