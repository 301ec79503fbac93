"""Labels of invocations, as `tracer.label` and a server's requests give them: `ls` and `show` find by them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tracer import records as r
from tracer.cli import main
from tracer.testing import SessionBuilder
from tracer.text import labelled


def served(home: Path, name: str, *labels: dict[str, str], **header: Any) -> Path:
    """A session with an invocation for each of the labels, the last one with a sub-agent of its own labels."""
    build = SessionBuilder(home / "sessions" / f"{name}.jsonl", **header)
    for number, given in enumerate(labels):
        build.inv, build.cycle_no = str(number), 0
        build.put(r.InvocationStart(prompt="hello", agent="tester", labels=given))
        build.cycle().model("Hi", calls=[("search", {"q": name})]).tool("search", {"q": name}).complete()
        if number == len(labels) - 1:
            build.put(r.InvocationStart(prompt="inner", agent="helper", labels={**given, "step": "inner"}, inv="0.7"))
        build.end()
    return build.close().path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    served(tmp_path, "a-plain", {})
    served(tmp_path, "b-prod", {"env": "prod"}, labels={"team": "search"})
    served(tmp_path, "c-requests", {"request_id": "r-91"}, {"request_id": "r-92", "user": "ann"})
    served(tmp_path, "d-header", {}, labels={"env": "prod"})
    return tmp_path


@pytest.fixture
def said(home: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    def run(*args: str) -> tuple[str, str]:
        assert main(list(args)) == 0
        return capfd.readouterr()

    return run


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        ("label.request_id = r-91", ["c-requests"]),
        ("label.request_id = r-92 and label.user = ann", ["c-requests"]),
        ("label.request_id = r-91 and label.user = ann", []),  # no invocation has both
        ("label.request_id:r-* and status = ok", ["c-requests"]),
        ("label.env = prod", ["d-header", "b-prod"]),
        ("label.env = prod and label.team = search", ["b-prod"]),  # the header's hold for each invocation
        ("not label.env = prod", ["c-requests", "a-plain"]),
        ("label.step = inner", ["d-header", "c-requests", "b-prod", "a-plain"]),
        ("label.request_id = r-9", []),
    ],
)
def test_ls_finds_by_the_labels_of_header_and_invocations(said: Any, filter: str, ids: list[str]) -> None:
    out, err = said("ls", "--json", filter)
    assert [json.loads(line)["id"] for line in out.splitlines()] == ids
    assert err == ""


def test_ls_looks_so_far_into_a_session_and_says_where_it_went_on(
    home: Path, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (home / "sessions" / "c-requests.jsonl").read_bytes().index(b'"r-92"')
    monkeypatch.setattr(labelled, "MOST", first)
    assert "c-requests" in said("ls", "--json", "label.request_id = r-91")[0]
    out, err = said("ls", "--json", "label.request_id = r-92")
    assert out == ""
    assert err.endswith("labels were looked for in the first 0 MB only; `tracer show ID FILTER` reads all\n")


def test_ls_reads_no_more_than_before_where_no_label_is_asked_for(
    home: Path, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_path: Path) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(labelled, "Labels", never)
    assert len(said("ls", "--json", "status = ok")[0].splitlines()) == 4


def kinds(said: Any, *args: str) -> list[str]:
    return [json.loads(line)["kind"] for line in said("show", "--json", *args)[0].splitlines()]


def test_show_by_a_label_is_all_records_of_its_invocation(said: Any) -> None:
    found = [json.loads(line) for line in said("show", "c", "label.request_id = r-92", "--json")[0].splitlines()]
    assert {record["kind"] for record in found} >= {"invocation_start", "model_end", "delta", "tool_end", "message"}
    assert {record["inv"] for record in found} == {"1", "0.7"}
    assert kinds(said, "c", "label.request_id = r-91 and kind:tool_*") == ["tool_start", "tool_end"]
    assert kinds(said, "b", "label.team = search") == ["session"]
    lines = said("show", "c", "label.user = ann and tool:search")[0]
    assert "using tool: search" in lines and "tool result: search" in lines


def test_the_language_says_whose_labels_are_meant(said: Any) -> None:
    assert "all records of the invocations with this label" in said("show", "--filters")[0]
    assert "label (the session's own, or an invocation's)" in said("ls", "--help")[0]
