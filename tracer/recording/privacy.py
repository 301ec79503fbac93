"""What a user wants kept out of a recording beyond well-known secrets. It reads arguments and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from tracer.errors import TracerError

Rule = str | re.Pattern[str] | Callable[[str], str]
Mode = Literal["full", "metadata"]
_PLACE = re.compile(r"([\w*?.-]+):(/[^/].*)")


@dataclass(frozen=True)
class Place:
    """A value in the input of the tools that a glob names: a JSON pointer's keys, `*` for each of a list or dict."""

    tool: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Privacy:
    """What is replaced wherever it stands, what in certain tool inputs, what each text goes through, or all content."""

    record: Mode = "full"
    patterns: tuple[re.Pattern[str], ...] = ()
    places: tuple[Place, ...] = ()
    functions: tuple[Callable[[str], str], ...] = ()

    @property
    def judges(self) -> bool:
        """Whether there is more to keep out than secrets and patterns, which are told from the text alone."""
        return bool(self.places or self.functions or self.record == "metadata")

    def __str__(self) -> str:
        counted = (("pattern", self.patterns), ("place", self.places), ("function", self.functions))
        said = [f"{len(rules)} {name}{'s' * (len(rules) != 1)}" for name, rules in counted if rules]
        return ", ".join([*said, *(["metadata only"] if self.record == "metadata" else [])])


def privacy(redact: Iterable[Rule] = (), record: str = "") -> Privacy:
    """These rules and those of $TRACER_REDACT (one a line); `record` or $TRACER_RECORD is full (default) or metadata.

    A rule is a regular expression, `TOOL:/json/pointer`, or a function from text to text. Raises TracerError.
    """
    named = record or os.environ.get("TRACER_RECORD", "") or "full"
    if named not in ("full", "metadata"):
        raise TracerError(f"there is no recording mode {named!r}", "it is `full` or `metadata`")
    rules = [redact] if isinstance(redact, str) else list(redact)
    rules += [line for line in os.environ.get("TRACER_REDACT", "").splitlines() if line.strip()]
    places = [_PLACE.fullmatch(rule) if isinstance(rule, str) else None for rule in rules]
    others = [rule for rule, place in zip(rules, places, strict=True) if place is None]
    return Privacy(
        "metadata" if named == "metadata" else "full",
        tuple(_pattern(rule) for rule in others if isinstance(rule, (str, re.Pattern))),
        tuple(Place(place[1], _keys(place[2])) for place in places if place),
        tuple(rule for rule in others if callable(rule)),
    )


def _pattern(rule: str | re.Pattern[str]) -> re.Pattern[str]:
    try:
        return re.compile(rule)
    except re.error as error:
        raise TracerError(f"{rule!r} is no regular expression: {error}", "correct the redaction rule") from error


def _keys(pointer: str) -> tuple[str, ...]:
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in pointer[1:].split("/"))
