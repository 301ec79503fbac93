"""What a client sends back of a shown value: what it left alone is the real value, what it changed is what it says."""

from __future__ import annotations

from typing import Any

import pytest

from agent_runtime.plain import plain
from tracer.debug.values import Path, replaced, restored

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
