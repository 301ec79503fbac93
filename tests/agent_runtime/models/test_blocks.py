"""Blocks: whatever order the fragments come in, one block is open at a time and nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_runtime.models.chat.blocks import Blocks, MisplacedToolInput


def shape(chunks: list[Any]) -> list[tuple[str, str]]:
    """Each block as (what it is, all it holds); fails unless one block is open at a time."""
    blocks: list[tuple[str, str]] = []
    is_open = False
    for chunk in chunks:
        if "contentBlockStart" in chunk:
            assert not is_open, "a block was opened inside another"
            is_open = True
            tool = chunk["contentBlockStart"]["start"].get("toolUse")
            blocks.append((f"{tool['name']}#{tool['toolUseId']}" if tool else "", ""))
        elif "contentBlockDelta" in chunk:
            assert is_open, "a delta came outside of a block"
            delta = chunk["contentBlockDelta"]["delta"]
            name, held = blocks[-1]
            kind, value = next(iter(delta.items()))
            if kind != "text":
                kind, value = next(iter(value.items()))
            blocks[-1] = (name or kind, held + str(value))
        else:
            assert is_open, "a block was closed twice"
            is_open = False
    return blocks


def test_a_change_of_kind_closes_the_block_before() -> None:
    blocks = Blocks()
    chunks = [*blocks.reasoning("Hm"), *blocks.reasoning("m."), *blocks.text("Hi"), *blocks.tool(0, "c1", "add", "{}")]
    chunks += blocks.finish()
    assert [held for _, held in shape(chunks)] == ["Hmm.", "Hi", "{}"]
    assert chunks[-1] == {"contentBlockStop": {}}


def test_tool_input_is_sent_on_as_it_arrives() -> None:
    blocks = Blocks()
    assert len(list(blocks.tool(0, "c1", "add", '{"a"'))) == 2
    more = list(blocks.tool(0, None, None, ": 1}"))
    assert more == [{"contentBlockDelta": {"delta": {"toolUse": {"input": ": 1}"}}}}]


def test_interleaved_calls_are_kept_apart() -> None:
    blocks = Blocks()
    chunks: list[Any] = []
    for index, id, name, part in [
        (0, "c1", "add", '{"a"'),
        (1, "c2", "sub", '{"b"'),
        (0, None, None, ": 1}"),
        (1, None, None, ": 2}"),
    ]:
        chunks += blocks.tool(index, id, name, part)
    chunks += blocks.finish()
    assert shape(chunks) == [("add#c1", '{"a": 1}'), ("sub#c2", '{"b": 2}')]


def test_a_later_call_streams_once_the_first_is_complete() -> None:
    blocks = Blocks()
    list(blocks.tool(0, "c1", "add", '{"a": 1}'))
    assert list(blocks.tool(1, "c2", "sub", '{"b')) == [
        {"contentBlockStop": {}},
        {"contentBlockStart": {"start": {"toolUse": {"name": "sub", "toolUseId": "c2"}}}},
        {"contentBlockDelta": {"delta": {"toolUse": {"input": '{"b'}}}},
    ]


def test_a_second_call_at_the_same_index_is_another_call() -> None:
    blocks = Blocks()
    chunks = [*blocks.tool(0, "c1", "add", '{"a": 1}'), *blocks.tool(0, "c2", "add", '{"a": 2}'), *blocks.finish()]
    assert shape(chunks) == [("add#c1", '{"a": 1}'), ("add#c2", '{"a": 2}')]


def test_a_name_that_comes_late_is_waited_for() -> None:
    blocks = Blocks()
    assert list(blocks.tool(0, "c1", None, '{"a"')) == []
    assert shape([*blocks.tool(0, None, "add", ": 1}"), *blocks.finish()]) == [("add#c1", '{"a": 1}')]


def test_more_input_after_the_end_is_an_error_and_not_lost() -> None:
    blocks = Blocks()
    list(blocks.tool(0, "c1", "add", "{}"))
    list(blocks.text("done"))
    assert list(blocks.tool(0, None, None, " ")) == []
    with pytest.raises(MisplacedToolInput):
        blocks.tool(0, None, None, '{"a": 1}')


def test_a_failure_sends_on_what_waits_and_leaves_the_last_block_open() -> None:
    blocks = Blocks()
    chunks = [*blocks.tool(0, "c1", "add", '{"a'), *blocks.tool(1, "c2", "sub", '{"b')]
    chunks += blocks.drain()
    assert shape(chunks) == [("add#c1", '{"a'), ("sub#c2", '{"b')]
    assert "contentBlockDelta" in chunks[-1]


@given(st.data())
def test_no_order_of_fragments_loses_or_moves_one(data: st.DataObject) -> None:
    inputs = [json.dumps({"x": data.draw(st.text(max_size=6))}) for _ in range(data.draw(st.integers(1, 4)))]
    left = {index: list(text) for index, text in enumerate(inputs)}
    blocks, chunks, spoken = Blocks(), list[Any](), ""
    while left:
        index = data.draw(st.sampled_from([*left, -1]))
        if index < 0:
            chunks += blocks.text("w")
            spoken += "w"
            continue
        part = left[index].pop(0)
        first = len(left[index]) == len(inputs[index]) - 1
        chunks += blocks.tool(index, f"c{index}" if first else None, "t" if first else None, part)
        if not left[index]:
            del left[index]
    chunks += blocks.finish()
    seen = shape(chunks)
    assert {name: held for name, held in seen if name.startswith("t#")} == {
        f"t#c{index}": text for index, text in enumerate(inputs)
    }
    assert "".join(held for name, held in seen if name == "text") == spoken
