"""The breakpoints in force as rows, and what is wrong with one that is being typed. It asks nobody, knows no widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tracer.text.format import counted
from tracer.tui.model.lines import Line, fit

Whose = Literal["yours", "the run's", "another viewer's"]
_MARGIN = 30  # columns for hits and whose


@dataclass(frozen=True, slots=True)
class InForce:
    """A breakpoint as the debugger lists it: how often it fitted, whose it is, what is wrong with it ("": nothing)."""

    id: int
    text: str
    hits: int
    whose: Whose
    fault: str


def in_force(told: Mapping[str, Any]) -> InForce:
    """A row of the answer to `tracer/breakpoints`."""
    whose: Whose = "yours" if told["mine"] else "the run's" if told["stays"] else "another viewer's"
    fault = "" if told["verified"] else str(told.get("message", ""))
    return InForce(int(told["id"]), str(told["text"]), int(told["hits"]), whose, fault)


def rows(all_of_them: list[InForce]) -> list[tuple[InForce, bool]]:
    """Each breakpoint, and below one at fault (True) what is wrong with it."""
    return [(one, below) for one in all_of_them for below in ((False, True) if one.fault else (False,))]


def line(one: InForce, below: bool, width: int) -> Line:
    """A row's line."""
    if below:
        return [("    ✗ ", "error"), (fit(one.fault, max(1, width - 6)), "error")]
    hits = counted(one.hits, "hit")
    text = fit(one.text, max(8, width - _MARGIN - 3))
    return [(" ● ", "error" if one.fault else "stop"), (text, "text"), (f"{hits:>10}  ", "dim"), (one.whose, "faint")]


def fault_of(text: str) -> tuple[int, str]:
    """(column from 1, what is wrong there) of a breakpoint as it is typed; (0, "") where it can be set."""
    from tracer.debug.breakpoints import parse
    from tracer.debug.errors import BreakpointError

    try:
        parse(text)
    except BreakpointError as error:
        return error.column, str(error).partition(f"column {error.column}: ")[2]
    return 0, ""
