"""The grammar: what each clause means, and errors that point at their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.debug.breakpoints import KNOWN, POINTS, Breakpoint, Hit, parse
from tracer.debug.errors import BreakpointError
from tracer.filters import NAMES


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("calculator", {"point": "before_tool", "glob": "calculator"}),
        ("tool:http_*", {"point": "before_tool", "glob": "http_*"}),
        ("before_tool", {"point": "before_tool", "glob": "*"}),
        ("tool_error", {"point": "tool_error"}),
        ("force_stop", {"point": "force_stop"}),
        (
            'before_tool:http_* if input.url ~ "prod" hit >=3',
            {"glob": "http_*", "condition": 'input.url ~ "prod"', "hit": Hit(">=", 3)},
        ),
        ("any if cycle > 3", {"point": "any", "condition": "cycle > 3"}),
        ("any if cost > $0.50", {"condition": "cost > $0.50"}),
        (
            'before_model if usage.total_tokens > 50000 log "big {cycle}"',
            {"condition": "usage.total_tokens > 50000", "log": "big {cycle}"},
        ),
        ("message log a word or two once", {"log": "a word or two", "once": True}),
        ("after_tool:x once @writer*", {"once": True, "agent": "writer*"}),
        ("x hit %2", {"hit": Hit("%", 2)}),
        ("x hit 5", {"hit": Hit("==", 5)}),
        ('x if text = "once hit @me log if" once', {"condition": 'text = "once hit @me log if"', "once": True}),
        ("x if (tool:a or tool:b) and cycle > 1", {"condition": "(tool:a or tool:b) and cycle > 1"}),
        ("x log \"a\" and 'b'", {"log": "\"a\" and 'b'"}),
    ],
)
def test_what_a_breakpoint_means(text: str, meant: dict[str, object]) -> None:
    found = parse(text)
    assert found.text == text
    assert {key: getattr(found, key) for key in meant} == meant


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "it is empty"),
        ("   ", 1, "it is empty"),
        ("before_tol:x", 1, "did you mean before_tool"),
        ("before_tol", 1, "did you mean before_tool"),
        ("nowhere:x", 1, "there is no point 'nowhere'"),
        ("if cycle > 3", 1, "there is no point 'if'"),
        ("before_tool:", 13, "a name or a glob is missing"),
        ("x y", 3, "'y' does not belong here"),
        ("x once twice", 8, "'twice' does not belong here"),
        ("x if", 3, "nothing follows 'if'"),
        ("x hit many", 7, "'many' is not a count of hits"),
        ("x hit 0", 7, "'0' is not a count of hits"),
        ("x once once", 8, "is there twice"),
        ("x @", 3, "an agent's name is missing"),
        ("tool:[", 6, "the '[' is not closed; [[] is a '[' itself"),
        ("before_tool:get_[ab once", 17, "the '[' is not closed"),
        ("[ab", 1, "the '[' is not closed"),
        ("x @res[", 7, "the '[' is not closed"),
        ("x if tool:[", 11, "the '[' is not closed"),
        ('x if text = "open', 13, "this quote is not closed"),
        ("x if cycle >", 13, "in its condition"),
        ("x if nonsense = 1", 6, "there is no 'nonsense'"),
        ("before_tool:rm if cycle > 1 and size > 3", 33, "'size' is not known here"),
        ("text if text and edited", 18, "'edited' is not known here; before_tool knows kind point"),
        ("any if seq > 3", 8, "'seq' is not known here"),
        ("before_model if tool:x", 17, "'tool' is not known here"),
        ("cycle_end if result.status = error", 14, "'result' is not known here"),
    ],
)
def test_an_error_points_at_its_place(text: str, column: int, says: str) -> None:
    with pytest.raises(BreakpointError) as caught:
        parse(text)
    assert caught.value.column == column and says in str(caught.value)


def test_an_unknown_point_lists_the_valid_ones() -> None:
    with pytest.raises(BreakpointError) as caught:
        parse("nowhere:x")
    assert all(point in str(caught.value) for point in POINTS)


def test_a_point_that_is_nearly_right_is_answered_with_the_right_one_alone() -> None:
    with pytest.raises(BreakpointError, match=r"there is no point 'before_tol'; did you mean before_tool\?$"):
        parse("before_tol:x")


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(KNOWN["any"])))
def test_a_name_that_no_moment_has_is_refused_at_every_point(name: str) -> None:
    for point in POINTS:
        with pytest.raises(BreakpointError, match="is not known here"):
            parse(f"{point} if {name}")


@given(st.text("if hit log once @x:\"'()>=3%before_tool ", max_size=40))
def test_whatever_is_typed_it_is_a_breakpoint_or_an_error_with_a_column(text: str) -> None:
    try:
        found = parse(text)
    except BreakpointError as error:
        assert 1 <= error.column <= len(text) + 2
        return
    assert found.point in POINTS and found.glob


def test_dap_gives_condition_and_hits_apart() -> None:
    found = parse("calculator", condition="cycle > 1", hit=">=2")
    assert (found.condition, found.hit) == ("cycle > 1", Hit(">=", 2))
    with pytest.raises(BreakpointError, match="twice"):
        parse("calculator if cycle > 1", condition="cycle > 2")
    with pytest.raises(BreakpointError, match="in its condition"):
        parse("calculator", condition="cycle >")


def test_which_hits_count() -> None:
    assert [n for n in range(1, 8) if Hit("==", 3)(n)] == [3]
    assert [n for n in range(1, 8) if Hit(">=", 6)(n)] == [6, 7]
    assert [n for n in range(1, 8) if Hit("%", 3)(n)] == [3, 6]


def test_what_a_breakpoint_covers() -> None:
    spec = Breakpoint("", "tool_error", "http_*", agent="w*")
    assert spec.covers(("tool_error", "after_tool"), "http_get", "writer")
    assert not spec.covers(("after_tool",), "http_get", "writer")
    assert not spec.covers(("tool_error", "after_tool"), "calculator", "writer")
    assert not spec.covers(("tool_error", "after_tool"), "http_get", "reader")
    assert Breakpoint("", "any").covers(("message",), "user", "x")
