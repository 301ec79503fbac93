"""Finds what two observations of a scenario do not have in common, as lines to read."""

from __future__ import annotations

import difflib
import json
from typing import Any

from tests.parity.differences import ALWAYS
from tests.parity.stage import Observation


def differences(own: Observation, stock: Observation, known: Any = ()) -> list[str]:
    """The lines in which the two differ when the `known` differences are taken out; none if they agree."""
    for difference in ALWAYS:
        difference(own, stock)
    stale = []
    for difference in known:
        before = (_lines(own), _lines(stock))
        difference(own, stock)
        if (_lines(own), _lines(stock)) == before:
            stale.append(f"! {difference.__name__} is no difference here")
    found = difflib.unified_diff(_lines(stock), _lines(own), "stock", "own", lineterm="", n=1)
    return [*stale, *found]


def _lines(seen: Observation) -> list[str]:
    told = [f"{kind} {_line(what)}" for kind, what in seen.told]
    told += [f"history {_line(message)}" for message in seen.history]
    for number, request in enumerate(seen.requests):
        told += [f"request {number} {key}: {_line(request[key])}" for key in sorted(request) if key != "messages"]
        told += [f"request {number} message: {_line(message)}" for message in request["messages"]]
    return told


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=repr)
