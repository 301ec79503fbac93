"""Secrets out of the fields of a record that are texts of their own. What lies in values went through `plain`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tracer import records as r

_IDS = frozenset(("hash", "system", "tools", "tool_use_id"))  # what records refer to each other by: no user's pattern


def _wordy(kind: type[r.Record]) -> tuple[list[str], list[str]]:
    """The fields of a kind of record that may be a text, and those that are tables of a user's words."""
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in ("seq", "t", "inv", "cycle")]
    words = [field.name for field in fields if field.type in (str, str | None, Any)]
    return words, [field.name for field in fields if field.name in ("labels", "resource")]


_WORDY = {kind: _wordy(kind) for kind in r.KINDS.values()}  # now, since later there may be no memory for it


def clean(record: r.Record, text: Callable[[str, bool], str], plain: Callable[[Any], Any]) -> None:
    """Put `text(value, whether the user's patterns apply)` in the place of each text, `plain(table)` of each table."""
    words, tables = _WORDY[type(record)]
    for name in words:
        value = getattr(record, name)
        if value and type(value) is str:
            setattr(record, name, text(value, name not in _IDS))
    for name in tables:
        if value := getattr(record, name):
            setattr(record, name, plain(value))
