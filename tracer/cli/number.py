"""Numbers on the command line: what is none is told in words, not in those of a programming language."""

from __future__ import annotations

import math
from collections.abc import Callable

import click


def number_type(least: float, most: float = math.inf, *, whole: bool = False) -> Callable[[object], float]:
    """What click takes for a type: a finite number from `least` to `most`; where it is `whole`, without a fraction."""

    def number(given: object) -> float:  # its name is what the help shows
        try:
            found = int(str(given)) if whole else float(str(given))
        except ValueError:
            found = math.nan
        if least <= found <= most and math.isfinite(found):
            return found
        ends = f"from {least:g} up" if most == math.inf else f"from {least:g} to {most:g}"
        raise click.BadParameter(f"{str(given)!r} is no {'whole ' if whole else ''}number {ends}")

    return number


PORT = number_type(0, 65535, whole=True)
COUNT = number_type(1, whole=True)
FROM_0 = number_type(0)
