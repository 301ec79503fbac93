"""docs/session-format.md is what the records say now, and its program writes a session that `tracer check` accepts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from docs import make_format
from tests.docs.blocks import blocks
from tests.terminal import tracer
from tracer import records as r
from tracer.session import open_session


def test_the_page_is_not_stale() -> None:
    assert make_format.TARGET.read_text() == make_format.page(), "`make docs` writes it anew"


def test_every_kind_and_every_field_is_there() -> None:
    page = make_format.page()
    for kind, cls in r.KINDS.items():
        said = page.partition(f"\n### `{kind}`\n")[2].partition("\n### ")[0]
        assert said.strip(), kind
        own = [field for field in cls.__struct_fields__ if field not in make_format.COMMON]
        assert all(f"\n| `{field}` | " in said for field in own), kind


def test_the_program_writes_a_session_that_every_command_reads(tmp_path: Path) -> None:
    (block,) = blocks("docs/session-format.md", "python")
    path = tmp_path / "mine.jsonl"
    subprocess.run([sys.executable, "-I", "-c", block.code, str(path)], check=True)
    report = json.loads(tracer(tmp_path, "check", "--json", str(path)).out)
    assert (report["errors"], report["warnings"], report["state"]) == (0, 0, "ended")
    assert [span.kind for span in open_session(path).spans()] == ["invocation", "cycle", "model"]
    assert "invocation 0 ended: end_turn" in tracer(tmp_path, "show", str(path)).out
    assert json.loads(tracer(tmp_path, "request", f"{path}#4").out)["messages"][0]["role"] == "user"


def test_its_program_is_held_by_check(tmp_path: Path) -> None:
    (block,) = blocks("docs/session-format.md", "python")
    path = tmp_path / "mine.jsonl"
    broken = block.code.replace("messages=[asked]", "messages=[99]").replace('"cycle"] = 1', '"cycle"] = "one"')
    subprocess.run([sys.executable, "-I", "-c", broken, str(path)], check=True)
    assert tracer(tmp_path, "check", str(path)).code == 1
