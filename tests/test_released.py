"""A file of each released version is kept in tests/released, and opens as it did when it was written."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tracer import __version__
from tracer import records as r
from tracer.checking.lines import findings
from tracer.playback import replay
from tracer.session import Session

RELEASED = Path(__file__).parent / "released"
FILES = sorted(RELEASED.glob("*.jsonl"))
CHANGELOG = (RELEASED.parent.parent / "CHANGELOG.md").read_text()
SPANS = {
    "0.1.0-recorded": {"invocation": 1, "cycle": 3, "model": 3, "tool": 3},
    "0.1.0-kinds": {"invocation": 1, "cycle": 1, "model": 1, "tool": 1},
}


def test_each_version_has_its_files() -> None:
    versions = {*re.findall(r"^## \[(\d[^]]*)\]", CHANGELOG, re.MULTILINE), __version__}
    assert {path.stem.partition("-")[0] for path in FILES} == versions
    assert {path.stem for path in FILES} == SPANS.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_still_opens(path: Path) -> None:
    session = Session(path)
    assert [finding for finding in findings(session.reader) if finding.level == "error"] == []
    assert Counter(span.kind for span in session.spans()) == SPANS[path.stem]
    assert session.state == "ended"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_that_it_says_is_lost(path: Path) -> None:
    """What is decoded and encoded again says the same: no kind and no field was renamed or dropped since."""
    for line in path.read_bytes().splitlines():
        record = r.decode(line)
        assert not isinstance(record, r.Unknown)
        assert json.loads(r.encode(record)) == json.loads(line)


def test_the_file_of_kinds_has_every_kind_of_its_time() -> None:
    found = {r.kind_of(record) for record in Session(RELEASED / "0.1.0-kinds.jsonl").records()}
    assert len(found) == 25 and found <= r.KINDS.keys()


async def test_a_recorded_one_is_replayed() -> None:
    events = [event async for event in replay(Session(RELEASED / "0.1.0-recorded.jsonl"), speed=0)]
    assert sum("complete" in event for event in events) == 3 and "result" in events[-1]
