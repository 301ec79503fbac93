"""The header's facts: how the run stands, how long it took, what it used. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracer.journal.reader import State
from tracer.text import format as units
from tracer.timeline import BAD, Timeline

Mode = Literal["live", "replay", "view"]
Condition = Literal["running", "stopped", "ended"]

_WORDS = {
    "error": "FAILED",
    "forced": "FORCED TO STOP",
    "cancelled": "CANCELLED",
    "abandoned": "ABANDONED",
    "incomplete": "CRASHED",
}


@dataclass(frozen=True, slots=True)
class Status:
    """A word for how the run stands, its mark and the style of both; `condition` is what hints ask for."""

    word: str
    mark: str
    style: str
    condition: Condition


def status(timeline: Timeline, state: State, mode: Mode, whole: bool) -> Status:
    """How the run stands; `whole`: everything that there is was folded, so that an end is the end."""
    if timeline.stops and (state == "live" or mode == "replay"):
        return Status("STOPPED", "‖", "stop-chip", "stopped")
    if mode == "replay" and not whole:
        return Status("REPLAY", "▶", "replay-chip", "running")
    if not whole and state != "live":
        return Status("READING", "…", "replay-chip", "running")
    if state == "live":
        waiting = bool(timeline.roots) and not timeline.open_invocations()
        return Status("LIVE · idle" if waiting else "LIVE", "●", "live-chip", "ended" if waiting else "running")
    if state == "crashed":
        return Status("CRASHED", "✗", "error-chip", "ended")
    last = timeline.roots[-1].status if timeline.roots else "ok"
    if last in BAD:
        return Status(_WORDS[last], "✗", "error-chip", "ended")
    return Status("ENDED ok", "✓", "ok-chip", "ended")


def unchangeable(state: State, mode: Mode, tool: str) -> str:
    """Why nothing can be changed in what shows, and what to do instead; "" where it is a run that goes on.

    `tool`: the name of the selected tool call, if one is.
    """
    if mode != "replay" and state == "live":
        return ""
    run = "run that is over" if state == "ended" else "run that crashed"
    what = "a replay" if mode == "replay" else "a recording of a " + run if mode == "view" else "a " + run
    point = "before_tool" + (f":{tool}" if tool else "")
    return (
        f"this is {what}: nothing can be changed in it. "
        f"`tracer run -b {point} ...` stops a new run, `tracer attach` a live one"
    )


def totals(timeline: Timeline, elapsed: int) -> list[tuple[str, str]]:
    """(label, value) of what the run took so far: elapsed time without pauses, tokens, cost, cycle."""
    usage = timeline.usage
    facts = [("", units.duration(elapsed))]
    if usage.input or usage.output:
        mark = "~" if usage.estimated else ""
        facts.append(("tokens", f"{mark}{units.tokens(usage.input)}↑ {units.tokens(usage.output)}↓"))
    if timeline.cost is not None:
        facts.append(("cost", units.cost(timeline.cost)))
    cycle = next((span.cycle for span in reversed(timeline.spans) if span.kind == "cycle"), 0)
    if cycle:
        facts.append(("cycle", str(cycle)))
    return facts
