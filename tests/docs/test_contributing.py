"""The recipes of CONTRIBUTING.md are files that are written, run and tested as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import REPO, blocks
from tests.terminal import environment, tracer

PAGE = "CONTRIBUTING.md"
SETTINGS = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\npythonpath = .\n"


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every recipe, under the name that its first line gives."""
    folder = tmp_path_factory.mktemp("recipes")
    for block in blocks(PAGE, "python"):
        name = re.match(r"# (\w+\.py)\n", block.code)
        assert name, f"{block} names no file in its first line"
        (folder / name[1]).write_text(block.code)
    (folder / "pytest.ini").write_text(SETTINGS)
    return folder


def test_each_recipe_has_its_code_and_its_test(recipes: Path) -> None:
    names = {path.stem for path in recipes.glob("*.py")}
    code = {name for name in names if not name.startswith("test_")}
    assert code == {"shout", "parrot", "to_csv", "slowest"}
    assert {f"test_{name}" for name in code} == names - code


@pytest.mark.slow
def test_the_recipes_own_tests_pass(recipes: Path) -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    env = environment(recipes / "home")
    done = subprocess.run(words, cwd=recipes, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "5 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_a_tool_and_a_model_run_by_name(recipes: Path, tmp_path: Path) -> None:
    done = tracer(tmp_path, "run", "--model", "parrot.py:model", "--tool", "shout.py", "Hello", cwd=recipes)
    assert done.code == 0 and "text: Hello" in done.out
    assert '"shout"' in tracer(tmp_path, "show", "--json", "last").out


def test_the_exporter_runs_on_a_sample(recipes: Path, tmp_path: Path) -> None:
    sample = REPO / "sample_sessions" / "tools.jsonl"
    words = [sys.executable, "to_csv.py", str(sample)]
    done = subprocess.run(words, cwd=recipes, env=environment(tmp_path), capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 1 + 9 and sum(",tool,calculator,ok," in line for line in lines) == 1


def test_the_commands_and_files_that_the_page_names_exist() -> None:
    text = (REPO / PAGE).read_text()
    for target in re.findall(r"`make (\w+)`", text):
        assert f"\n{target}:" in (REPO / "Makefile").read_text()
    for path in re.findall(r"`((?:tracer|agent_runtime|tests|docs|sample_sessions)/[\w/.]*)`", text):
        assert (REPO / path).exists(), path
