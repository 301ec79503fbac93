"""Watching one agent through its public seam alone: its hooks and its `stream_async`."""

from __future__ import annotations

import asyncio
import functools
import importlib
import os
import weakref
from collections.abc import AsyncIterator, Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from agent_runtime.hooks import unwatched
from agent_runtime.tap import inside
from tracer import records as r
from tracer.recording.edited import edited
from tracer.recording.inbound import inbound
from tracer.recording.place import CURRENT, LABELS, Place
from tracer.recording.requests import Requests
from tracer.recording.run import MERGED, Run, failure
from tracer.recording.swallowed import SWALLOWED
from tracer.recording.tap import StreamTap

if TYPE_CHECKING:
    from tracer.recorder import Recording

FIRST, LAST = -1000, 2000


def hooks_of(agent: Any) -> ModuleType:
    """The hooks module of the package that the agent's class comes from. Raises TypeError where there is none."""
    for kind in type(agent).__mro__:
        try:
            return importlib.import_module(kind.__module__.partition(".")[0] + ".hooks")
        except ImportError:
            continue
    raise TypeError(f"{type(agent).__qualname__} is not an agent with Strands' hooks")


class Watch:
    """The hooks and the wrapped stream of one agent; `release` undoes them (stock hooks fall silent)."""

    def __init__(self, recording: Recording, agent: Any) -> None:
        self.recording = recording
        self._agent = weakref.ref(agent)
        self._module = hooks_of(agent)
        self._merged = MERGED if self._module.__name__.startswith("strands.") else frozenset()
        self._undo: list[Callable[[], None]] = []
        self.run: Run | None = None
        self.latest = ("", 0)
        self.requests = Requests()
        self._told_of_edits = hasattr(self._module, "EditedEvent")
        self._subscribe(agent)
        self._wrapper: Callable[[], Any] = lambda: None
        if _has_tap(agent):
            agent.tap = self._tap
            return
        # it holds the agent, as the method does that it stands for; held here, it would live as long as the recording
        wrapper = functools.partial(self._stream, agent, agent.__dict__.get("stream_async"))
        self._wrapper = weakref.ref(wrapper)
        agent.stream_async = wrapper

    def _subscribe(self, agent: Any) -> None:
        for name, order, callback in (
            ("MessageAddedEvent", LAST, self._message_added),
            ("BeforeModelCallEvent", LAST, self._before_model),
            ("AfterModelCallEvent", LAST, self._after_model),
            ("BeforeToolCallEvent", FIRST, self._before_tool),
            ("AfterToolCallEvent", LAST, self._after_tool),
            ("ForceStopEvent", LAST, self._force_stop),
            ("AfterInvocationEvent", LAST, self._after_invocation),
            ("EditedEvent", LAST, self._edited),
        ):
            kind = getattr(self._module, name, None)
            if kind is not None:
                undo = agent.add_hook(callback, kind, order=order)
                self._undo += [undo] if callable(undo) else []

    def release(self) -> None:
        """Give the agent its own stream back."""
        agent, wrapper = self._agent(), self._wrapper()
        if agent is not None and getattr(agent, "tap", None) == self._tap:
            agent.tap = None
        if agent is not None and wrapper is not None and agent.__dict__.get("stream_async") is wrapper:
            del agent.stream_async
            if wrapper.args[1] is not None:
                agent.stream_async = wrapper.args[1]
        for undo in self._undo:
            undo()
        self._undo.clear()

    # the stream

    def _tap(self, prompt: Any, state: Any) -> StreamTap:
        """An invocation begins."""
        place = CURRENT.get()
        outer = place if place is not None and place.run.is_of(self.recording) else None
        return StreamTap(self, self._begin(prompt, state, outer), outer)

    async def _stream(self, agent: Any, original: Any, *args: Any, **kwargs: Any) -> AsyncIterator[dict[str, Any]]:
        """The stream of an agent that has no tap."""
        inner = (original or type(agent).stream_async.__get__(agent))(*args, **kwargs)  # may refuse what it is given
        tap = self._tap(args[0] if args else kwargs.get("prompt"), kwargs.get("invocation_state"))
        step, take, enter, leave = inner.__anext__, tap.event, CURRENT.set, CURRENT.reset
        try:
            while True:
                # never held across a yield: the generator may be closed from another context
                token = enter(tap.value)
                try:
                    event = await step()
                finally:
                    leave(token)
                take(event)
                yield event
        except StopAsyncIteration:
            return
        except (Exception, asyncio.CancelledError) as error:
            tap.failed(error)
            raise
        finally:
            # its own generator first: what its hooks still say belongs to the run
            tap.left(False)
            try:
                await inside(tap, inner.aclose())
            finally:
                tap.over()

    def _begin(self, prompt: Any, state: Any, outer: Place | None) -> Run:
        self.guard(self.recording.redactor.learn, os.environ)
        self.requests.unsure()  # between two invocations the history is the program's own, and nobody tells
        run = Run(self, self.recording.next_inv(outer.run if outer else None), self._merged_keys(state))
        run.called_with = (state, outer)
        self.guard(self._say_begin, run, prompt, state, outer)
        return run

    def _say_begin(self, run: Run, prompt: Any, state: Any, outer: Place | None) -> None:
        agent, came = self._agent(), inbound(None if outer else state)  # a sub-agent's caller is in this file
        record = r.InvocationStart(
            prompt=self.recording.plain(prompt),
            agent=str(getattr(agent, "name", "") or ""),
            agent_id=str(getattr(agent, "agent_id", "") or ""),
            labels=LABELS.get() or {},
            caller=outer.seq if outer else None,
            traceparent=came.traceparent,
            tracestate=came.tracestate,
            conversation_id=came.conversation_id,
        )
        run.begin(record)

    def _merged_keys(self, state: Any) -> frozenset[str]:
        return self._merged | frozenset(state) if self._merged and isinstance(state, dict) else self._merged

    def guard(self, step: Callable[..., Any], *args: Any) -> None:
        """Take a step of the recording; what goes wrong in it stays in it."""
        try:
            step(*args)
        except Exception as error:
            self.recording.trouble(error)

    # the hooks; plain coroutine functions, because stock Strands awaits nothing else

    def position(self) -> tuple[str, int]:
        """(invocation path, cycle) where the agent is now; ("", 0) when it is idle."""
        run = self._active()
        return (run.inv, run.cycle) if run else ("", 0)

    def _active(self) -> Run | None:
        """The run that the calling code belongs to, or else the one that last said something."""
        place = CURRENT.get()
        run = place.run.latest if place is not None and place.run.watch is self else self.run
        return None if run is None or run.ended or self.recording.closed else run

    @unwatched
    async def _message_added(self, event: Any) -> None:
        run = self._active()
        if run and event.message.get("role") == "user" and not _has_results(event.message):
            self.guard(run.message, event.message, "prompt", True)

    @unwatched
    async def _before_model(self, event: Any) -> None:
        if run := self._active():
            self.guard(self._model_start, run, event)

    def _model_start(self, run: Run, event: Any) -> None:
        agent, recording = event.agent, self.recording
        request = getattr(event, "request", None) or _StockRequest(agent)
        config = agent.model.get_config() if hasattr(agent.model, "get_config") else {}
        config = config if isinstance(config, dict) else {}
        record = r.ModelStart(attempt=run.attempt, model=str(config.get("model_id", "") or type(agent.model).__name__))
        record.params = recording.plain({**(config.get("params") or {}), **(request.params or {})})
        if request.system_prompt:
            record.system = recording.content("system", request.system_prompt, run)
        if request.tool_specs:
            record.tools = recording.content("tools", request.tool_specs, run)
        record.tool_choice = recording.plain(getattr(request, "tool_choice", None))
        self.requests.size = len(request.messages)
        known = self.requests.known(request.messages) if self._told_of_edits else []
        rest = [self._message_seq(run, message) for message in request.messages[len(known) :]]
        self.requests.shorten(record, known + rest)
        run.model_began, run.ttfc, run.passes = recording.now(), None, None
        run.metadata, run.stop_reason, run.failure = {}, "", ""
        self.requests.wrote(record, run.write(record), request.messages)

    def _message_seq(self, run: Run, message: dict[str, Any]) -> int:
        seq = self.recording.seq_of(message)
        return run.message(message, "history", silent=True) if seq is None else seq

    @unwatched
    async def _after_model(self, event: Any) -> None:
        if run := self._active():
            self.guard(self._model_end, run, event)

    def _model_end(self, run: Run, event: Any) -> None:
        said = getattr(event, "usage", None) or run.metadata.get("usage") or None
        record = r.ModelEnd(attempt=run.attempt, ttfc=run.ttfc, usage=usage_of(said))
        record.cost = (said or {}).get("cost", run.metadata.get("cost"))
        record.latency_ms = (run.metadata.get("metrics") or {}).get("latencyMs")
        stop = event.stop_response
        record.stop_reason = str(stop.stop_reason) if stop else run.stop_reason
        if event.exception is not None:
            record.error = failure(event.exception, self.recording.redactor.text)
            run.failure = record.error.type
            partial = getattr(event, "partial_message", None)
            record.partial = self.recording.plain(partial) if partial else None
        run.add(record.usage, record.cost)
        run.write(record)
        run.model_began = None
        run.attempt += 1

    @unwatched
    async def _before_tool(self, event: Any) -> None:
        if run := self._active():
            self.guard(self._tool_start, run, event)

    def _tool_start(self, run: Run, event: Any) -> None:
        use_id = event.tool_use.get("toolUseId", "")
        if not run.calls:  # resumed after an interrupt: no message of this invocation holds the calls
            run.calls = _last_calls(event.agent.messages)
        index = run.index_to_start(event.tool_use, CURRENT.get())
        proposed = run.calls[index] if index < len(run.calls) else event.tool_use
        before = run.started.get(index)
        record = r.ToolStart(index=index, tool_use_id=use_id, name=str(event.tool_use.get("name", "")))
        record.input = self.recording.plain(proposed.get("input"))
        record.where = _where(event.selected_tool, self.recording.redactor.text)
        record.attempt = before.attempt + 1 if before else 0
        run.started[index] = record
        run.running[index] = event
        place = Place(run, use_id, index, run.write(record))
        CURRENT.set(place)
        if SWALLOWED is not None:
            SWALLOWED.start(place)

    @unwatched
    async def _after_tool(self, event: Any) -> None:
        if run := self._active():
            self.guard(self._tool_end, run, event)

    def _tool_end(self, run: Run, event: Any) -> None:
        use_id, place = event.tool_use.get("toolUseId", ""), CURRENT.get()
        mine = place is not None and place.run is run and place.tool_use_id == use_id
        index = place.index if mine and place else run.index_of(event.tool_use)
        start = run.started.get(index) or r.ToolStart(index=max(index, 0))
        result, plain = event.result, self.recording.plain
        record = r.ToolEnd(index=start.index, tool_use_id=use_id, name=start.name, attempt=start.attempt)
        record.input, record.result = plain(event.tool_use.get("input")), plain(result)
        record.status = str(result.get("status", "")) if isinstance(result, dict) else ""
        record.cancelled = str(getattr(event, "cancel_message", None) or "")
        if event.exception is not None:
            record.error = failure(event.exception, self.recording.redactor.text)
        took = getattr(event, "duration", None)
        record.duration = int(took * 1e9) if took is not None else self.recording.now() - start.t
        run.running.pop(start.index, None)
        if SWALLOWED is not None and mine and place is not None:
            record.swallowed = plain(SWALLOWED.end(place, event.exception))
        run.write(record)
        again = getattr(event, "retry", False)
        CURRENT.set(Place(run, use_id, start.index) if again else run.place)  # so that its next start is known for it

    async def _edited(self, event: Any) -> None:
        self.requests.unsure()
        if run := self._active():
            self.guard(lambda: run.write(edited(event, self.recording.plain, self.recording.redactor.text)))

    @unwatched
    async def _after_invocation(self, event: Any) -> None:
        if getattr(event, "resume", None) is not None and event.result is not None and (run := self._active()):
            self.guard(self._resume, run, event)

    def _resume(self, run: Run, event: Any) -> None:
        """A hook wants another invocation in the same stream."""
        run.resumed(event.result)
        run.next = following = self._begin(event.resume, *run.called_with)
        self.run = following if self.run is run else self.run
        CURRENT.set(following.place)

    @unwatched
    async def _force_stop(self, event: Any) -> None:
        if (run := self._active()) and event.exception is not None:
            run.failure = failure(event.exception, self.recording.redactor.text).type


