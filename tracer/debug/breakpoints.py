"""The grammar of breakpoints: `POINT[:GLOB] [if FILTER] [hit N|>=N|%N] [log TEXT] [once] [@AGENT]`.

It reads and matches; it holds nothing. A bare word, or `tool:GLOB`, means `before_tool:GLOB`. A word of FILTER or TEXT
that is a clause's own name (`if hit log once @x`) needs quotes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Protocol, cast

from tracer.debug.errors import BreakpointError

POINTS = (
    "before_model", "after_model", "message", "before_tool", "after_tool", "tool_error", "model_error", "cycle_end",
    "force_stop", "any",
)  # fmt: skip
_ALWAYS = ("kind", "point", "agent", "inv", "cycle", "model", "label", "prompt", "usage", "tokens", "cost")
_MODEL_ENDED = (*_ALWAYS, "attempt", "error", "role", "text", "stop_reason")
_TOOL = (*_ALWAYS, "tool", "input", "text")
_TOOL_ENDED = (*_TOOL, "result", "status", "duration", "error")
# What FILTER may ask at a point: another name could only be empty there, and the breakpoint would never stop.
KNOWN: dict[str, tuple[str, ...]] = {
    "before_model": (*_ALWAYS, "attempt"),
    "after_model": _MODEL_ENDED,
    "model_error": _MODEL_ENDED,
    "message": (*_ALWAYS, "role", "text"),
    "before_tool": _TOOL,
    "after_tool": _TOOL_ENDED,
    "tool_error": _TOOL_ENDED,
    "cycle_end": (*_ALWAYS, "status"),
    "force_stop": (*_ALWAYS, "reason", "error"),
}
KNOWN["any"] = tuple(dict.fromkeys(name for names in KNOWN.values() for name in names))
_VALID = "points are " + " ".join(POINTS) + "; a tool's name alone means before_tool:NAME"
_CLAUSES = "clauses are if hit log once @AGENT"
_HIT = re.compile(r"(>=|%|==)?\s*([1-9][0-9]*)")


class Filter(Protocol):
    """A compiled condition of the filter language."""

    def test(self, mapping: Mapping[str, object], /) -> bool:
        """Whether it holds for these names."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Which of the times that the rest matches counts: exactly the n-th (`==`), from it on (`>=`), every n-th (`%`)."""

    op: str
    n: int

    def __call__(self, count: int) -> bool:
        if self.op == "%":
            return count % self.n == 0
        return count >= self.n if self.op == ">=" else count == self.n


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """Where to stop (or, with `log`, what to write down instead of stopping). `text` is what was typed."""

    text: str
    point: str
    glob: str = "*"
    condition: str = ""
    hit: Hit | None = None
    log: str | None = None
    once: bool = False
    agent: str = "*"

    def covers(self, points: tuple[str, ...], name: str, agent: str) -> bool:
        """Whether a moment with these points, of this tool (or model, or role), by this agent, is one of its own."""
        here = self.point == "any" or self.point in points
        return here and fnmatchcase(name, self.glob) and fnmatchcase(agent, self.agent)


@dataclass(frozen=True, slots=True)
class _Word:
    column: int
    text: str
    inside: bool


def parse(text: str, *, condition: str = "", hit: str = "", log: str = "") -> Breakpoint:
    """Read a breakpoint; `condition`, `hit` and `log` are clauses given apart (DAP). Raises BreakpointError."""
    words = _words(text)
    if not words:
        raise BreakpointError(text, 1, "it is empty", _VALID)
    result = _head(text, words[0])
    at = 1
    while at < len(words):
        end = next((i for i in range(at + 1, len(words)) if _opens(words[i])), len(words))
        result = _clause(result, words[at], words[at + 1 : end])
        at = end
    if condition:
        result = _set(result, len(text) or 1, "condition", condition)
    if hit:
        result = _set(result, len(text) or 1, "hit", _hit(text, len(text) or 1, hit))
    if log:
        result = _set(result, len(text) or 1, "log", log)
    if result.condition:
        compile_condition(result)
    return result


def compile_condition(breakpoint: Breakpoint) -> Filter:
    """Its FILTER, compiled for the names that its point knows. Raises BreakpointError at the place of the fault."""
    from tracer.filters import FilterError, compile_filter

    known = KNOWN[breakpoint.point]
    try:
        return cast("Filter", compile_filter(breakpoint.condition, known, strict=True))
    except FilterError as error:
        place = re.search(r"\sif\s+" + re.escape(breakpoint.condition), breakpoint.text)
        column = error.column + (place.end() - len(breakpoint.condition) if place else 0)
        hint = f"{breakpoint.point} knows {' '.join(known)}" if error.name else ""
        raise BreakpointError(breakpoint.text, column, f"in its condition: {error.message}", hint) from None


