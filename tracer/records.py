"""The session file, version 1: one Struct a record kind, and nothing else.

Encoder, decoder and JSON Schema come from these classes. A line is one record: compact JSON whose first key is
`kind`. Times are integers in nanoseconds: `t` since the header's `start` (monotonic), `start` since the Unix epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import msgspec
from msgspec import Struct

from tracer.parts import Failure, Parent, Totals, Usage, Where

__all__ = [
    "KINDS", "VERSION", "BadRecord", "Failure", "Parent", "Totals", "Usage", "Where",
    "decode", "decode_lines", "encode", "kind_of", "schema",
]  # fmt: skip
VERSION = 1


class Record(Struct, tag_field="kind", omit_defaults=True, gc=False):
    """What every record says: `seq` its line from 0, `t` its time, `inv` the invocation's path, `cycle` from 1."""

    seq: int = -1
    t: int = -1
    inv: str = ""
    cycle: int = 0


class Session(Record, tag="session"):
    """The header, always the first line: whose recording this is and what it ran on."""

    v: int = VERSION
    id: str = ""
    start: int = 0
    agent: str = ""
    runtime: str = ""
    versions: dict[str, str] = {}
    python: str = ""
    argv: list[str] = []
    cwd: str = ""
    git: dict[str, Any] = {}
    host: str = ""
    pid: int = 0
    pid_start: int = 0
    resource: dict[str, Any] = {}
    redaction: str = ""
    labels: dict[str, str] = {}
    parent: Parent | None = None
    socket: str = ""


class Content(Record, tag="content"):
    """A system prompt (`what`: system) or a tool list (tools), written once under its hash."""

    hash: str = ""
    what: str = ""
    value: Any = None


class InvocationStart(Record, tag="invocation_start"):
    """A `stream_async` call begins, or what a hook's `resume` opens in its stream; `caller` is the record of the
    tool call that a sub-agent was called from."""

    prompt: Any = None
    agent: str = ""
    agent_id: str = ""
    labels: dict[str, str] = {}
    traceparent: str = ""
    tracestate: str = ""
    conversation_id: str = ""
    caller: int | None = None


class InvocationEnd(Record, tag="invocation_end"):
    """How it ended. `ending`: end_turn, interrupt, error, cancelled, limit, max_tokens, refused (structured output),
    abandoned (the consumer went away), not_started (a hook cancelled it before it began). `result` is
    `AgentResult.to_dict()`."""

    ending: str = ""
    stop_reason: str = ""
    result: dict[str, Any] | None = None
    usage: Usage | None = None
    cost: float | None = None
    error: Failure | None = None

    @property
    def why(self) -> str:
        """The exception that left it, in words; of a cancellation only what was said with it."""
        if self.error is None:
            return ""
        return self.error.message if self.ending == "cancelled" else self.error.said


class CycleStart(Record, tag="cycle_start"):
    """`start_event_loop` was seen: a cycle begins."""


class CycleEnd(Record, tag="cycle_end"):
    """The stream said that the cycle is over: `ending` is complete or force_stop."""

    ending: str = "complete"


class ModelStart(Record, tag="model_start"):
    """A request: `messages` are seqs of message records, `system` and `tools` hashes of content records.

    With `base`, the seq of an earlier model_start, they follow on those of that request without its first `dropped`
    ones, and are `count` with them: a long run would otherwise repeat its history in each cycle.
    """

    attempt: int = 0
    model: str = ""
    params: dict[str, Any] = {}
    system: str = ""
    tools: str = ""
    messages: list[int] = []
    tool_choice: Any = None
    base: int | None = None
    dropped: int = 0
    count: int = 0

    @property
    def sent(self) -> int:
        """How many messages the request holds, its base's included."""
        return self.count if self.base is not None else len(self.messages)


class ModelEnd(Record, tag="model_end"):
    """The answer is over: `ttfc` is nanoseconds to the first chunk of content, `cost` USD (None: unknown)."""

    attempt: int = 0
    stop_reason: str = ""
    usage: Usage | None = None
    cost: float | None = None
    ttfc: int | None = None
    latency_ms: float | None = None
    error: Failure | None = None
    partial: dict[str, Any] | None = None


