"""One invocation while it is recorded: what its stream said so far, and the records that each event makes."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from tracer import records as r
from tracer.parts import add_usage
from tracer.recording.place import Place
from tracer.recording.tail import Tail

if TYPE_CHECKING:
    from tracer.recorder import Recording
    from tracer.recording.watch import Watch

# What stock Strands merges into its events: live objects of the loop, not what the event says.
MERGED = frozenset(
    (
        "agent",
        "event_loop_cycle_id",
        "event_loop_cycle_span",
        "event_loop_cycle_trace",
        "event_loop_parent_cycle_id",
        "messages",
        "model",
        "request_state",
        "system_prompt",
        "tool_config",
    )
)
_INNER = 1024  # how far a sub-agent may run ahead of what its tool passes on
_ENDING_OF_ERROR = {"MaxTokensReachedException": "max_tokens", "StructuredOutputException": "refused"}
_ENDING_OF_STOP = {"interrupt": "interrupt", "cancelled": "cancelled"}


class Run:
    """The state of one invocation. `event` takes each dict of the stream; hooks fill in what it does not say. `next` is
    the invocation that a hook opened after it, in the same stream."""

    def __init__(self, watch: Watch, inv: str, merged: frozenset[str]) -> None:
        self.watch = watch
        self.recording = recording = watch.recording
        self.generation = recording.generation
        self.inv = inv
        self._began = r.InvocationStart()
        self._thread = threading.current_thread()
        self.called_with: tuple[Any, Place | None] = (None, None)
        self.next: Run | None = None
        self.cycle = 0
        self.attempt = 0
        self.place = Place(self)
        self.children = 0
        self.inner_events: dict[int, tuple[Any, int, bool]] = {}
        self.calls: list[dict[str, Any]] = []
        self._told = self.calls
        self.started: dict[int, r.ToolStart] = {}
        self.running: dict[int, Any] = {}
        self.model_began: int | None = None
        self.ttfc: int | None = None
        self.stop_reason = ""
        self.metadata: dict[str, Any] = {}
        self.failure = ""
        self.ended = False
        self.last_seq = -1
        self.usage = r.Usage()
        self.cost: float | None = None
        self._merged = merged
        # A key and value of the event that the last record stands for too.
        self.twin: tuple[str, Any, int] | None = None
        self._init_seen = False
        self._text = recording.redactor.text
        self._tail = Tail(recording.redactor)
        self._tail_of = "text"
        self._append, self.say = recording._append, recording.say
        # Tells whether the next piece of the open block of text may be written as it is; None where there is none.
        self.passes: Callable[[str], bool] | None = None

    @property
    def latest(self) -> Run:
        """The invocation that the stream has come to."""
        run = self
        while run.next is not None:
            run = run.next
        return run

    @property
    def open_tool(self) -> str:
        """The tool use id of the call that runs, where just one does."""
        running = list(self.running.values())  # asked from another thread
        return str(running[0].tool_use.get("toolUseId", "")) if len(running) == 1 else ""

    def write(self, record: r.Record) -> int:
        """Append a record of this invocation, with its path and cycle."""
        if self._tail.waits and type(record) is not r.Delta:
            self._flush()
        record.inv, record.cycle = self.inv, self.cycle
        self.last_seq = seq = self.recording.write(record)
        return seq

    def _flush(self) -> None:
        """Write what waited in case it began a secret: no more of its block comes."""
        said, lead = self._tail.rest()
        record = r.Delta(lead=lead, tail=True)
        setattr(record, self._tail_of, said)
        self.write(record)

    def _piece(self, kind: str, text: str, raw: Any) -> int:
        """Write a piece of the open block, but for an end that may begin a secret."""
        if kind != self._tail_of:
            if self._tail.waits:
                self._flush()
            self._tail_of = kind
        said, lead = self._tail.take(text)
        record = r.Delta(inv=self.inv, cycle=self.cycle, lead=lead, raw=raw)
        setattr(record, kind, said)
        self.last_seq = seq = self._append(record)
        return seq

    def begin(self, record: r.InvocationStart) -> None:
        """Write the first record of this invocation."""
        self._began = record
        self.recording.runs.add(self)
        self.write(record)

    def say_again(self, record: r.Record) -> None:
        """The file begins anew just before `record`: say there that this invocation and its cycle are open."""
        if self.ended or record is self._began:
            return
        self._append(msgspec.structs.replace(self._began, t=-1, caller=None))
        if self.cycle and type(record) is not r.CycleStart:
            self._append(r.CycleStart(inv=self.inv, cycle=self.cycle))

    def is_of(self, recording: Recording) -> bool:
        """Whether it is an invocation of this recording, and of this process and not of one that it was forked from."""
        return self.recording is recording and self.generation == recording.generation

    @property
    def outlives_main(self) -> bool:
        """Whether it still runs, in a thread that goes on while the interpreter ends."""
        return not self.ended and self._thread.daemon and self._thread.is_alive()

    # the stream

    def event(self, event: dict[str, Any]) -> None:
        """Record one event of the stream, but for the twin of the one before; in the kernel when this returns."""
        if self.twin is not None:
            self.untwinned()
        if (passes := self.passes) is not None:
            # Most events are text that hides nothing: what `_chunk` does with one, without the calls.
            try:
                text = (delta := (body := (chunk := event["event"])["contentBlockDelta"])["delta"])["text"]
                alone = len(event) == len(chunk) == len(body) == len(delta) == 1
            except (KeyError, TypeError, IndexError):
                alone, self.passes = False, None
            if alone and type(text) is str and passes(text):
                self.last_seq = seq = self.say(self.inv, self.cycle, text)
                self.twin = ("data", text, seq)
                return
        if len(event) == 1 and isinstance(chunk := event.get("event"), dict) and len(chunk) == 1:
            self._chunk(chunk, event)
            return
        for key, step in _EVENTS:
            if key in event:
                step(self, event)
                return
        self.verbatim(event)

    def untwinned(self) -> None:
        """Say of a delta, if it waits for its twin, that the consumer never saw that."""
        if self.twin is not None:
            twin, self.twin = self.twin, None
            self.write(r.Event(untwinned=twin[2]))

    def verbatim(self, event: dict[str, Any]) -> None:
        """Keep a dict that no other kind rebuilds, without what stock Strands merges in."""
        kept = {k: v for k, v in event.items() if k not in self._merged} if self._merged else event
        self.write(r.Event(event=self.recording.plain(kept)))

    def _chunk(self, chunk: dict[str, Any], event: dict[str, Any]) -> None:
        body = chunk.get("contentBlockDelta")
        if body is not None:
            delta = body.get("delta") or {}
            if self.ttfc is None:
                self._first_content()
            raw = None if len(body) == len(delta) == 1 else self._other_keys(body, delta)
            text = delta.get("text")
            if text is not None:
                self.twin = ("data", text, self._piece("text", text, raw))
                self.passes = self._tail.passes
            else:
                self._delta(delta, raw, event)
        elif (start := chunk.get("contentBlockStart")) is not None:
            self._block_start(start, chunk)
        elif (stop := chunk.get("contentBlockStop")) is not None:
            self.write(r.BlockStop(raw=self.recording.plain(chunk) if stop else None))
        else:
            self.stop_reason = (chunk.get("messageStop") or {}).get("stopReason", self.stop_reason)
            self.metadata = chunk.get("metadata") or self.metadata
            self.verbatim(event)

    def _block_start(self, start: dict[str, Any], chunk: dict[str, Any]) -> None:
        use = (start.get("start") or {}).get("toolUse") or {}
        name, use_id = use.get("name", ""), use.get("toolUseId", "")
        self._first_content()
        plain_form = start in ({"start": {}}, {"start": {"toolUse": {"name": name, "toolUseId": use_id}}})
        raw = None if plain_form else self.recording.plain(chunk)
        if self._tail.waits:
            self._flush()
        self._tail.reset()
        self.write(r.BlockStart(tool=name, tool_use_id=use_id, raw=raw))

    def _delta(self, delta: dict[str, Any], raw: Any, event: dict[str, Any]) -> None:
        """A piece of something other than text."""
        if "toolUse" in delta:
            use = delta["toolUse"]
            if named := {key: use[key] for key in ("toolUseId", "name") if key in use}:
                # Some models name the tool only here. Its input is the record's, which keeps secrets in pieces back.
                raw = {**(raw or {}), "named": self.recording.plain(named)}
            self.twin = ("type", "tool_use_stream", self._piece("input", use.get("input", ""), raw))
        elif (thought := delta.get("reasoningContent") or {}).get("text") is not None:
            self.twin = ("reasoningText", thought["text"], self._piece("reasoning", thought["text"], raw))
        elif thought.get("signature") is not None:
            if self._tail.waits:
                self._flush()
            seq = self.write(r.Delta(signature=self._text(thought["signature"]), raw=raw))
            self.twin = ("reasoning_signature", thought["signature"], seq)
        else:
            self.verbatim(event)

    def _other_keys(self, body: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
        """A delta's chunk without what the record's own field says."""
        kept = body if len(delta) != 1 else {key: value for key, value in body.items() if key != "delta"}
        return {"contentBlockDelta": self.recording.plain(kept)}

    def _first_content(self) -> None:
        if self.ttfc is None and self.model_began is not None:
            self.ttfc = self.recording.now() - self.model_began

    def _init(self, event: dict[str, Any]) -> None:
        self._init_seen = True
        self.write(r.Event(event={"init_event_loop": True}))

    def _start(self, event: dict[str, Any]) -> None:
        self.write(r.Event(event={"start": True}))

    def _start_event_loop(self, event: dict[str, Any]) -> None:
        self.cycle += 1
        self.attempt, self.calls, self.started, self.running = 0, [], {}, {}
        self.write(r.CycleStart())

    def _message(self, event: dict[str, Any]) -> None:
        message = event["message"]
        role = message.get("role", "")
        self.calls = [b["toolUse"] for b in message.get("content", ()) if "toolUse" in b] if role == "assistant" else []
        self._told = self.calls
        extra = {k: v for k, v in message.items() if k not in ("role", "content")}
        self.message(message, "model" if role == "assistant" else "tools", silent=False, extra=extra)

    def message(self, message: dict[str, Any], origin: str, silent: bool, extra: dict[str, Any] | None = None) -> int:
        """Write a message once and remember where, so that requests can refer to it."""
        plain = self.recording.plain
        content = plain(message.get("content", []))
        record = r.Message(role=message.get("role", ""), content=content, origin=origin, silent=silent)
        record.extra = plain(extra) if extra else {}
        return self.recording.remember(message, self.write(record))

    def _complete(self, event: dict[str, Any]) -> None:
        if event == {"complete": True}:
            self.write(r.CycleEnd(ending="complete"))
        else:
            self.verbatim(event)

    def _force_stop(self, event: dict[str, Any]) -> None:
        reason = self._text(str(event.get("force_stop_reason", "")))
        said = self.write(r.ForceStop(reason=reason, error=self.failure))
        self.write(r.CycleEnd(ending="force_stop"))
        self.last_seq = said

    def _throttled(self, event: dict[str, Any]) -> None:
        self.write(r.Throttled(delay=float(event["event_loop_throttled_delay"]), attempt=self.attempt))

    def _tool_stream(self, event: dict[str, Any]) -> None:
        body = event["tool_stream_event"]
        use, data = body.get("tool_use") or {}, body.get("data")
        index = self.index_of(use)
        record = r.ToolStream(index=index, tool_use_id=use.get("toolUseId", ""))
        if not 0 <= index < len(self._told) or use != self._told[index]:
            record.use = {"toolUse": self.recording.plain(use)}
        if (inner := self.inner_events.pop(id(data), None)) is not None:
            record.of, record.twin = inner[1:]
        else:
            record.data = self.recording.plain(data)
        self.write(record)

    def index_of(self, use: dict[str, Any]) -> int:
        """The place of a call among the message's calls, -1 where it is none of them. Of two with one id it is the one
        that runs with this very input."""
        use_id, value = use.get("toolUseId"), use.get("input")
        for index, begun in self.running.items():
            if begun.tool_use.get("toolUseId") == use_id and begun.tool_use.get("input") is value:
                return index
        same = [i for i, call in enumerate(self.calls) if call.get("toolUseId") == use_id]
        return next((i for i in same if i in self.running), same[0] if same else -1)

    def inner(self, event: Any, seq: int, twin: bool) -> None:
        """A sub-agent yielded this dict, recorded at `seq` (or the cooked twin of what is): if a tool passes it on,
        that is not written again."""
        if len(self.inner_events) >= _INNER:
            del self.inner_events[next(iter(self.inner_events))]
        self.inner_events[id(event)] = (event, seq, twin)  # holding it keeps its id its own

    def index_to_start(self, use: dict[str, Any], place: Place | None) -> int:
        """The place of a call that starts: of those with its id the one that is repeated here, or one that has not
        begun, best with its input; a new one if it is unknown."""
        use_id = use.get("toolUseId", "")
        if place is not None and place.run is self and place.tool_use_id == use_id and place.index not in self.running:
            return place.index
        same = [i for i, call in enumerate(self.calls) if call.get("toolUseId") == use_id]
        fresh = [i for i in same if i not in self.started]
        fresh = [i for i in fresh if self.calls[i].get("input") == use.get("input")] or fresh or same
        return fresh[0] if fresh else max([len(self.calls) - 1, *self.started]) + 1

    # the end

    def _result(self, event: dict[str, Any]) -> None:
        result = event["result"]
        dump = getattr(result, "to_dict", None)
        record = self._ending_of(result)
        record.result = self.recording.plain(dump() if callable(dump) else {"repr": repr(result)})
        self._end(record)

    def _ending_of(self, result: Any) -> r.InvocationEnd:
        stop = str(getattr(result, "stop_reason", ""))
        ending = _ENDING_OF_STOP.get(stop, "limit" if stop.startswith("limit_") else "end_turn")
        return r.InvocationEnd(ending=ending if self._init_seen else "not_started", stop_reason=stop)

    def resumed(self, result: Any) -> None:
        """It ended, and the stream goes on with another: no event of the stream holds its result."""
        self._end(self._ending_of(result))

    def fail(self, error: BaseException) -> None:
        """An exception leaves the stream."""
        name = type(error).__name__
        ending = "cancelled" if name == "CancelledError" else _ENDING_OF_ERROR.get(name, "error")
        self._end(r.InvocationEnd(ending=ending, error=failure(error, self._text)))

    def abandon(self) -> None:
        """The consumer went away before the end."""
        self._end(r.InvocationEnd(ending="abandoned"))

    def _end(self, record: r.InvocationEnd) -> None:
        if self.ended:
            return
        self.ended = True
        if self._tail.waits:
            self._flush()
        self.untwinned()
        record.usage, record.cost = (self.usage if self.usage != r.Usage() else None), self.cost
        record.inv = self.inv
        self.last_seq = self.recording.write(record)

    def add(self, usage: r.Usage | None, cost: float | None) -> None:
        """Count one model call towards the invocation's totals."""
        if usage:
            self.usage = add_usage(self.usage, usage)
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost


def failure(error: BaseException, text: Any) -> r.Failure:
    """The class, message and traceback of an exception, redacted."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    lines = traceback.format_exception(kind, error, error.__traceback__, limit=-40)
    try:
        message = str(error)
    except Exception as unsaid:
        message = f"<its __str__ raised {type(unsaid).__name__}>"
    return r.Failure(name, text(message), text("".join(lines)))


_EVENTS = (
    ("start_event_loop", Run._start_event_loop),
    ("start", Run._start),
    ("message", Run._message),
    ("complete", Run._complete),
    ("force_stop", Run._force_stop),
    ("result", Run._result),
    ("tool_stream_event", Run._tool_stream),
    ("init_event_loop", Run._init),
    ("event_loop_throttled_delay", Run._throttled),
)
