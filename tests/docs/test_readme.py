"""The README is run: shell blocks for real, Python blocks on a scripted model; its tables are held to the program."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import REPO, Block, blocks
from tests.runtimes import needs_strands
from tests.terminal import TRACER, environment, on_path
from tracer.cli import COMMANDS, Group
from tracer.debug.breakpoints import POINTS, parse
from tracer.session import open_session
from tracer.tui.keys import KEYS

README = (REPO / "README.md").read_text()
(MODEL,) = [block.code for block in blocks("README.md", "python") if "ScriptedModel(" in block.code]
STOCK = """
from tests.runtimes import make_agent

def calculator(expression: str) -> str:
    \"\"\"Calculate.\"\"\"
    return "49"

from agent_runtime.models.scripted import call
agent = make_agent("stock", [[call("calculator", {"expression": "42+7"})], "It is 49."], [calculator])
"""


def told(block: Block) -> list[str]:
    """The command lines of a console block."""
    return [line.removeprefix("$ ") for line in block.code.splitlines() if line.startswith("$ ")]


def scripted(folder: Path) -> dict[str, str]:
    """An environment with `tracer` on the path, a home, and a scripted model for agents that name none."""
    model = folder / "written.py"
    model.write_text(MODEL)
    return environment(folder, AGENT_MODEL=f"{model}:model", PYTHONPATH=str(REPO), **on_path(folder / "bin"))


def python(code: str, env: dict[str, str], cwd: Path) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("block", blocks("README.md", "sh"), ids=str)
def test_shell_blocks_work_as_they_stand(block: Block, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime for path in (REPO / "sample_sessions").iterdir()}
    script = "set -eu\n" + "".join(f"{line}\necho '<end>'\n" for line in block.code.splitlines())
    env = scripted(tmp_path)
    done = subprocess.run(["sh", "-c", script], env=env, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout.split("<end>\n")[:-1]
    silent = [line for line, text in zip(block.code.splitlines(), said, strict=True) if not text.strip()]
    assert silent == [], "each of them shows something"
    assert "using tool: delete_folder" in said[2]
    assert {path: path.stat().st_mtime for path in (REPO / "sample_sessions").iterdir()} == before


def test_python_blocks_run_with_a_scripted_model(tmp_path: Path) -> None:
    env = scripted(tmp_path)
    first, *others = [b for b in blocks("README.md", "python") if "Strands" not in b.heading and b.code != MODEL]
    said = python(first.code, env, tmp_path)
    assert said == "Let me see. It is 49."
    session = open_session(next((tmp_path / "sessions").iterdir()))
    assert [span.name for span in session.spans() if span.kind == "tool"] == ["calculator"]
    assert others
    for block in others:
        assert f"{session.id} tool calculator ok" in python(block.code, env, tmp_path)


@needs_strands
@pytest.mark.slow
def test_the_block_on_stock_strands_records_a_stock_agent(tmp_path: Path) -> None:
    (block,) = [b for b in blocks("README.md", "python") if b.heading == "Stock Strands"]
    path = Path(python(STOCK + block.code, scripted(tmp_path), tmp_path).strip().splitlines()[-1])
    session = open_session(path)
    assert session.header.runtime == "strands"
    assert [span.kind for span in session.spans()] == ["invocation", "cycle", "model", "tool", "cycle", "model"]


@pytest.mark.parametrize("line", [line for block in blocks("README.md", "console") for line in told(block)])
def test_commands_that_need_a_network_are_ones_that_exist(line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        asked = subprocess.run(["make", "-n", *words[1:]], cwd=REPO, capture_output=True, text=True, check=False)
        assert asked.returncode == 0, asked.stderr
    elif words[0] == "tracer":
        command = Group("tracer").get_command(None, words[1])  # type: ignore[arg-type]
        assert command is not None, f"no command {words[1]}"
        given = command.make_context(words[1], words[2:]).params
        for text in given.get("breakpoints", ()):
            parse(text)
    else:
        assert words[0] == "docker"


def test_the_table_of_commands_is_the_programs() -> None:
    rows = re.findall(r"^\| `tracer (\w+`(?: `\w+`)*) \|", README, re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"\w+", row)] == list(COMMANDS)
    for target in re.findall(r"`make (\S+?)`", README):
        assert f"\n{target}:" in (REPO / "Makefile").read_text(), target


def test_the_keys_are_those_of_the_screen() -> None:
    section = README.partition("## Stop, look, edit")[2].partition("\n## ")[0]
    named = [key for row in re.findall(r"^\| (`.+`) \| ", section, re.MULTILINE) for key in re.findall(r"`(.+?)`", row)]
    assert len(named) > 10
    assert set(named) <= {key.show for key in KEYS}


def test_the_points_are_those_of_the_grammar() -> None:
    assert " ".join(POINTS) in README.replace("\n", " ")


def test_options_and_files_that_the_text_names_exist() -> None:
    options = {
        word
        for name in COMMANDS
        for param in (Group("tracer").get_command(None, name)).params  # type: ignore[arg-type, union-attr]
        for word in param.opts
    }
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`[^`]*?(--[a-z][a-z-]+)[^`]*`", prose)) - options <= {"--strict", "--help"}
    for link in re.findall(r"]\(([^)#]+)\)", README):
        assert (REPO / link).is_file(), link


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 200
    assert os.access(TRACER, os.X_OK)
