"""`attach`: from an agent to a session file, written as the agent speaks. Nothing here raises into the agent."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from agent_runtime.plain import plain
from tracer import records as r
from tracer.errors import TracerError
from tracer.ids import new_session_id
from tracer.journal.paths import session_path
from tracer.journal.writer import Writer
from tracer.recording.bounds import open_writer
from tracer.recording.content import Private
from tracer.recording.cuts import Cuts
from tracer.recording.every import EVERY
from tracer.recording.header import anonymous as make_anonymous
from tracer.recording.header import forked, header
from tracer.recording.place import CURRENT, LABELS, Place
from tracer.recording.places import Places, fingerprint
from tracer.recording.privacy import Privacy, Rule, privacy
from tracer.recording.redact import Redactor
from tracer.recording.run import Run
from tracer.recording.watch import Watch
from tracer.recording.wish import debug_wished, warned
from tracer.recording.words import clean

if TYPE_CHECKING:
    from tracer.debug import Debugger
    from tracer.otel.live import LiveExport

_log = logging.getLogger("tracer")
_recordings: weakref.WeakKeyDictionary[Any, Recording] = weakref.WeakKeyDictionary()


class Recording:
    """One session file that is being written. `failed` says why nothing is recorded, where nothing can be."""

    def __init__(
        self,
        agent: str = "",
        runtime: str = "agent_runtime",
        *,
        labels: dict[str, str] | None = None,
        id: str = "",
        anonymous: bool = False,
        privacy: Privacy | None = None,
        durable: bool = False,
    ) -> None:
        self.id = id or new_session_id()
        self.path: Path = session_path(self.id)
        self.failed = ""
        self.privacy = self._private(privacy)
        self.redactor = Redactor(anonymous=anonymous, patterns=self.privacy.patterns)
        self.durable = durable or os.environ.get("TRACER_DURABLE", "") not in ("", "0")
        self.debugger: Debugger | None = None
        self._export: LiveExport | None = None
        self._watches: weakref.WeakKeyDictionary[Any, Watch] = weakref.WeakKeyDictionary()
        self._undo: list[Callable[[], object]] = []
        self._on_watch: list[Callable[[Any], None]] = []
        self._contents: dict[bytes, str] = {}
        self._messages = Places(lambda: sum(watch.requests.size for watch in list(self._watches.values())))
        self._invocations = 0
        self._lock = threading.Lock()
        self._troubled = False
        self._cuts = Cuts(self.write)
        self.generation = 0
        self.runs: weakref.WeakSet[Run] = weakref.WeakSet()
        self._writer: Writer | None = None
        self._append: Callable[[r.Record], int] = lambda record: -1
        self.say: Callable[[str, int, str], int] = lambda inv, cycle, text: -1
        mode = ", ".join(filter(None, (self.redactor.mode, str(self.privacy))))
        first = header(self.id, agent, runtime, labels or {}, mode)
        first.argv = [self.redactor.text(word) for word in first.argv]  # a prompt may hold a key too
        self._header = make_anonymous(first) if anonymous else first
        self._open(self._header)

    def _private(self, given: Privacy | None) -> Privacy:
        """The user's rules; nothing is recorded where one of them is wrong."""
        try:
            return given or privacy()
        except TracerError as error:
            self.failed = str(error)
            return Privacy("metadata")

    def _open(self, first: r.Session) -> None:
        try:
            if not self.failed:
                self._writer = open_writer(self.path, self.durable, self._begun_again)
        except OSError as error:
            self.failed = f"cannot write {self.path}: {error.strerror or error}"
        if self._writer is None:
            _log.warning("nothing is recorded: %s", self.failed)
            return
        way = Private(self._writer.append, self.privacy) if self.privacy.judges else self._writer
        self._append, self.say = way.append, way.text
        self.write(first)
        self.failed = self._writer.failed
        EVERY.add(self)

    # what the rest of the recorder needs

    def write(self, record: r.Record) -> int:
        """Append a record, its words without secrets; its seq, or -1 where it could not be written. Thread-safe, never
        raises. Content (fields of type Any) comes through `plain` before."""
        clean(record, self.redactor.text, self.plain)
        return self._append(record)

    def now(self) -> int:
        """Nanoseconds since the session's start."""
        return time.monotonic_ns() - self._writer.t0 if self._writer else 0

    def plain(self, value: Any) -> Any:
        """A value as JSON holds it, without secrets."""
        return plain(value, self.redactor.text, self._cuts)

    def next_inv(self, outer: Run | None) -> str:
        """The path of an invocation that begins: the next top-level number, or the next below `outer`."""
        with self._lock:
            if outer is not None:
                outer.children += 1
                return f"{outer.inv}.{outer.children - 1}"
            self._invocations += 1
            return str(self._invocations - 1)

    def content(self, what: str, value: Any, run: Run) -> str:
        """Write a system prompt or tool list once; its hash."""
        known = fingerprint(value, self.plain)
        if (digest := self._contents.get(known)) is not None:
            return digest
        said = self.plain(value)
        digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]
        if digest not in tuple(self._contents.values()):
            run.write(r.Content(hash=digest, what=what, value=said))
        self._contents[known] = digest
        return digest

    def remember(self, message: dict[str, Any], seq: int) -> int:
        """Note where a message was written."""
        if seq >= 0:
            self._messages.put(self._fingerprint(message), seq)
        return seq

    def seq_of(self, message: dict[str, Any]) -> int | None:
        """Where a message with this role and content was written, if it was and that is not long ago."""
        return self._messages.get(self._fingerprint(message))

    def _fingerprint(self, message: dict[str, Any]) -> bytes:
        return fingerprint([message.get("role"), message.get("content")], self.plain)

    def trouble(self, error: BaseException) -> None:
        """Something went wrong in the recorder itself: told once, and kept in the file as a gap."""
        reason = type(error).__name__
        with contextlib.suppress(Exception):  # an exception that cannot be shown, a log handler that raises: not here
            reason = f"{reason}: {error}"
        with contextlib.suppress(Exception):
            self.write(r.Gap(count=1, reason=reason))
            if not self._troubled:
                self._troubled = True
                _log.warning("recording lost an event: %s", reason, exc_info=error)

    # what users and the debugger need

    def watch(self, agent: Any) -> None:
        """Record this agent too. Idempotent. Its agents-as-tools are recorded with it."""
        if agent in self._watches or self.over:
            return
        self._watches[agent] = Watch(self, agent)
        _recordings[agent] = self
        for callback in self._on_watch:
            callback(agent)
        registry = getattr(getattr(agent, "tool_registry", None), "registry", {})
        for tool in list(registry.values()):
            inner = getattr(tool, "agent", None) or getattr(tool, "_agent", None)
            if inner is not None and hasattr(inner, "stream_async"):
                self.watch(inner)

    def on_watch(self, callback: Callable[[Any], None]) -> None:
        """Call back for each agent of this recording, now and later."""
        self._on_watch.append(callback)
        for agent in list(self._watches):
            callback(agent)

    def position(self, agent: Any) -> tuple[str, int]:
        """(invocation path, cycle) where the agent is now; ("", 0) when it is idle."""
        watch = self._watches.get(agent)
        return watch.position() if watch else ("", 0)

    def place(self, agent: Any) -> tuple[str, int]:
        """(invocation path, cycle) where the agent is, or where it was last: for what comes late."""
        watch = self._watches.get(agent)
        if watch is None:
            return "", 0
        now = watch.position()
        return now if now[0] else watch.latest

    @property
    def closed(self) -> bool:
        """Whether nothing is written: any more, or, in a forked child, until an agent of it speaks."""
        return self._writer is None or self._writer.closed or self._writer.dormant

    @property
    def over(self) -> bool:
        """Whether nothing will be written any more."""
        return self._writer is None or self._writer.closed

    def detach(self) -> None:
        """Stop recording and let the agents be as they were."""
        for agent, watch in list(self._watches.items()):
            watch.release()
            _recordings.pop(agent, None)
        self._watches.clear()
        self.close("detached")

    def close(self, reason: str = "") -> None:
        """Write the clean end; the agents go on unrecorded. A second call does nothing."""
        if self.debugger is not None:
            self.debugger.close()
            self.debugger = None
        if self._writer is not None:
            self._writer.close(reason)
        if self._export is not None:
            report, self._export = self._export.close(), None
            if report.error:
                _log.warning("spans not sent: %s%s", report.error, f"; later: {report.rest}" if report.rest else "")
        for undo in self._undo:
            undo()
        self._undo.clear()
        _keep.pop(self.id, None)
        EVERY.discard(self)

    def at_close(self, undo: Callable[[], object]) -> None:
        """Call this when the recording closes."""
        self._undo.append(undo)

    def serve(self, debug: bool, otlp: str | None) -> None:
        """Open the debugger's socket, send spans; what cannot be done is a warning, since the agent goes on."""
        with warned():
            if debug and self.debugger is None:
                from tracer.debug import enable

                self.debugger = enable(self)
        with warned():
            if otlp and self._export is None:
                from tracer.otel.live import start_live

                self._export = start_live(self.path, otlp)

    def _begun_again(self, record: r.Record) -> None:
        """The file is a new one, as the old was deleted or this is a forked child: say again what it has to hold."""
        self._contents.clear()
        self._messages.clear()
        for watch in self._watches.values():
            watch.requests.forget()
        if isinstance(record, r.ModelStart):
            record.messages, record.base = [], None  # they are not in this file
        for run in sorted(self.runs, key=lambda run: len(run.inv)):
            if run.is_of(self) or f"{record.inv}.".startswith(f"{run.inv}."):  # not what runs in the parent process
                run.say_again(record)

    def forked(self) -> None:
        """In the child: the file stays the parent's; what the child's agents say begins a session of its own."""
        if self._writer is None or self._writer.closed:
            return
        self._lock, self._export, self._cuts = threading.Lock(), None, Cuts(self.write)
        self._messages.clear()
        for watch in list(self._watches.values()):
            watch.requests.unsure()
        place, last = CURRENT.get(), max(0, self._writer.seq - 1)
        call = place.seq if place is not None and place.run.recording is self else None
        parent = self._header.parent if self._writer.dormant else r.Parent(self.id, last if call is None else call)
        kept = _keep.pop(self.id, None)
        self.id = new_session_id()
        self.path = session_path(self.id)
        self._header = forked(self._header, self.id, parent)
        self._writer.fork(self.path, self._header)
        self.generation += 1
        if kept is not None:
            _keep[self.id] = self


