"""The demo's sandbox and tools: nothing outside it can be touched, whatever is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_runtime.models.scripted import call
from agent_runtime.testing import scripted_agent
from tracer.demo import agent, sandbox


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = sandbox.make()
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years of work")
    yield made
    assert (tmp_path / "precious" / "thesis.txt").read_text() == "years of work"


def results(root: Path, name: str, path: str) -> dict[str, Any]:
    tools = agent.make_tools(root, 0)
    made = scripted_agent([call(name, {"path": path})], "ok", tools=tools)
    made("go")
    found: dict[str, Any] = made.messages[2]["content"][0]["toolResult"]
    return found


def outside(root: Path) -> list[str]:
    above = root.parent
    (root / "link").symlink_to(above / "precious")
    (root / "photos" / "up").symlink_to(above)
    return [
        "..", ".", "", "/", "../precious", str(above / "precious"), "photos/../..", "photos/../../precious",
        "link", "link/", "photos/up/precious", "photos/up", "./../precious", str(root), "~", "photos/../.",
    ]  # fmt: skip


def test_delete_refuses_every_way_out(root: Path) -> None:
    for path in outside(root):
        said = results(root, "delete_folder", path)
        assert said["status"] == "error", path
    assert sandbox.outcome(root).gone == []


@pytest.mark.parametrize("name", ["read_note", "list_folder"])
def test_reading_refuses_to_leave_too(root: Path, name: str) -> None:
    for path in ("../precious/thesis.txt", "../precious", "/etc/passwd"):
        assert results(root, name, path)["status"] == "error"


def test_delete_deletes_a_folder_of_the_sandbox_but_not_what_it_links_to(root: Path) -> None:
    (root / "scratch" / "away").symlink_to(root.parent / "precious")
    said = results(root, "delete_folder", "scratch")
    assert said["status"] == "success" and "deleted scratch/" in said["content"][0]["text"]
    assert sandbox.outcome(root).gone == ["scratch"]


def test_the_outcome_is_read_from_the_folder(root: Path) -> None:
    assert sandbox.outcome(root).lines(True)[-1] == "The call was not let through: nothing is lost."
    results(root, "delete_folder", "scratch")
    assert "the photos are safe" in sandbox.outcome(root).lines(True)[-1]
    results(root, "delete_folder", "photos")
    assert sandbox.outcome(root).lines(True)[0] == "deleted:  photos/, scratch/"
    assert "The note lied" in sandbox.outcome(root).lines(False)[-1]


def play(root: Path, note: str, monkeypatch: pytest.MonkeyPatch, edited: str = "") -> str:
    monkeypatch.setenv(agent.SANDBOX, str(root))
    monkeypatch.setenv(agent.SPEED, "0")
    (root / sandbox.NOTE).write_text(note)
    made = agent.make_agent()
    if edited:
        from agent_runtime.hooks import BeforeToolCallEvent

        def change(event: BeforeToolCallEvent) -> None:
            if event.tool_use["name"] == "delete_folder":
                event.tool_use = {**event.tool_use, "input": {"path": edited}}

        made.add_hook(change, BeforeToolCallEvent)
    made(agent.PROMPT)
    return str(made.messages[-1]["content"][-1]["text"])


def test_the_script_says_what_really_happened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = "photos/ is the scratch area.\n"
    assert "somebody knew better" in play(root, note, monkeypatch, edited="scratch")
    assert "could not delete it" in play(root, note, monkeypatch, edited="../precious")
    assert "Done: photos/ and its 3 files" in play(root, note, monkeypatch)
    assert "leave everything" in play(root, "Nothing to see.\n", monkeypatch)
    assert "Done: invoices/" in play(root, "invoices/ is the scratch area.\n", monkeypatch)


def test_only_a_sandbox_is_removed(root: Path) -> None:
    sandbox.remove(root.parent / "precious")
    sandbox.remove(root)
    assert not root.exists()