class BlockStart(Record, tag="block_start"):
    """A content block opens; `tool` and `tool_use_id` name the call that a tool_use block writes."""

    tool: str = ""
    tool_use_id: str = ""
    raw: dict[str, Any] | None = None


class Delta(Record, tag="delta"):
    """A piece of the open block: exactly one of text, reasoning, signature or input (raw text) is set.

    It stands for two events of the stream, the raw chunk and its cooked twin; `raw` is a chunk with other keys. An end
    that might begin a secret waits for the next delta: `lead` says how many of the first characters belong to each of
    the deltas before (the last `len(lead)` ones), `tail` that all do and this one is no event of its own.
    """

    text: str | None = None
    reasoning: str | None = None
    signature: str | None = None
    input: str | None = None
    lead: list[int] = []
    tail: bool = False
    raw: dict[str, Any] | None = None


class BlockStop(Record, tag="block_stop"):
    """The open content block closes."""

    raw: dict[str, Any] | None = None


class Message(Record, tag="message"):
    """A message of the conversation; `origin`: prompt, model, tools, history or manager.

    `silent`: it was not an event of the stream. `extra` holds the event's other keys (metadata, tracking id).
    """

    role: str = ""
    content: list[Any] = []
    origin: str = ""
    silent: bool = False
    extra: dict[str, Any] = {}


class ToolStart(Record, tag="tool_start"):
    """A tool call as the model proposed it, before any gate; `index` is its place among the message's calls."""

    index: int = 0
    tool_use_id: str = ""
    name: str = ""
    input: Any = None
    where: Where | None = None
    attempt: int = 0


class ToolStream(Record, tag="tool_stream"):
    """What a tool yielded on its way; `of` refers to the record of a sub-agent's event instead of repeating it.

    `twin`: of the two events that a delta stands for it is the second, the cooked one. `use`: {"toolUse": the call}
    where that is not as the message has it.
    """

    index: int = 0
    tool_use_id: str = ""
    data: Any = None
    of: int | None = None
    twin: bool = False
    use: dict[str, Any] = {}


class ToolEnd(Record, tag="tool_end"):
    """The tool's result: `input` as executed, `result` as the model will see it, `duration` in nanoseconds.

    `cancelled`: the words with which a hook or the debugger kept the tool from running: with a success for `status`
    the result was given in its place.
    """

    index: int = 0
    tool_use_id: str = ""
    name: str = ""
    input: Any = None
    result: Any = None
    status: str = ""
    error: Failure | None = None
    swallowed: list[Any] = []
    duration: int = 0
    attempt: int = 0
    cancelled: str = ""

    @property
    def refused(self) -> bool:
        """Whether the tool did not run, and the model was told an error."""
        return bool(self.cancelled) and self.status != "success"

    @property
    def failed(self) -> bool:
        """Whether the tool ran and failed."""
        return not self.refused and (self.status == "error" or self.error is not None)


class Event(Record, tag="event"):
    """Any dict of the stream that no other kind rebuilds, verbatim (what JSON cannot hold in a typed form).

    `untwinned`: the delta of that seq was not followed by its cooked twin; then `event` is empty.
    """

    event: dict[str, Any] = {}
    untwinned: int | None = None


class Throttled(Record, tag="throttled"):
    """The model was busy: the next attempt comes after `delay` seconds."""

    delay: float = 0
    attempt: int = 0


class ForceStop(Record, tag="force_stop"):
    """The loop was forced to stop: the stream's reason, and the exception's class where a hook told it."""

    reason: str = ""
    error: str = ""


class Log(Record, tag="log"):
    """A logged or printed line; `source`: logging, structlog, stdout or stderr; `tool_use_id` of its tool."""

    text: str = ""
    level: str = ""
    source: str = ""
    logger: str = ""
    fields: dict[str, Any] = {}
    tool_use_id: str = ""

    @property
    def failed(self) -> bool:
        """Whether its level tells of a failure."""
        return self.level.lower() in ("error", "critical", "fatal")