def attach(
    agent: Any,
    *,
    labels: dict[str, str] | None = None,
    debug: bool = False,
    otlp: str | None = None,
    redact: Iterable[Rule] = (),
    record: str = "",
    durable: bool = False,
) -> Recording:
    """Record everything this agent does from now on, in a new session file; `async for ...` stays as it was.

    Works on `agent_runtime.Agent` and on a stock `strands.Agent`. Idempotent: a second call returns the same recording.
    `labels` go into the header, `debug` opens the debugger's socket, `otlp` sends spans to that endpoint as they end.
    `redact` adds rules to those of $TRACER_REDACT: regular expressions, `TOOL:/json/pointer`, functions from text to
    text. `record="metadata"` keeps all content out; with `durable` each record is on the disk before its event is seen.
    Raises TypeError where `agent` is no such agent or `labels` no dict, TracerError where a rule is wrong. What cannot
    be written is told by a warning and in `.failed`.
    """
    found = _recordings.get(agent) if hasattr(agent, "stream_async") else None
    if found is not None and not found.over:
        if labels:
            _log.warning("the recording has begun: labels %s come too late; `tracer.label` is for invocations", labels)
        found.serve(debug, otlp)
        return found
    if not hasattr(agent, "stream_async"):
        raise TypeError(f"attach needs an agent with `stream_async`, not {type(agent).__qualname__}")
    runtime = type(agent).__module__.partition(".")[0]
    rules = privacy(redact, record) if redact or record else None
    recording = Recording(str(getattr(agent, "name", "") or ""), runtime, labels=labels, privacy=rules, durable=durable)
    recording.watch(agent)
    _discover()
    weakref.finalize(agent, _end_with_agent, weakref.ref(recording)).atexit = False
    _keep[recording.id] = recording
    if not recording.failed:
        recording.serve(debug_wished() or debug, otlp)
    return recording