def _words(text: str) -> list[_Word]:
    """The words between blanks; quotes keep blanks, and `inside` tells those that stand within parentheses."""
    words: list[_Word] = []
    start, depth, quote, quoted_at = -1, 0, "", 0
    for i, c in enumerate(text + " "):
        if quote:
            quote = "" if c == quote and text[i - 1] != "\\" else quote
        elif c in "\"'":
            quote, quoted_at = c, i
            start = i if start < 0 else start
        elif c.isspace():
            if start >= 0:
                word = text[start:i]
                words.append(_Word(start + 1, word, depth > 0))
                depth = max(0, depth + word.count("(") - word.count(")"))
            start = -1
        elif start < 0:
            start = i
    if quote:
        raise BreakpointError(text, quoted_at + 1, "this quote is not closed", f"add a {quote}")
    return words


def _opens(word: _Word) -> bool:
    return not word.inside and (word.text in ("if", "hit", "log", "once") or word.text.startswith("@"))


def _head(text: str, word: _Word) -> Breakpoint:
    point, colon, glob = word.text.partition(":")
    if colon and not glob:
        raise BreakpointError(text, word.column + len(word.text), "a name or a glob is missing after ':'", _VALID)
    _closed(text, glob or point, word.column + (len(point) + 1 if glob else 0))
    if point == "tool" and colon:
        return Breakpoint(text, "before_tool", glob)
    if point in POINTS:
        return Breakpoint(text, point, glob or "*")
    near = difflib.get_close_matches(point, POINTS, 1, 0.8)
    if colon or near or _opens(word):
        hint = f"did you mean {near[0]}?" if near else _VALID  # not both: it is one line
        raise BreakpointError(text, word.column, f"there is no point {point!r}", hint)
    return Breakpoint(text, "before_tool", point)


def _closed(text: str, glob: str, column: int) -> None:
    from tracer.filters import unclosed

    if "[" in glob and (at := unclosed(glob)) >= 0:
        raise BreakpointError(text, column + at, "the '[' is not closed", "[[] is a '[' itself")


def _clause(found: Breakpoint, word: _Word, rest: list[_Word]) -> Breakpoint:
    text = found.text
    if not _opens(word):
        raise BreakpointError(text, word.column, f"{word.text!r} does not belong here", _CLAUSES)
    if word.text == "once" or word.text.startswith("@"):
        return _flag(found, word, rest)
    if not rest:
        raise BreakpointError(text, word.column, f"nothing follows {word.text!r}", "if FILTER, hit N|>=N|%N, log TEXT")
    body = text[rest[0].column - 1 : rest[-1].column - 1 + len(rest[-1].text)]
    if word.text == "if":
        return _set(found, word.column, "condition", body)
    if word.text == "hit":
        return _set(found, word.column, "hit", _hit(text, rest[0].column, body))
    return _set(found, word.column, "log", _unquoted(body))


def _flag(found: Breakpoint, word: _Word, rest: list[_Word]) -> Breakpoint:
    if rest:
        raise BreakpointError(found.text, rest[0].column, f"{rest[0].text!r} does not belong here", _CLAUSES)
    if word.text == "once":
        return _set(found, word.column, "once", True)
    if word.text == "@":
        raise BreakpointError(
            found.text, word.column, "an agent's name is missing after '@'", "such as @writer or @res*"
        )
    _closed(found.text, word.text[1:], word.column + 1)
    return _set(found, word.column, "agent", word.text[1:])


def _set(found: Breakpoint, column: int, field: str, value: object) -> Breakpoint:
    if getattr(found, field) not in ("", None, False, "*"):
        raise BreakpointError(found.text, column, f"the clause for {field} is there twice", "keep one of them")
    return replace(found, **{field: value})  # type: ignore[arg-type]


def _hit(text: str, column: int, body: str) -> Hit:
    match = _HIT.fullmatch(body.strip())
    if not match:
        raise BreakpointError(text, column, f"{body!r} is not a count of hits", "such as 3, >=3 or %3")
    return Hit(match[1] or "==", int(match[2]))


def _unquoted(body: str) -> str:
    whole = len(body) > 1 and body[0] == body[-1] and body[0] in "\"'" and body[0] not in body[1:-1]
    return body[1:-1] if whole else body
