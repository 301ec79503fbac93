"""The agent's process: load the agent, record it, run one prompt, say how it went. It draws nothing.

Started as `python -P -c "from tracer.launch.child import main; main()" SPEC_FD STATUS_FD LIFE_FD INTO OUT INTO OUT`:
what is printed goes INTO the parent and comes OUT of it, standard output first.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any

import msgspec

from tracer.errors import TracerError
from tracer.launch.begin import begin, bridge_logs, give_up, open_debugger, why
from tracer.launch.load import load_agent
from tracer.launch.output import Capture
from tracer.launch.spec import Ended, Failed, Ready, Spec, Status

if TYPE_CHECKING:
    from tracer.recorder import Recording

_SAME = 0.3  # seconds: the terminal and the parent may both tell of one Ctrl-C
_USERS = ("AuthenticationError", "NotFoundError", "PermissionDeniedError")


def main() -> None:
    """Run what the spec says, and end this process with 0, 1 (the run failed), 2 (it could not begin) or 130."""
    spec_fd, status_fd, life_fd, *printed = (int(word) for word in sys.argv[1:8])
    with os.fdopen(spec_fd, "rb") as pipe:
        spec = msgspec.json.decode(pipe.read(), type=Spec)
    faulthandler.enable(os.dup(2))
    for descriptor in (status_fd, life_fd, *printed):
        os.set_inheritable(descriptor, False)
    child = Child(spec, status_fd, printed)
    threading.Thread(target=child.outlive, args=(life_fd,), daemon=True).start()
    sys.exit(child.run())


class Child:
    """One run. `cancel` ends it from a signal handler or from another thread."""

    def __init__(self, spec: Spec, status_fd: int, printed: list[int]) -> None:
        self.spec = spec
        self.agent: Any = None
        self.interrupted = False
        self._asked = 0.0
        self._status_fd = status_fd
        self._printed = printed

    def tell(self, status: Status) -> None:
        """Send the parent a line; a parent that is gone is not waited for."""
        try:
            os.write(self._status_fd, msgspec.json.encode(status) + b"\n")
        except OSError:
            return

    def cancel(self, *_: Any) -> None:
        """Ask the agent to end; the second time, interrupt whatever runs."""
        again, self.interrupted = self.interrupted, True
        before, self._asked = self._asked, time.monotonic()
        if again and self._asked - before < _SAME:
            return
        if again:
            raise KeyboardInterrupt
        self._stop()

    def _stop(self) -> None:
        if self.agent is None or not hasattr(self.agent, "cancel"):
            raise KeyboardInterrupt
        self.agent.cancel()

    def outlive(self, life_fd: int) -> None:
        """When the parent is gone, so is the run: nobody could see or stop it."""
        while os.read(life_fd, 1):
            continue
        os.kill(os.getpid(), signal.SIGINT)

    def run(self) -> int:
        """Set up, run, close. Returns the exit code."""
        signal.signal(signal.SIGINT, self.cancel)
        signal.signal(signal.SIGTERM, self.cancel)
        try:
            recording = begin(self.spec)
        except TracerError as error:
            return self._failed(error)
        capture = Capture(recording, self._printed)
        capture.start()
        try:
            self._prepare(recording, capture)
        except BaseException as error:
            capture.stop()
            give_up(recording, error)
            return self._failed(error)
        ended = self._run()
        capture.stop()
        if not ended.code and recording.debugger is not None and recording.debugger.unattended:
            ended = _unattended(recording.debugger.unattended, self.spec.stop_timeout)
        recording.close("the run ended")
        self.tell(ended)
        return ended.code

    def _prepare(self, recording: Recording, capture: Capture) -> None:
        self.agent = capture.agent = load_agent(self.spec)
        _check_limits(self.agent, self.spec.limits)
        recording.watch(self.agent)
        bridge_logs()
        self.tell(Ready(recording.id, str(recording.path), open_debugger(recording, self.spec)))

    def _run(self) -> Ended:
        try:
            reason = asyncio.run(self._answer(self.spec.prompt, self.spec.limits))
        except KeyboardInterrupt:
            return Ended(130, "interrupted")
        except (Exception, asyncio.CancelledError) as error:
            return _explained(error)
        if reason == "cancelled":
            return Ended(130 if self.interrupted else 1, "the run was cancelled")
        if reason == "interrupt":
            return Ended(
                1, "the agent asks a question by an interrupt", "`tracer run` cannot answer it: call it in a program"
            )
        if reason.startswith("limit_"):
            limit = reason.removeprefix("limit_")
            return Ended(
                1, f"the run was stopped by its limit of {limit}", f"`--limit {limit}=NUMBER` sets it, 0 lifts it"
            )
        return Ended()

    async def _answer(self, prompt: str, limits: dict[str, float]) -> str:
        """Run the prompt to its end; the result's stop reason."""
        reason, given, told = "", {"limits": limits} if limits else {}, False
        async for event in self.agent.stream_async(prompt, **given):
            if self.interrupted and not told:
                told = True  # it was asked before the agent ran, perhaps, which then heard nothing
                self._stop()
            result = event.get("result") if isinstance(event, dict) else None
            if result is not None:
                reason = str(getattr(result, "stop_reason", ""))
        return reason

    def _failed(self, error: BaseException) -> int:
        text = "".join(traceback.format_exception(error))
        if isinstance(error, TracerError):
            failed = Failed(error.message, error.hint, error.exit_code, text)
        elif isinstance(error, KeyboardInterrupt):
            failed = Failed(why(error), code=130)
        else:
            failed = Failed(why(error), "`--debug` shows where", 1, text)
        self.tell(failed)
        return failed.code


def _check_limits(agent: Any, limits: dict[str, float]) -> None:
    """Raises TracerError for one that stock Strands does not know, before its own TypeError ends the run."""
    odd = sorted(limits.keys() & {"seconds", "cost"})
    if odd and any(base.__module__.startswith("strands.") for base in type(agent).__mro__):
        raise TracerError(
            f"stock Strands knows no limit of {' or '.join(odd)}", "it knows turns, output_tokens and total_tokens"
        )


def _unattended(calls: int, seconds: float) -> Ended:
    """The agent went on without what it asked for, and nobody had decided that: no success for a script."""
    what = "a stopped tool call was" if calls == 1 else f"{calls} stopped tool calls were"
    return Ended(
        1,
        f"{what} refused: nobody attached within {seconds:g} s",
        "`--on-lost continue` lets such calls run, `--stop-timeout` waits longer",
    )


def _explained(error: BaseException) -> Ended:
    from agent_runtime.models import describe_error

    text, trace = describe_error(error), "".join(traceback.format_exception(error))
    if "there is no API key" in text or "names no provider" in text:  # they say the next step themselves
        return Ended(2, text, "", trace)
    if type(error).__name__ in _USERS:
        return Ended(2, text, "check the model's name, and its key (--api-key, or the provider's variable)", trace)
    return Ended(1, text, "", trace)