class LoopBlocked(Record, tag="loop_blocked"):
    """The asyncio loop is held up, `lag` nanoseconds so far, by the code at `where`; `over`: it was, for so long."""

    lag: int = 0
    where: Where | None = None
    tool_use_id: str = ""
    over: bool = False


class Stopped(Record, tag="stopped"):
    """The debugger holds the agent: stop `id`, at `point`, by breakpoint `breakpoint` (its text) or a step or pause."""

    id: int = 0
    point: str = ""
    breakpoint: str = ""
    reason: str = ""
    tool_use_id: str = ""
    index: int = 0
    name: str = ""
    viewers: int = 0


class Resumed(Record, tag="resumed"):
    """The stop `id` ended: `act` (continue, refuse, lost, timeout, detach ...), by `who`."""

    id: int = 0
    act: str = ""
    who: str = ""
    point: str = ""


class Edited(Record, tag="edited"):
    """A change on its way: `what` (prompt, system, message, request, tool, input, result), `path` in it, by `who`: the
    debugger's client (`stop` is set), "hook NAME" written at `where`, or "" for what was found changed by no hook."""

    what: str = ""
    path: str = ""
    before: Any = None
    after: Any = None
    who: str = ""
    where: Where | None = None
    tool_use_id: str = ""
    stop: int | None = None


class Gap(Record, tag="gap"):
    """`count` records could not be written before this one; 0: a part of the next one's value was too much for it."""

    count: int = 0
    reason: str = ""


class SessionEnd(Record, tag="session_end"):
    """The recording ended cleanly; a file without it is live or crashed. `totals`: of this file's own records; without
    them its reader has to sum up."""

    reason: str = ""
    totals: Totals | None = None


class Unknown(Record, tag="unknown"):
    """A record of a kind that this version does not know: kept as it is, and skipped by the fold."""

    raw: dict[str, Any] = {}


AnyRecord = (
    Session | Content | InvocationStart | InvocationEnd | CycleStart | CycleEnd | ModelStart | ModelEnd | BlockStart
    | Delta | BlockStop | Message | ToolStart | ToolStream | ToolEnd | Event | Throttled | ForceStop | Log | LoopBlocked
    | Stopped | Resumed | Edited | Gap | SessionEnd
)  # fmt: skip

KINDS: dict[str, type[Record]] = {cls.__struct_config__.tag: cls for cls in get_args(AnyRecord)}

_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(AnyRecord)
decode_lines: Callable[[bytes], list[Record]] = _decoder.decode_lines  # raises where one is not fine, skips empty ones
encode: Callable[[Record], bytes] = msgspec.json.Encoder().encode
"""The record's line, without its newline. Raises TypeError or ValueError on a value that JSON cannot hold."""


class BadRecord(ValueError):
    """A line that is not a record: not JSON, not an object, without `kind`, or with a field of the wrong type."""


def decode(line: bytes) -> Record:
    """The record that a line holds; of a kind unknown here, an `Unknown`. Raises BadRecord on anything else."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return _decode_foreign(line, error)


def _decode_foreign(line: bytes, error: Exception) -> Record:
    try:
        raw = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadRecord(str(error)) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("kind"), str) or raw["kind"] in KINDS:
        raise BadRecord(str(error)) from None
    seq, t, cycle = (value if isinstance(value := raw.get(key), int) else -1 for key in ("seq", "t", "cycle"))
    return Unknown(seq=seq, t=t, inv=str(raw.get("inv", "")), cycle=max(0, cycle), raw=raw)


def kind_of(record: Record) -> str:
    """The record's kind as the file spells it."""
    if isinstance(record, Unknown):
        return str(record.raw.get("kind", "unknown"))
    return str(record.__struct_config__.tag)


def schema() -> dict[str, Any]:
    """The JSON Schema of a line, generated from the Structs."""
    return msgspec.json.schema(AnyRecord)
