"""A run that was cancelled from outside is told as that on the screen, and no exception without words."""

from __future__ import annotations

from tracer import records as r
from tracer.tui.model import events, transcript

SILENT = r.InvocationEnd(ending="cancelled", error=r.Failure("asyncio.exceptions.CancelledError", "", "Traceback"))
SAID = r.InvocationEnd(ending="cancelled", error=r.Failure("asyncio.exceptions.CancelledError", "no time"))


def test_the_transcript_says_that_it_was_cancelled() -> None:
    assert [(part.tag, part.text) for part in transcript.parts(SILENT)] == [("cancelle", "the run was cancelled")]
    assert [part.text for part in transcript.parts(SAID)] == ["the run was cancelled: no time"]


def test_the_list_of_events_says_how_it_ended() -> None:
    assert events.summary(SILENT) == "cancelled"
    assert events.summary(SAID) == "no time"
