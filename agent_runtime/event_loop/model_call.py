"""The model's part of a cycle: attempts, each with its hooks, until one gives a message. It knows nothing of tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent_runtime.errors import MalformedChunk
from agent_runtime.event_loop.builder import Builder
from agent_runtime.event_loop.control import Control
from agent_runtime.event_loop.model_request import prepare
from agent_runtime.event_loop.run import Run
from agent_runtime.event_loop.streaming import emit, leaves, relay
from agent_runtime.events import Event
from agent_runtime.hooks import AfterModelCallEvent, ModelRequest, StopResponse
from agent_runtime.messages import Message, assistant, split_system, tool_uses


@dataclass
class Answer:
    """`broken` says that the stream ended without `messageStop`."""

    message: Message
    stop_reason: str
    invalid: dict[int, str]
    broken: bool = False


@dataclass
class Attempt:
    """One call of the model: `answer`, or the `error` that ended it. `delay` (seconds) if it will be made again."""

    number: int
    builder: Builder
    answer: Answer | None = None
    error: BaseException | None = None
    delay: float | None = None


async def call_model(run: Run) -> Answer:
    """Call the model until an attempt stands; its exception leaves when the retries are used up."""
    number = 0
    while True:
        attempt = await _attempt(run, number)
        again = await _finish(run, attempt)
        if not again or run.control.halt is not None:
            if attempt.answer is None:
                raise attempt.error or RuntimeError("the model call gave neither an answer nor an error")
            return attempt.answer
        if attempt.delay is not None:
            await emit({"event_loop_throttled_delay": attempt.delay})
            if await run.control.sleep(attempt.delay):
                return _stopped(run, attempt.builder)
        number += 1


async def _attempt(run: Run, number: int) -> Attempt:
    """One attempt, made unless a hook answers in the model's place or fails."""
    attempt = Attempt(number, Builder())
    try:
        before = await prepare(run, number)
    except BaseException as error:
        if leaves(error):
            raise
        attempt.error = error
        return attempt
    if before.cancel:
        text = before.cancel if isinstance(before.cancel, str) else "model call denied by hook"
        attempt.answer = Answer(assistant(text), "end_turn", {})
    else:
        await _try(run, before.request, attempt)
    return attempt


async def _finish(run: Run, attempt: Attempt) -> bool:
    """Account for the attempt and let the hooks see it; whether it is to be repeated."""
    builder, error = attempt.builder, attempt.error
    latency = (builder.metadata.get("metrics") or {}).get("latencyMs")
    run.metrics.add_model_call(builder.usage(), int(latency or 0))
    if error is not None and not builder.started and run.control.halt is None:
        attempt.delay = run.agent.retry_strategy.delay(attempt.number, error)
    after = AfterModelCallEvent(run.agent, run.state, exception=error, usage=builder.usage(), attempt=attempt.number)
    after.retry = attempt.delay is not None
    if attempt.answer is not None:
        after.stop_response = StopResponse(attempt.answer.message, attempt.answer.stop_reason)
    if error is not None or run.control.halt is not None:
        partial = builder.message()
        after.partial_message = partial if partial["content"] else None
    await run.fire(after)
    return after.retry


async def _try(run: Run, request: ModelRequest, attempt: Attempt) -> None:
    builder = attempt.builder
    run.control.begin()
    try:
        if run.control.halt is None:
            await _stream(run, request, builder)
    except BaseException as error:
        if not run.control.absorb():
            if leaves(error):
                raise
            attempt.error = error
            return
    run.control.absorb()
    if run.control.halt is not None and builder.stop_reason is None:
        attempt.answer = _stopped(run, builder)
        return
    message, reason = builder.message(), builder.stop_reason
    if reason == "end_turn" and tool_uses(message):
        reason = "tool_use"  # some providers end a tool call like an answer
    attempt.answer = Answer(message, reason or "end_turn", builder.invalid, broken=reason is None)


def _stopped(run: Run, builder: Builder) -> Answer:
    """A stopped run answers with the reason; one out of time with what it has."""
    stop = run.control.halt
    assert stop is not None
    if stop.stop_reason == "cancelled":
        return Answer(assistant(stop.text), "cancelled", {})
    builder.close_block()
    content = [block for block in builder.message()["content"] if "toolUse" not in block]
    message = {"role": "assistant", "content": content} if content else assistant(_told(stop.stop_reason))
    return Answer(message, stop.stop_reason, {})


def _told(stop_reason: str) -> str:
    return f"Stopped: {stop_reason.replace('_', ' ')} reached"


class ModelStream:
    """A model's chunks as events: each as it is, and after it what it means."""

    def __init__(self, control: Control, builder: Builder, chunks: Any) -> None:
        self.control = control
        self.builder = builder
        self.advance = chunks.__aiter__().__anext__

    def take(self, chunk: dict[str, Any]) -> tuple[Event, ...]:
        builder, control = self.builder, self.control
        if control.halt is not None and builder.stop_reason is None:
            raise StopAsyncIteration
        try:
            body = chunk.get("contentBlockDelta")
            if body is None:
                builder.other(chunk)
                return ({"event": chunk},)
            cooked = builder.delta(body["delta"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            why = f"{chunk!r:.200} ({type(error).__name__}: {error})"
            raise MalformedChunk(f"the model streamed what is no chunk of the model port: {why}") from error
        return ({"event": chunk},) if cooked is None else ({"event": chunk}, cooked)


async def _stream(run: Run, request: ModelRequest, builder: Builder) -> None:
    """Pass the chunks on until the stream or the run is to end."""
    system, blocks = split_system(request.system_prompt)
    chunks = run.agent.model.stream(
        request.messages,
        request.tool_specs or None,
        system,
        system_prompt_content=blocks,
        tool_choice=request.tool_choice,
        invocation_state=run.state,
        params=request.params,
        cancel_signal=run.control.signal,
    )
    try:
        await relay(ModelStream(run.control, builder, chunks))
    finally:
        run.control.waiting = None
        if builder.redact_user is not None:
            _redact(run.agent.messages, builder.redact_user)
        if hasattr(chunks, "aclose"):
            await chunks.aclose()


def _redact(history: list[Message], text: str) -> None:
    """The text in place of what was asked. Tool results stay the answers to their calls: without them no provider takes
    the conversation any more."""
    if not history or history[-1]["role"] != "user":
        return
    results: list[Any] = [block["toolResult"] for block in history[-1]["content"] if "toolResult" in block]
    kept: list[Any] = [{"toolResult": {**result, "content": [{"text": text}]}} for result in results]
    history[-1]["content"] = kept or [{"text": text}]