_keep: dict[str, Recording] = {}


def _end_with_agent(ref: weakref.ref[Recording]) -> None:
    recording = ref()
    if recording is not None:
        recording.close("the agent went")


@contextmanager
def label(**labels: str) -> Iterator[None]:
    """Label the invocations that begin inside: `with tracer.label(request_id="r-91"): ...`."""
    before = LABELS.get()
    LABELS.set({**(before or {}), **{key: str(value) for key, value in labels.items()}})
    try:
        yield
    finally:
        LABELS.set(before)


def current() -> Place | None:
    """Where the calling code runs: its run (recording, inv, cycle) and tool call; None outside recorded agents."""
    return CURRENT.get()


def record_program(
    name: str = "",
    *,
    runtime: str = "agent_runtime",
    labels: dict[str, str] | None = None,
    id: str = "",
    anonymous: bool = False,
) -> Recording:
    """Record every agent that this process makes from now on, of either runtime, in one session named `name`.

    `anonymous` leaves out what tells of the machine and its user. Where nothing can be written, `.failed` says why.
    """
    from tracer.recording.program import on_every_agent

    recording = Recording(name, runtime, labels=labels, id=id, anonymous=anonymous)
    if not recording.failed:
        recording.at_close(on_every_agent(recording.watch))
    _keep[recording.id] = recording
    return recording


_discovering = False


def _discover() -> None:
    """Agents that a recorded agent's tools make are recorded with it."""
    global _discovering  # noqa: PLW0603 - one process, one registration
    if _discovering:
        return
    _discovering = True
    from agent_runtime.hooks import on_agent

    on_agent(_made)


def _made(agent: Any) -> None:
    place = CURRENT.get()
    if place is not None and not place.run.recording.over:
        place.run.recording.watch(agent)


__all__ = ["Recording", "TracerError", "attach", "current", "label"]
