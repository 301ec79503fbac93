"""The display boundary: nothing that an agent says acts on the terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tracer.text.safe import clean, escaped, snippet


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("plain", "plain"),
        ("Grüße, 世界 👩‍🚀", "Grüße, 世界 👩‍🚀"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ends", "0;never ends"),
        ("\x9b2Jgone", "gone"),
        ("a\x1bcb", "ab"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("a\u2066b\u2069c\u200f", "abc"),
        ("bell\x07 back\x08 del\x7f", "bell back del"),
        ("one\r\ntwo\rthree\u2028four", "one two three four"),
        ("a\tb", "a    b"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("ig\U000e0041\U000e0042nore", "ignore"),
        ("[red]markup[/red]", "[red]markup[/red]"),
    ],
)
def test_clean(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown


def test_newlines_are_kept_when_asked_for() -> None:
    assert clean("one\r\ntwo\x1b[2J\u2028three", keep_newlines=True) == "one\ntwo\nthree"


@given(st.text() | st.text(alphabet="\x1b[];0123mJ\x07\x9b\x9d\\\n\u202ea"))
def test_whatever_comes_can_be_printed_in_one_line_and_stays_as_it_is(text: str) -> None:
    shown = clean(text)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2066\u2028" for c in shown)
    shown.encode("utf-8")
    assert clean(shown) == shown
    assert len(shown.splitlines()) <= 1


@given(st.text(max_size=300) | st.text("a b\n表情🙂e\u0301\u200d\ufe0f", max_size=300), st.integers(4, 80))
def test_a_snippet_fits(text: str, width: int) -> None:
    assert cell_len(snippet(text, width)) <= width


def test_a_snippet_tells_that_it_is_one() -> None:
    assert snippet("a b\nc", 10) == "a b c"
    assert snippet("x" * 50, 10) == "x" * 9 + "…"


@given(st.text())
def test_an_escaped_line_of_json_says_the_same_and_is_safe(text: str) -> None:
    line = json.dumps({"text": text}, ensure_ascii=False).encode()
    hardened = escaped(line).decode()
    assert clean(hardened) == hardened
    assert json.loads(hardened) == {"text": text}


def test_an_escaped_line_that_needs_nothing_stays_as_it_is() -> None:
    line = '{"text":"Grüße, 世界 \\u001b[2J"}'.encode()
    assert escaped(line) == line
    assert escaped(b'{"text":"\x9b2J\xe2\x80\xae"}\r') == '{"text":"\ufffd2J\\u202e"}'.encode()
