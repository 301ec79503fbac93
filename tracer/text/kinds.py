"""The kinds that a filter names, held against those that there are: a typing error would find nothing. No parser."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from tracer import records as r
from tracer.errors import TracerError
from tracer.filters import Filter

_STRING = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_NAMED = re.compile(rf"(?<![\w.])kind\s*(?::|==?|!=)\s*({_STRING}|[^\s()\"']+)|{_STRING}")  # strings are passed over
_DAMAGED = "damaged"  # how the reader calls a line that it cannot read


def check_kinds(filter: Filter, records: Iterable[r.Record]) -> None:
    """Raises TracerError where the filter names a kind that is neither known nor among the records."""
    wanted = [kind for kind in _named(filter.text) if kind not in r.KINDS and kind != _DAMAGED]
    if not wanted:
        return
    there = {r.kind_of(record) for record in records if isinstance(record, r.Unknown)}  # of a newer version
    for kind in wanted:
        if kind not in there:
            near = difflib.get_close_matches(kind, [*r.KINDS, *sorted(there)], 3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {' '.join(r.KINDS)}"
            raise TracerError(f"there is no kind {kind!r}", hint)


def _named(text: str) -> Iterator[str]:
    for match in _NAMED.finditer(text):
        kind = (match[1] or "").strip("\"'")
        if kind and not set(kind) & set("*?["):
            yield kind