def _has_tap(agent: Any) -> bool:
    """Whether it tells its events itself, and no code of the program's changes them on their way."""
    stream = getattr(type(agent), "stream_async", None)
    made_in = str(getattr(stream, "__globals__", {}).get("__name__"))  # what stands in its place may borrow its names
    plain = made_in.startswith("agent_runtime.") and "stream_async" not in vars(agent)
    return plain and getattr(agent, "tap", agent) is None


class _StockRequest:
    """What stock Strands is about to send, read from the agent: its hook does not carry the request."""

    def __init__(self, agent: Any) -> None:
        self.messages = agent.messages
        self.system_prompt = agent.system_prompt
        self.tool_specs = agent.tool_registry.get_all_tool_specs()
        self.params: dict[str, Any] = {}


def usage_of(said: dict[str, Any] | None) -> r.Usage | None:
    """Strands' usage dict as a record."""
    if not said:
        return None
    return r.Usage(
        input=int(said.get("inputTokens") or 0),
        output=int(said.get("outputTokens") or 0),
        total=int(said.get("totalTokens") or 0),
        cache_read=int(said.get("cacheReadInputTokens") or 0),
        cache_write=int(said.get("cacheWriteInputTokens") or 0),
        reasoning=int(said.get("reasoningTokens") or 0),
        estimated=bool(said.get("estimated", False)),
    )


def _last_calls(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last: dict[str, Any] = next((m for m in reversed(messages) if m.get("role") == "assistant"), {})
    return [block["toolUse"] for block in last.get("content", ()) if "toolUse" in block]


def _has_results(message: dict[str, Any]) -> bool:
    return any(isinstance(block, dict) and "toolResult" in block for block in message.get("content", ()))


def _where(tool: Any, text: Callable[[str], str]) -> r.Where | None:
    source = getattr(tool, "source", None)
    if isinstance(source, tuple) and len(source) == 2:
        return r.Where(text(str(source[0])), int(source[1]), str(getattr(tool, "tool_name", "")))
    function = getattr(tool, "_tool_func", None)  # a stock decorated tool
    code = getattr(function, "__code__", None)
    return r.Where(text(code.co_filename), code.co_firstlineno, code.co_name) if code else None
