"""A run whose provider cannot answer for want of a key ends at once; one that could work is never refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import tracer
from tracer.errors import TracerError
from tracer.launch import load
from tracer.launch.child import _explained
from tracer.launch.spec import Spec

TOOL = "from agent_runtime import tool\n@tool\ndef six() -> int:\n    'Six.'\n    return 6\n"


@pytest.mark.parametrize("model", ["openai/gpt-4o", "gpt-4o"])
def test_a_missing_key_is_one_line_before_anything_runs(tmp_path: Path, model: str) -> None:
    done = tracer(tmp_path / "home", "run", "--model", model, "hi", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.cause == (
        f"tracer: there is no API key for {model}; "
        "set OPENAI_API_KEY or give --api-key, or --api-base for a server of your own"
    )
    assert not (tmp_path / "home").exists()


def test_the_environments_model_is_looked_at_too(tmp_path: Path) -> None:
    done = tracer(tmp_path, "run", "hi", cwd=tmp_path, AGENT_MODEL="anthropic/claude-sonnet-4-5")
    assert done.code == 2 and "set ANTHROPIC_API_KEY or" in done.cause


def test_a_tools_file_may_bring_the_key(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text(TOOL)
    done = tracer(tmp_path / "home", "run", "--model", "gpt-4o", "--tool", "t.py", "hi", cwd=tmp_path)
    assert done.code == 2 and "there is no API key for gpt-4o" in done.cause
    (tmp_path / "t.py").write_text("import os\nos.environ['OPENAI_API_KEY'] = 'k'\n" + TOOL)
    load.check(spec := Spec("hi", model="gpt-4o", tools=[f"{tmp_path}/t.py"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "")
        assert load.load_agent(spec).model.get_config()["model_id"] == "gpt-4o"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of a provider, no `.env` above, litellm not loaded."""
    for name in [
        name for name in os.environ if name.startswith(("OPENAI", "ANTHROPIC", "GEMINI", "GOOGLE", "LITELLM"))
    ]:
        monkeypatch.delenv(name)
    monkeypatch.delitem(sys.modules, "litellm", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "model",
    [
        "openai/x",
        "o3-mini",
        "claude-sonnet-4-5",
        "anthropic/x",
        "gemini/x",
        "groq/x",
        "mistral/x",
        "deepseek/x",
        "openrouter/a/b",
    ],
)
def test_common_providers_are_known(model: str, bare: None) -> None:
    with pytest.raises(TracerError, match=r"there is no API key for .*; set [A-Z_]+_API_KEY"):
        load.check(Spec("hi", model=model))


@pytest.mark.parametrize(
    ("spec", "env"),
    [
        ({"model": "openai/x", "api_base": "http://localhost:1/v1"}, {}),
        ({"model": "openai/x", "api_key": "k"}, {}),
        ({"model": "openai/x"}, {"OPENAI_API_KEY": "k"}),
        ({"model": "openai/x"}, {"OPENAI_BASE_URL": "http://localhost:1/v1"}),
        ({"model": "openai/x"}, {"OPENAI_IDENTITY_TOKEN_FILE": "/t"}),
        ({"model": "openai/x"}, {"USE_LITELLM_PROXY": "true"}),
        ({"model": "anthropic/x"}, {"ANTHROPIC_AUTH_TOKEN": "t"}),
        ({"model": "gemini/x"}, {"GOOGLE_API_KEY": "k"}),
        ({"model": "openrouter/x"}, {"OR_API_KEY": "k"}),
        ({"model": "ollama/x"}, {}),
        ({"model": "bedrock/claude-x"}, {}),
        ({"model": "claude-3-5-sonnet@20240620"}, {}),  # Vertex AI's name for it
        ({"model": "my-own-model"}, {}),
        ({"model": "openai/app.py:model"}, {}),  # a file in a folder of that name
        ({"model": "openai/x", "app": "app.py:agent"}, {}),  # its file may do anything
    ],
)
def test_what_could_work_is_not_refused(
    spec: dict[str, Any], env: dict[str, str], bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (tmp_path / "app.py", tmp_path / "openai" / "app.py"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    load.check(Spec("hi", **spec))


def test_a_file_of_variables_that_litellm_reads_may_have_the_key(
    bare: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=k\n")
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    load.check(Spec("hi", model="openai/x"))


def test_a_key_that_is_missed_later_is_told_once() -> None:
    class AuthenticationError(Exception):
        pass

    said = _explained(AuthenticationError("there is no API key for xai/x: set XAI_API_KEY or give api_key"))
    assert (said.code, said.hint) == (2, "")
    assert "check the model's name" in _explained(AuthenticationError("Incorrect API key provided")).hint
