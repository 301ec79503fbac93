"""One stream on its way to the file: each event as the consumer is given it, and how the stream ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tracer import records as r
from tracer.recording.loopwatch import WATCH
from tracer.recording.place import CURRENT, Place
from tracer.recording.swallowed import SWALLOWED

if TYPE_CHECKING:
    from tracer.recording.run import Run
    from tracer.recording.watch import Watch


class StreamTap:
    """An `agent_runtime.tap.Tap`, and the same for streams that are read from outside. It never raises."""

    variable = CURRENT

    def __init__(self, watch: Watch, run: Run, outer: Place | None) -> None:
        self._watch, self._outer = watch, outer
        self._began = self.run = run
        self.value = run.place
        # A tool passes the dicts of a sub-agent on, and they are known by their identity: then each is wanted.
        self.text: Callable[[str, dict[str, Any]], bool] | None = self._text if outer is None else None
        self._said = -1  # the last piece of text; hooks of a tool that the consumer calls write in between
        watch.guard(WATCH.enter, run)

    def _text(self, text: str, chunk: dict[str, Any]) -> bool:
        """Record a piece of text that is streamed as two events, if that takes no longer look."""
        run = self.run
        try:
            if (passes := run.passes) is not None and run.twin is None:
                body = chunk["contentBlockDelta"]
                if len(chunk) + len(body) + len(body["delta"]) == 3 and passes(text):
                    self._said = run.last_seq = run.say(run.inv, run.cycle, text)
                    return True
        except Exception as error:  # nothing that recording does may reach the agent
            self._watch.recording.trouble(error)
        return False

    def event(self, event: dict[str, Any]) -> None:
        """Record one event, or note that the record of the one before stands for it too."""
        run, twin = self.run, None
        try:
            if (twin := run.twin) is not None and event.get(twin[0]) == twin[1]:
                run.twin = None
            else:
                twin = None
                if run.next is not None:
                    self.run = run = run.latest
                    self.value = run.place
                run.event(event)
            self._watch.run = run  # only now: a call that is refused while another runs says nothing
        except Exception as error:
            self._watch.recording.trouble(error)
        if self._outer is not None:
            self._outer.run.inner(event, run.last_seq, twin is not None)

    def left(self, half: bool) -> None:
        """The consumer goes."""
        run, guard = self.run.latest, self._watch.guard
        if half:
            guard(run.write, r.Event(untwinned=self._said))
        guard(run.untwinned)

    def failed(self, error: BaseException) -> None:
        """An exception leaves the stream."""
        self._watch.guard(self.run.latest.fail, error)

    def over(self) -> None:
        """Nothing more comes; without an end so far it was abandoned."""
        run, watch = self.run.latest, self._watch
        WATCH.leave(self._began)
        watch.guard(run.abandon)
        if SWALLOWED is not None:
            SWALLOWED.forget(run)
        if watch.run is run:
            watch.run = None
        watch.latest = (run.inv, run.cycle)
