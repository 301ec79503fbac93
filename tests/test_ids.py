"""Ids: sorted by time, derived and stable."""

from hypothesis import given
from hypothesis import strategies as st

from tracer import ids


@given(st.integers(0, 2**60), st.integers(1, 10**15))
def test_session_ids_sort_by_time(now: int, later: int) -> None:
    early, late = ids.new_session_id(now), ids.new_session_id(now + later + 1_000_000)
    assert len(early) == len(late) == 16
    assert early < late


def test_ids_are_derived_from_session_and_path_alone() -> None:
    assert ids.trace_id("s", "0") == ids.trace_id("s", "0")
    assert ids.trace_id("s", "0") != ids.trace_id("s", "1") != ids.trace_id("t", "1")
    assert ids.span_id("s", "inv:0/cycle:1") == ids.span_id("s", "inv:0/cycle:1")
    assert len(bytes.fromhex(ids.trace_id("s", "0"))) == 16
    assert len(bytes.fromhex(ids.span_id("s", "x"))) == 8


def test_a_valid_traceparent_names_the_trace() -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert ids.parse_traceparent(parent) == ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    assert ids.trace_id("s", "0", parent) == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_an_invalid_traceparent_is_not_followed() -> None:
    for bad in (
        "",
        "x",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    ):
        assert ids.parse_traceparent(bad) is None
        assert ids.trace_id("s", "0", bad) == ids.trace_id("s", "0")


def test_a_later_version_of_traceparent_may_say_more() -> None:
    later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert ids.parse_traceparent(later) == ids.parse_traceparent(f"{later}-more") is not None
    assert ids.parse_traceparent(f"{later}more") is None


@given(st.text(max_size=80))
def test_what_is_no_traceparent_is_refused_and_not_raised_over(text: str) -> None:
    assert ids.parse_traceparent(text) is None
    ids.valid_tracestate(text)


def test_a_tracestate_is_checked_as_a_whole() -> None:
    for good in ("a=b", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "1t@v=x , b=y y", "a=b,,c=d"):
        assert ids.valid_tracestate(good), good
    many = ",".join(f"k{number}=v" for number in range(33))
    for bad in ("", ",", "a", "a=", "A=b", "a=b,a=c", "a=b=c", "a=é", "a=b\n", "1a=b", many):
        assert not ids.valid_tracestate(bad), bad
