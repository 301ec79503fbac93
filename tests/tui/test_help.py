"""The help is to be read at any width: no word is broken, and what goes on does so below its own words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.story import settled, still, tidy
from tracer.tui.keys import KEYS
from tracer.tui.model.value import TextRows
from tracer.tui.screens.help import _INTRO, _KEY


@pytest.mark.parametrize(
    "width", [40, 80, 120, *(pytest.param(width, marks=pytest.mark.slow) for width in (60, 100, 115, 160))]
)
async def test_no_word_of_the_help_is_broken(tmp_path: Path, width: int) -> None:
    words = {word for text in (*_INTRO, *(key.says for key in KEYS)) for word in text.split()}
    app = still(tidy(tmp_path / "s.jsonl"))
    async with app.run_test(size=(width, 90)) as pilot:
        await settled(app, pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        pane = app.screen.value  # type: ignore[attr-defined]
        rows, columns = [pane.rows[n] for n in range(pane.count)], pane.columns - 2
    said = {word for row in rows for word in row.split()}
    assert words - said == set()
    assert all(len(row) <= columns for row in rows)
    if width == 40:
        assert any(row.startswith(" " * _KEY) and row.strip() for row in rows)


@given(st.lists(st.text("ab", min_size=1, max_size=8), min_size=1).map(" ".join), st.integers(10, 30))
def test_a_long_value_is_broken_between_words(text: str, width: int) -> None:
    rows = TextRows(text, width)
    shown = [rows[n] for n in range(len(rows))]
    assert "".join(shown) == text and all(len(row) <= width for row in shown)
    assert [word for row in shown for word in row.split()] == text.split()
