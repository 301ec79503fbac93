"""The models that the panes draw: JSON, transcript, tree, status, playback, hints, search, clipboard. No screen."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.story import builder, tidy
from tracer import records as r
from tracer.journal.reader import Reader
from tracer.spans import input_of
from tracer.testing import SessionBuilder, build_session
from tracer.timeline import Block
from tracer.tui.model import clipboard, events, inspect, jsontext, transcript, value
from tracer.tui.model.feed import Feed
from tracer.tui.model.hints import Hint, Hints
from tracer.tui.model.playback import Playback
from tracer.tui.model.search import Search
from tracer.tui.model.status import status, totals
from tracer.tui.model.tree import Tree, name_line, remark

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def fed(path: Path) -> Feed:
    """All of a session, folded."""
    feed = Feed(Reader(path))
    while feed.advance(budget=1) or feed.behind:
        pass
    feed.settle()
    return feed


def text_of(lines: list[Any]) -> str:
    """Styled lines as text."""
    return "\n".join("".join(text for text, _ in line) for line in lines)


# JSON


@given(json_values)
def test_pretty_json_reads_back_and_is_printable(given_value: Any) -> None:
    text = jsontext.pretty(given_value)
    assert json.loads(text) == given_value
    assert all(char == "\n" or char.isprintable() for char in text)
    assert "\n".join("".join(piece for piece, _ in line) for line in jsontext.coloured(text)) == text


@pytest.mark.parametrize(
    ("text", "error", "line", "column"),
    [
        ('{"a": 1}', "", 0, 0),
        ('{\n  "a": }', "expecting value", 2, 8),
        ("[1]", "a tool's input is an object", 1, 1),
        ("", "expecting value", 1, 1),
    ],
)
def test_json_errors_name_their_place(text: str, error: str, line: int, column: int) -> None:
    parsed = jsontext.parse_object(text)
    assert parsed.error.startswith(error) and (parsed.line, parsed.column) == (line, column)
    assert bool(parsed.error) == (parsed.value is None)


# the feed


def test_a_feed_stops_at_a_time_and_at_a_line_and_starts_anew(tmp_path: Path) -> None:
    feed = Feed(Reader(tidy(tmp_path / "s.jsonl")))
    feed.advance(budget=1, until_seq=5)
    assert feed.fed == 5 and feed.behind > 0
    t = feed.reader.record(20).t
    while feed.advance(budget=1, until_t=t):
        pass
    assert feed.reader.record(feed.fed - 1).t <= t < feed.reader.record(feed.fed).t
    before = feed.generation
    feed.restart()
    assert feed.fed == 0 and feed.generation == before + 1 and not feed.timeline.spans


def test_a_slice_ends_when_its_time_is_over(tmp_path: Path) -> None:
    ticks = iter(range(10_000))
    feed = Feed(Reader(tidy(tmp_path / "s.jsonl")), clock=lambda: next(ticks))
    assert feed.advance(budget=2) == 32  # the clock is asked every 16 records, and once at the start


def test_the_feed_knows_where_errors_cycles_tools_and_pauses_are(tmp_path: Path) -> None:
    feed = fed(tidy(tmp_path / "s.jsonl"))
    assert [r.kind_of(feed.reader.record(seq)) for seq in feed.errors] == ["tool_end"]
    assert len(feed.cycles) == 4 and len(feed.tools) == 5
    (edited,) = [span for span in feed.timeline.spans if span.edited]
    assert input_of(feed.reader.record(edited.input_seq)) == {"path": "sandbox/tmp", "recursive": True}
    paused = feed.timeline.end - feed.active(feed.timeline.end)
    assert paused == 42_000_000_000


def test_a_failure_on_its_way_out_is_one_error(tmp_path: Path) -> None:
    feed = fed(build_session(tmp_path / "s.jsonl", "toolerror say fail").path)
    assert [r.kind_of(feed.reader.record(seq)) for seq in feed.errors] == ["tool_end", "model_end"]


# the tree


def test_the_tree_grows_as_a_rebuilt_one_would_be(tmp_path: Path) -> None:
    reader = Reader(tidy(tmp_path / "s.jsonl"))
    feed, tree = Feed(reader), None
    tree = Tree(feed.timeline)
    while feed.advance(budget=1, until_seq=feed.fed + 3):
        tree.update()
        whole = Tree(feed.timeline)
        whole.rebuild()
        assert [span.path for span in tree.rows] == [span.path for span in whole.rows]


def test_folding_hides_and_the_folded_row_stands_for_what_it_hides(tmp_path: Path) -> None:
    tree = Tree(fed(tidy(tmp_path / "s.jsonl")).timeline)
    tree.update()
    rows, cycle = len(tree.rows), tree.rows[1]
    tree.fold(cycle)
    assert len(tree.rows) == rows - 3
    assert tree.row_of(cycle.children[0]) == 1
    tree.unfold(cycle)
    assert len(tree.rows) == rows


def test_only_what_went_wrong_or_was_touched_has_a_remark(tmp_path: Path) -> None:
    tree = Tree(fed(tidy(tmp_path / "s.jsonl")).timeline)
    tree.update()
    said = {span.name: remark(span)[0] for span in tree.rows if remark(span)[0]}
    assert said == {"disk_usage": "PermissionError: sandbox/tmp/swap", "delete_folder": "edited"}


# transcript, events, inspector, values


def test_the_transcript_tells_each_result_once(tmp_path: Path) -> None:
    feed = fed(tidy(tmp_path / "s.jsonl"))
    told: set[str] = set()
    lines: list[Any] = []
    for seq in feed.said:
        record = feed.reader.record(seq)
        lines += transcript.lay_out(transcript.parts(record, told), 100)
        told |= {record.tool_use_id} if isinstance(record, r.ToolEnd) else set()
    text = text_of(lines)
    assert text.count("12 kB") == 1 and text.count("NOTES.md") == 2
    for word in ("you", "thinks", "agent", "call", "result", "failed", "stopped", "edited", "resumed"):
        assert any(line.split()[:1] == [word] for line in text.splitlines()), word


def test_long_results_are_clipped_until_they_are_opened() -> None:
    end = r.ToolEnd(
        name="t", result={"content": [{"text": "\n".join(f"row {n}" for n in range(40))}]}, status="success"
    )
    assert "… 34 more lines" in text_of(transcript.lay_out(transcript.parts(end), 80))
    assert "row 39" in text_of(transcript.lay_out(transcript.parts(end), 80, whole=True))


def test_what_streams_is_told_as_it_is(tmp_path: Path) -> None:
    blocks = [Block("reasoning", ["hm"]), Block("text", ["Par", "is"]), Block("input", ['{"a"'], "calc")]
    assert [(p.tag, p.head, p.text) for p in transcript.streaming(blocks)] == [
        ("thinks", "", "hm"), ("agent", "", "Paris"), ("call", "calc", '{"a"'),
    ]  # fmt: skip


@pytest.mark.parametrize("record", [cls() for cls in r.KINDS.values()] + [r.Unknown(raw={"kind": "new"})])
def test_every_kind_has_a_row_and_an_inspector(record: r.Record) -> None:
    record.seq, record.t = 3, 5
    assert r.kind_of(record) in text_of([events.line(record, 100)])
    assert r.kind_of(record) in text_of(inspect.of_record(record, 10, 60))
    assert value.of_record(record)[0]


def test_the_inspector_cuts_what_is_large_and_says_so() -> None:
    log = r.Log(text="x" * 5_000_000)
    lines = inspect.of_record(log, 5_000_000, 60)
    assert len(lines) < 400 and "5.0 MB" in text_of(lines) and "Enter shows all" in text_of(lines)


def test_the_inspector_of_an_edited_call_shows_both_inputs(tmp_path: Path) -> None:
    feed = fed(tidy(tmp_path / "s.jsonl"))
    span = next(span for span in feed.timeline.spans if span.name == "delete_folder")
    text = text_of(inspect.of_span(span, feed.reader, feed.timeline.end, 60))
    assert "as proposed" in text and "as executed" in text and "removed 5 files" in text and "paused      42.0s" in text
    assert "edited      tool input by the screen  #" in text


def test_an_edit_names_its_hook_in_the_transcript_and_in_the_inspector(tmp_path: Path) -> None:
    where = r.Where("/home/me/app.py", 12, "cut")
    build = builder(tmp_path / "s.jsonl").start().cycle().model("", calls=[("wipe", {"a": 1})])
    build.tool_start("wipe", {"a": 1})
    build.put(r.Edited(what="result", path="content", before=["x"], after=[], who="hook cut", where=where,
                       tool_use_id="call_1_0"))  # fmt: skip
    build.put(r.Edited(what="system", before="a", after="b"))
    feed = fed(build.tool_end(0, "wipe").complete().end().close().path)
    edits = [record for record in feed.reader.records() if isinstance(record, r.Edited)]
    assert [transcript.parts(edit)[0].text for edit in edits] == [
        'result content by hook cut (app.py:12): ["x"] → []',
        'system by no hook (found changed since the last call): "a" → "b"',
    ]
    span = next(span for span in feed.timeline.spans if span.name == "wipe")
    text = text_of(inspect.of_span(span, feed.reader, feed.timeline.end, 80))
    assert f"edited      result content by hook cut (app.py:12)  #{edits[0].seq}" in text


# header


@pytest.mark.parametrize(
    ("shape", "word"),
    [("tool say", "ENDED ok"), ("say fail", "FAILED"), ("say abandon", "ABANDONED")],
)
def test_the_header_says_how_it_ended(tmp_path: Path, shape: str, word: str) -> None:
    build_session(tmp_path / "s.jsonl", shape)
    feed = fed(tmp_path / "s.jsonl")
    assert status(feed.timeline, feed.state, "view", True).word == word


def test_the_header_says_crashed_live_stopped_replay(tmp_path: Path) -> None:
    crashed = builder(tmp_path / "c.jsonl").start().cycle()
    crashed.model("x")._file.close()
    feed = fed(tmp_path / "c.jsonl")
    assert status(feed.timeline, feed.state, "view", True).word == "CRASHED"
    feed = fed(tidy(tmp_path / "s.jsonl", stopped=True))
    assert status(feed.timeline, feed.state, "live", True).word == "STOPPED"
    feed = fed(tidy(tmp_path / "e.jsonl"))
    assert status(feed.timeline, feed.state, "replay", False).word == "REPLAY"
    assert totals(feed.timeline, 13_300_000_000) == [
        ("", "13.3s"),
        ("tokens", "2.8k↑ 220↓"),
        ("cost", "$0.0066"),
        ("cycle", "4"),
    ]


# replay, hints, search, clipboard


def test_playback_keeps_the_recorded_pace_times_speed() -> None:
    playback = Playback(total=10_000_000_000, speed=2.0)
    playback.tick(1.5)
    assert playback.now == 3_000_000_000 and playback.playing and not playback.at_end
    playback.toggle()
    playback.tick(5)
    assert playback.now == 3_000_000_000
    playback.toggle()
    playback.tick(60)
    assert playback.at_end and not playback.playing
    playback.toggle()
    assert playback.now == 0 and playback.playing


def test_speed_nought_is_everything_at_once() -> None:
    assert Playback(total=5, speed=0).at_end


def test_a_held_moment_is_cut_short() -> None:
    playback = Playback(total=100_000_000_000, now=10)
    playback.tick(1.0, held_until=90_000_000_000)
    assert playback.now == 10
    playback.tick(1.0, held_until=90_000_000_000)
    assert playback.now == 90_000_000_000


def test_hints_follow_the_run_and_the_reader() -> None:
    hints = Hints([Hint("stopped", "look"), Hint("stopped", "edit"), Hint("edited", "go on"), Hint("ended", "quit")])
    assert [hints.text(when) for when in ("running", "stopped", "edited", "ended")] == ["", "look", "go on", "quit"]
    hints.advance("stopped")
    hints.advance("stopped")
    assert hints.text("stopped") == "edit"
    assert Hints([Hint("stopped", "look")]).text("edited") == "look"


def test_search_finds_whole_records_in_any_case(tmp_path: Path) -> None:
    feed = fed(tidy(tmp_path / "s.jsonl"))
    search = Search(feed.reader, "permissionerror")
    while search.advance(7):
        pass
    assert [r.kind_of(feed.reader.record(seq)) for seq in search.matches] == ["tool_end"]
    only = search.matches[0]
    assert search.after(only) == only == search.before(only) and search.place(only) == "1 of 1"
    quoted = Search(feed.reader, '"path": "')  # a quote is escaped in the file's strings, and only there
    quoted.advance(10_000)
    assert all(b'\\"path\\": \\"' in feed.reader.raw(seq) for seq in quoted.matches)


def test_a_copy_is_clean_and_says_what_it_did() -> None:
    done = clipboard.copy("a\x1b]52;c;evil\x07b\nc", {})
    assert done.sequence == f"\x1b]52;c;{base64.b64encode(b'ab' + chr(10).encode() + b'c').decode()}\a"
    assert done.said.startswith("copied 4 B")


def test_a_copy_goes_through_tmux_and_has_an_end() -> None:
    done = clipboard.copy("é" * 100_000, {"TMUX": "/tmp/tmux"})
    assert done.sequence.startswith("\x1bPtmux;\x1b\x1b]52;c;") and done.sequence.endswith("\a\x1b\\")
    assert len(done.sequence) < 100_100
    assert "of 200 kB" in done.said and "tmux" in done.said


def test_what_lies_hundreds_of_agents_deep_still_has_its_name(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start(inv="0")
    for _ in range(40):
        build.cycle().model("go", calls=[("agent", {})])
        caller, inner = build.seq, build.inv + ".0"
        build.tool_start("agent", {})
        build.start("deeper", inv=inner, caller=caller)
    span = build.cycle().model("at the bottom").close(clean=False).spans()[-1]
    for said in ("".join(text for text, _ in name_line(span, False)), *told(span.inv.count("."))):
        assert len(said) <= 40 and ("scripted" in said or "bottom" in said or "tester" in said)


def told(depth: int) -> list[str]:
    """What the transcript says at a depth, in forty columns."""
    said = transcript.lay_out([transcript.Part("agent", "model", "bottom", "text")], 40, depth=depth)
    opened = transcript.opening("tester", depth, 40)[1:]
    return ["".join(text for text, _ in line) for line in (*said, *opened)]
