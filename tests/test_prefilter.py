"""The prefilter leaves nothing out: whatever the filter, what it refuses the filter would not have let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_filters import examples
from tracer import records as r
from tracer.filters import NAMES, FilterError, compile_filter
from tracer.journal.reader import Reader
from tracer.prefilter import Prefilter
from tracer.testing import SessionBuilder

FOREIGN = b'{"kind":"telepathy","seq":9,"t":9,"text":"boom","error":{"type":"x"}}\n{"seq":1,"kind":"log","t":9}\nbad\n'


def compiles(text: str) -> bool:
    """Whether it compares what can be compared."""
    try:
        return bool(compile_filter(text))
    except FilterError:
        return False


tests = st.one_of(
    st.sampled_from(NAMES),
    st.builds("{}:{}".format, st.sampled_from(["kind", "tool", "text", "role", "error", "model", "status"]),
              st.sampled_from(["*", "tool_*", "delta", "user", "calc*", "[dm]e*", "damaged", "telepathy", "boom"])),
    st.builds("{} {} {}".format, st.sampled_from(NAMES), st.sampled_from(["=", "!=", "<", ">=", "~"]),
              st.sampled_from(["1", "null", "none", "false", "boom", '"e"', "delta", "3k", "ok"])),
    st.builds('"{}" in {}'.format, st.sampled_from(["boom", "e", "7"]), st.sampled_from([*NAMES, "input.expression"])),
).filter(compiles)  # fmt: skip
filters = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner), st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=5,
)  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    build = SessionBuilder(tmp_path_factory.mktemp("pre") / "s.jsonl").start("boom").cycle()
    build.model("The answer", think="Hm", calls=[("calculator", {"expression": "7"})], cost=0.25)
    build.tool("calculator", {"expression": "7"}, error="boom").results("boom").complete().cycle()
    for cls in r.KINDS.values():
        build.put(cls())
    build.put(r.Log(text="boom", level="error"))
    build.model(error="boom").force_stop("boom").end("error", "boom")
    path = build.close().path
    path.write_bytes(path.read_bytes() + FOREIGN)
    found = Reader(path)
    found.poll()
    return found


def agrees(reader: Reader, text: str) -> tuple[int, int]:
    compiled, before = compile_filter(text), Prefilter(text)
    wanted = [seq for seq, line in reader.lines() if compiled.matches(reader.decoded(seq, line))]
    passed = [seq for seq, line in reader.lines() if before.passes(line)]
    assert set(wanted) <= set(passed), text
    return len(wanted), len(passed)


@given(text=filters)
def test_it_leaves_out_nothing_that_fits(reader: Reader, text: str) -> None:
    agrees(reader, text)


@pytest.mark.parametrize("text", [*examples(), "", "error ~ boom", "tokens > 3", 'text = "boom"', "role = user"])
def test_the_examples_leave_out_nothing_that_fits(reader: Reader, text: str) -> None:
    agrees(reader, text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("kind:force_stop", {"force_stop"}),
        ("kind:tool_* and not kind:tool_stream", {"tool_start", "tool_end"}),
        ("not (kind:[a-l]* or kind:[n-z]*)", {"message", "model_start", "model_end"}),
        ("kind = message and tool:x", {"message"}),
        ('"elt" in kind', {"delta"}),
        ('not ("boom" in kind)', set(r.KINDS)),
        ("cost > $0.5", {"model_end", "invocation_end"}),
        ("role = user", {"message"}),
        ("tool:calc*", set(r.KINDS)),
        ("cost != 3", set(r.KINDS)),
    ],
)
def test_it_leaves_out_what_cannot_fit(text: str, kinds: set[str]) -> None:
    assert {kind for kind in r.KINDS if Prefilter(text).kind(kind)} == kinds


@pytest.mark.parametrize(("text", "spans"), [("tool:x", True), ("cycle > 1 and duration > 1s", True), ("error", False),
                                             ("kind:tool_end", False), ('text = "tool"', False)])  # fmt: skip
def test_only_a_filter_that_asks_for_spans_needs_the_timeline(text: str, spans: bool) -> None:
    assert Prefilter(text).spans is spans
