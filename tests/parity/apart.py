"""Scenarios in which the two go ways of their own altogether: what each tells, and the other does not."""

from __future__ import annotations

from tests.parity.differences import Difference
from tests.parity.stage import Observation


def apart(row: str, own: str, stock: str | None = None) -> Difference:
    """A difference of that name: `own` is told by ours alone, `stock` by the other alone. The rest is not compared."""

    def difference(here: Observation, there: Observation) -> None:
        mine, theirs = repr(here), repr(there)
        if own in mine and own not in theirs and (stock is None or (stock in theirs and stock not in mine)):
            here.clear()
            there.clear()

    difference.__name__ = row
    return difference
