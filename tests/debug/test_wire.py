"""Framing: however the bytes are cut, the messages are the same; what is no DAP is said to be none."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.debug import wire
from tracer.debug.wire import Decoder, WireError, encode

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé", max_size=4), inner, max_size=3),
    max_leaves=8,
)
messages = st.lists(st.dictionaries(st.text("abc", min_size=1, max_size=5), json_values, max_size=4), max_size=4)


@given(messages, st.lists(st.integers(0, 4000), max_size=12))
def test_any_split_of_the_bytes_gives_the_same_messages(sent: list[dict[str, Any]], cuts: list[int]) -> None:
    data = b"".join(encode(message) for message in sent)
    at = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    decoder, got = Decoder(), []
    for start, end in itertools.pairwise(at):
        got += decoder.feed(data[start:end])
    assert got == sent


@given(st.binary(max_size=200))
def test_whatever_comes_it_is_messages_or_a_wire_error(data: bytes) -> None:
    try:
        found = Decoder().feed(data)
    except WireError:
        return
    assert all(isinstance(message, dict) for message in found)


def test_other_headers_and_any_case_are_taken() -> None:
    said = b"content-length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}"
    assert Decoder().feed(said) == [{}]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"G", "begins with Content-Length"),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", "begins with Content-Length"),
        (b"Content-Length: -1\r\n\r\n", "not a number"),
        (b"Content-Length: 1e3\r\n\r\n", "not a number"),
        (b"Content-Length: %d\r\n\r\n" % (wire.BODY_LIMIT + 1), "more than the limit"),
        (b"Content-Length: 2\r\nX: " + b"y" * wire.HEADER_LIMIT, "does not end within"),
        (b"Content-Length: 2\r\n\r\n[]", "not an object"),
        (b"Content-Length: 2\r\n\r\n{x", "not JSON"),
    ],
)
def test_what_is_not_dap_is_refused_and_told_why(data: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        Decoder().feed(data)


def test_the_first_wrong_byte_is_enough() -> None:
    decoder = Decoder()
    assert decoder.feed(b"Con") == []
    with pytest.raises(WireError):
        decoder.feed(b"nect")
