"""What a client sends back of a shown value: what it left alone is the real value, what it changed is what it says."""

from __future__ import annotations

from typing import Any

import pytest

from agent_runtime.plain import plain
from tracer.debug.errors import DebugError
from tracer.debug.values import Path, lookup, parse_path, replaced, restored

REAL = {"odd": {"$bytes": "AA=="}, "raw": b"\xff", "n": 1}


@pytest.mark.parametrize(
    ("path", "new", "becomes"),
    [
        (("n",), 2, {**REAL, "n": 2}),
        (("odd", "$dict", "$bytes"), "BB==", {**REAL, "odd": {"$bytes": "BB=="}}),
        (("odd",), {"$bytes": "CC=="}, {**REAL, "odd": {"$bytes": "CC=="}}),
        (("odd", "$dict"), {"$bytes": "AA==", "more": 1}, {**REAL, "odd": {"$bytes": "AA==", "more": 1}}),
        (("n",), {"$dict": {}}, {**REAL, "n": {"$dict": {}}}),
    ],
)
def test_a_dict_that_looks_like_a_typed_form_is_edited_as_what_it_is(path: Path, new: Any, becomes: Any) -> None:
    shown = plain(REAL)
    assert restored(replaced(shown, path, new), shown, REAL) == becomes


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("input.tags[1]", "there is no 1 in input.tags; its length is 1, the last is 0"),
        ("input.none[0]", "there is no 0 in input.none; its length is 0"),
        ("input.tags.first", "there is no 'first' in input.tags; its length is 1, the last is 0"),
        ("input.n.x", "there is no 'x' in input.n; it is of type number"),
        ("input.of.a", "there is no 'a' in input.of; there is: b"),
    ],
)
def test_a_path_that_leads_nowhere_names_the_place_and_what_is_there(path: str, why: str) -> None:
    """The same words whether it is read or set."""
    document = {"input": {"tags": ["a"], "none": [], "n": 1, "of": {"b": 1}}}
    steps = parse_path(path)
    with pytest.raises(DebugError) as read:
        lookup(document, steps)
    with pytest.raises(DebugError) as edited:
        replaced(document["input"], steps[1:], "new", under=steps[:1])
    assert str(read.value) == str(edited.value) == why
