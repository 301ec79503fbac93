"""What became of an export, in numbers and one line of words. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """`sent` spans reached the collector, `failed` ended but did not, `running` have not ended and were not tried.

    `error` is one line on why (empty: nothing went wrong), `rest` the command that sends what is left (empty: nothing).
    """

    sent: int = 0
    failed: int = 0
    error: str = ""
    running: int = 0
    rest: str = ""
