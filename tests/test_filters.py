"""The filter language: the examples of its own help text, its errors, and what it finds in a session."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import records as r
from tracer import vocabulary
from tracer.filters import LANGUAGE, NAMES, FilterError, MismatchError, compile_filter
from tracer.testing import SessionBuilder, build_session

Values = dict[str, Any]

TABLE: dict[str, tuple[Values, Values]] = {
    "error": ({"error": "boom"}, {"error": None}),
    "kind:force_stop": ({"kind": "force_stop"}, {"kind": "cycle_end"}),
    "tool:http_* and duration > 2s": (
        {"tool": "http_request", "duration": 2.5},
        {"tool": "http_request", "duration": 1.5},
    ),
    "cycle > 3 and not kind:delta": ({"cycle": 4, "kind": "message"}, {"cycle": 4, "kind": "delta"}),
    'input.url ~ "internal|local"': ({"input": {"url": "http://localhost"}}, {"input": {"url": "http://x"}}),
    '"prod" in input.url': ({"input": {"url": "https://prod.x"}}, {"input": {"uri": "https://prod.x"}}),
    '(tool:rm or tool:delete_*) and input.path != "/tmp"': (
        {"tool": "delete_folder", "input": {"path": "/"}},
        {"tool": "delete_folder", "input": {"path": "/tmp"}},
    ),
    "tokens >= 3k or cost > $0.5": ({"tokens": 3000, "cost": None}, {"tokens": 2999, "cost": 0.5}),
    'label.request_id = "r-91"': ({"label": {"request_id": "r-91"}}, {"label": {}}),
    "status = error": ({"status": "error"}, {"status": "success"}),
}


def examples() -> list[str]:
    rows = LANGUAGE.partition("Examples\n")[2].splitlines()
    return [row.strip().split("   ")[0] for row in rows if row.strip()]


def test_every_example_of_the_help_has_a_row_here() -> None:
    assert sorted(examples()) == sorted(TABLE)


@pytest.mark.parametrize("text", TABLE)
def test_the_examples_mean_what_the_help_says(text: str) -> None:
    fits, does_not = TABLE[text]
    test = compile_filter(text).test
    assert test(fits)
    assert not test(does_not)
    assert not test({})


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("", {}, True),
        ("duration < 150ms", {"duration": 0.1}, True),
        ("duration > 1m", {"duration": 61}, True),
        ("size > 10kB", {"size": 10_001}, True),
        ("cycle = 3", {"cycle": 3}, True),
        ("cycle != 3", {"cycle": 3}, False),
        ("input.n = -1.5", {"input": {"n": -1.5}}, True),
        ("input.n = 7", {"input": {"n": "7"}}, True),
        ("input.flag = true", {"input": {"flag": True}}, True),
        ("input.flag = true", {"input": {"flag": 1}}, True),
        ("input.items.1 = b", {"input": {"items": ["a", "b"]}}, True),
        ("input.items.9 = b", {"input": {"items": ["a", "b"]}}, False),
        ('"b" in input.items', {"input": {"items": ["a", "b"]}}, True),
        ("input.n > x", {"input": {"n": 3}}, False),
        ("inv = 0", {"inv": "0"}, True),
        ("inv != 0.1", {"inv": "0.1"}, False),
        ("cost = null", {"cost": None}, True),
        ("error != none", {"error": "x"}, True),
        ('inv > "0"', {"inv": "0.1"}, True),
        ('cycle ~ "^1"', {"cycle": 12}, True),
        ('"2" in cycle', {"cycle": 12}, True),
        ("cycle > 1", {"cycle": None}, False),
        ("not tool:a or kind:b and cycle = 1", {"tool": "a", "kind": "b", "cycle": 1}, True),
        ("not (tool:a or kind:b)", {"tool": "x", "kind": "y"}, True),
        ("tool:'a b'", {"tool": "a b"}, True),
        ('tool:"a b"', {"tool": "a b"}, True),
        (r'text = "say \"hi\""', {"text": 'say "hi"'}, True),
        ("tool:AND*", {"tool": "ANDroid"}, True),
        ("text = android", {"text": "android"}, True),
        ("tool:[[]a]", {"tool": "[a]"}, True),
        ("tool:[!]]", {"tool": "a"}, True),
    ],
)
def test_corners(text: str, values: Values, expected: bool) -> None:
    assert compile_filter(text).test(values) is expected


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("tool:x and", 11, "missing"),
        ("cycle > > 3", 9, "'>'"),
        ("kind:delta )", 12, "')'"),
        ("cycl > 3", 1, "did you mean 'cycle'"),
        ("error and toll:x", 11, "did you mean 'tool'"),
        ('text ~ "("', 8, "regular expression"),
        ("cycle ? 3", 7, "'?'"),
        ("(error", 7, "missing"),
        ("tool:[", 6, "the '[' is not closed"),
        ("error and tool:get_[ab", 20, "the '[' is not closed"),
        ("tool:[]", 6, "the '[' is not closed"),
        ('tool:"[!]x"', 7, "the '[' is not closed"),
        ("3", 2, "missing"),
        ("cycle > x", 9, "cycle is a number, and x is none"),
        ('kind:delta or cycle = "3"', 23, 'cycle is a number, and "3" is none'),
        ('duration > "2s"', 12, "is a number"),
        ("cost != true", 9, "is a number"),
        ("tokens > null", 10, "is a number"),
        ("status > 3", 10, "status is a text, and 3 is none"),
        ("error = true", 9, "error is a text, and true is none"),
    ],
)
def test_an_error_points_at_the_column(text: str, column: int, says: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text)
    assert caught.value.column == column
    assert says in str(caught.value)


def test_what_is_known_of_names_is_known_of_names_that_there_are() -> None:
    assert set(NAMES) | {"id", "cycles"} >= vocabulary._NUMBERS | vocabulary._TEXTS
    assert not vocabulary._NUMBERS & vocabulary._TEXTS


def test_a_vocabulary_of_fewer_names_refuses_the_others_at_their_column() -> None:
    few = ("tool", "cycle")
    assert compile_filter("tool:x and cycle > 1", few).test({"tool": "x", "cycle": 2})
    for text, says in (("cycle > 1 and size > 3", "'size' is not known here"), ("cycle > 1 and toll:x", "mean 'tool'")):
        with pytest.raises(FilterError, match=says) as caught:
            compile_filter(text, few)
        assert caught.value.column == 15


def test_a_strict_filter_tells_what_cannot_be_compared_and_takes_what_is_not_there_as_such() -> None:
    strict = compile_filter("input.n > 5", strict=True)
    assert strict.test({"input": {"n": 6}}) and not strict.test({"input": {}}) and not strict.test({})
    with pytest.raises(MismatchError, match="a str > 5"):
        strict.test({"input": {"n": "many"}})


@given(st.text(alphabet="toolcycle :*()\"'=<>~!andor2s.$\\", max_size=40))
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    try:
        compile_filter(text).test({"tool": "x", "cycle": 2, "input": {"a": [1]}})
    except FilterError as error:
        assert 1 <= error.column <= len(text) + 1


def found(path: Path, text: str, shape: str = "tools3 say") -> list[str]:
    session = build_session(path / "s.jsonl", shape)
    timeline, compiled = session.timeline(), compile_filter(text)
    return [r.kind_of(record) for record in session.records() if compiled.matches(record, timeline)]


def test_a_tool_filter_finds_all_records_of_the_call(tmp_path: Path) -> None:
    assert found(tmp_path, "tool:calc* and not kind:block_start") == ["tool_start"] * 3 + ["tool_end"] * 3


def test_duration_is_that_of_the_span_for_its_first_record_too(tmp_path: Path) -> None:
    assert (
        found(tmp_path, "kind:tool_* and duration > 20ms and duration < 10s") == ["tool_start"] * 3 + ["tool_end"] * 3
    )
    assert found(tmp_path, "kind:tool_* and duration > 10s") == []


def test_error_finds_what_tells_of_it_and_not_the_whole_span(tmp_path: Path) -> None:
    assert found(tmp_path, "error", "toolerror fail") == ["tool_end", "model_end", "force_stop", "invocation_end"]


def test_every_name_can_be_asked_of_every_kind(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle()
    for cls in r.KINDS.values():
        build.put(cls())
    session = build.close()
    timeline, compiled = session.timeline(), [compile_filter(f"{name} or {name} = 1") for name in NAMES]
    assert len([f.matches(record, timeline) for record in session.records() for f in compiled]) > 25 * len(NAMES)


def test_the_parser_is_loaded_only_for_a_filter() -> None:
    code = "import sys, tracer.filters as f; f.compile_filter(''); sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
