"""Lines: whatever the text, cut and wrapped lines fit, and nothing that acts on a terminal is left in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tracer.text.safe import clean
from tracer.tui.model.lines import clip, cut, fit, fold, spread, width_of, wrap
from tracer.tui.model.value import TextRows

texts = st.text(st.one_of(st.characters(), st.sampled_from("ab 漢字👩\u200d🚀\x1b\n\t\u202e")), max_size=200)
widths = st.integers(2, 60)


@given(texts, widths)
def test_wrapped_lines_fit_and_keep_the_words(text: str, width: int) -> None:
    lines = list(wrap(text, width))
    assert all(cell_len(line) <= width for line in lines)
    kept = "".join("".join(lines).split())
    assert kept == "".join(clean(text, keep_newlines=True).split())


@given(st.text("ab   c", max_size=80), widths)
def test_plain_text_wraps_as_other_text_does(text: str, width: int) -> None:
    """It takes a shorter way; a letter of another script at the end makes the line take the long one."""
    long_way = list(wrap(text + "é", width))
    assert list(wrap(text + "c", width)) == [*long_way[:-1], long_way[-1][:-1] + "c"]


@given(texts, widths)
def test_fit_is_exact_and_cut_is_no_longer(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(cut(text, width)) <= width


@given(st.lists(st.tuples(texts.map(clean), st.just("text")), max_size=5), widths)
def test_folded_and_clipped_lines_fit(line: list[tuple[str, str]], width: int) -> None:
    folded = list(fold(line, width))
    assert all(width_of(row) <= width for row in folded)
    assert "".join(text for row in folded for text, _ in row) == "".join(text for text, _ in line)
    assert width_of(clip(line, width)) <= width


@given(texts, widths)
def test_rows_of_a_value_fit_and_lose_nothing(text: str, width: int) -> None:
    rows = TextRows(text, width)
    shown = [rows[index] for index in range(len(rows))]
    assert all(cell_len(row) <= max(2, width) for row in shown)
    assert "".join(shown).replace("\n", "") == clean(text, keep_newlines=True).replace("\n", "")


def test_a_line_of_five_megabytes_is_rows_at_once() -> None:
    rows = TextRows("x" * 5_000_000, 100)
    assert len(rows) == 50_000
    assert rows[49_999] == "x" * 100


def test_spread_puts_both_ends_at_the_ends() -> None:
    line = spread([("left", "")], [("right", "")], 20)
    assert "".join(text for text, _ in line) == "left           right"
    assert width_of(spread([("l" * 50, "")], [("right", "")], 20)) == 20
