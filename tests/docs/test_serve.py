"""docs/serve.md is run: what it serves answers the lines that ask, on a scripted model."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import blocks
from tests.docs.test_readme import scripted, told


@pytest.mark.slow
def test_what_is_served_answers_the_lines_that_ask(tmp_path: Path) -> None:
    (app,), (console,) = blocks("docs/serve.md", "python"), blocks("docs/serve.md", "console")
    serve, *asks = told(console)
    (tmp_path / "app.py").write_text(app.code)
    env = scripted(tmp_path)
    del env["AGENT_MODEL"]
    served = subprocess.Popen(
        [*shlex.split(serve), "--port", "0"], env=env, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        assert served.stdout is not None
        address = re.search(r"//([\d.]+:\d+)", served.stdout.readline())
        assert address
        text, events = [_typed(ask.replace("localhost:8000", address[1]), env) for ask in asks]
    finally:
        served.terminate()
        served.communicate(timeout=100)
    assert text == "Let me see. It is 49."
    said = [json.loads(line.removeprefix("data: ")) for line in events.splitlines() if line]
    assert "".join(event.get("data", "") for event in said) == text and "result" in said[-1]


def _typed(line: str, env: dict[str, str]) -> str:
    retrying = line.replace("curl", "curl -sS --retry 9 --retry-connrefused", 1)
    return subprocess.run(retrying, shell=True, env=env, capture_output=True, text=True, check=True).stdout
