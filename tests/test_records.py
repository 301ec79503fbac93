"""The record table: what is written is read back, and what is not known is kept."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import records as r
from tracer.filters import compile_filter
from tracer.tui.model import feed

TABLE = [
    *(
        "session",
        "content",
        "invocation_start",
        "invocation_end",
        "cycle_start",
        "cycle_end",
        "model_start",
        "model_end",
    ),
    *("block_start", "delta", "block_stop", "message", "tool_start", "tool_stream", "tool_end", "event", "throttled"),
    *("force_stop", "log", "loop_blocked", "stopped", "resumed", "edited", "gap", "session_end"),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_the_table_is_complete() -> None:
    assert sorted(r.KINDS) == sorted(TABLE)


@pytest.mark.parametrize("kind", TABLE)
def test_kind_is_the_first_key_and_a_bare_record_comes_back(kind: str) -> None:
    record = r.KINDS[kind](seq=3, t=5)
    line = r.encode(record)
    assert line.startswith(b'{"kind":"' + kind.encode() + b'"')
    assert r.decode(line) == record


@given(value=json_values, text=st.text(), seq=st.integers(0, 2**40))
def test_any_content_comes_back(value: object, text: str, seq: int) -> None:
    for record in (
        r.Delta(seq=seq, t=1, text=text),
        r.Event(seq=seq, t=1, event={"x": value}),
        r.ToolEnd(seq=seq, t=1, input=value, result={"y": [value]}, error=r.Failure(text, text)),
    ):
        line = r.encode(record)
        assert b"\n" not in line
        assert r.decode(line) == record


def test_an_unknown_kind_is_kept_and_an_unknown_field_skipped() -> None:
    foreign = r.decode(b'{"kind":"from_the_future","seq":7,"t":9,"inv":"0","cycle":2,"x":{"y":1}}')
    assert isinstance(foreign, r.Unknown)
    assert (foreign.seq, foreign.t, foreign.inv, foreign.cycle) == (7, 9, "0", 2)
    assert foreign.raw["x"] == {"y": 1}
    assert r.kind_of(foreign) == "from_the_future"
    assert r.decode(b'{"kind":"cycle_end","seq":1,"t":2,"ending":"complete","new":[1]}') == r.CycleEnd(seq=1, t=2)


@pytest.mark.parametrize(
    "line",
    [b"", b"nonsense", b"[]", b"{}", b'{"kind":3}', b'{"kind":"delta","text":5}', b'{"kind":"delta"', b"\xff\xfe"],
)
def test_what_is_not_a_record_is_refused(line: bytes) -> None:
    with pytest.raises(r.BadRecord):
        r.decode(line)


def test_the_schema_names_every_kind() -> None:
    text = msgspec.json.encode(r.schema()).decode()
    for kind in TABLE:
        assert f'"{kind}"' in text


@pytest.mark.parametrize(
    ("record", "failed"),
    [
        (r.ToolEnd(status="error"), True),
        (r.ToolEnd(status="success", error=r.Failure("E")), True),
        (r.ToolEnd(status="success"), False),
        (r.ToolEnd(status="error", cancelled="no"), False),  # refused: it did not run
        *((r.Log(level=level), True) for level in ("error", "CRITICAL", "Fatal")),
        *((r.Log(level=level), False) for level in ("", "warning", "info")),
    ],
)
def test_what_failed_is_the_same_for_a_filter_and_on_screen(record: r.ToolEnd | r.Log, failed: bool) -> None:
    assert record.failed is failed
    assert feed.failed(record) is failed
    if isinstance(record, r.Log):
        record.text = "said"
        assert compile_filter("error").matches(record) is failed
