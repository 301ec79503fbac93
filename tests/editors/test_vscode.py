"""The VS Code extension's folder: what VS Code reads of it is there, fits the adapter, and starts `tracer dap`."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tracer.debug import configuring

FOLDER = Path(__file__).parents[2] / "editors" / "vscode"
STUB = """
class DebugAdapterExecutable { constructor(command, args) { Object.assign(this, { command, args }); } }
let made;
const debug = { registerDebugAdapterDescriptorFactory: (type, factory) => (made = { type, factory }) };
const load = require("module")._load;
const stub = { DebugAdapterExecutable, debug };
require("module")._load = (name, ...more) => name === "vscode" ? stub : load(name, ...more);
const context = { subscriptions: [] };
require(process.argv[1]).activate(context);
const start = (configuration) => made.factory.createDebugAdapterDescriptor({ configuration });
const started = [start({}), start({ command: "/venv/tracer", session: "abc" })];
console.log(JSON.stringify({ type: made.type, kept: context.subscriptions.length, started }));
"""


def _manifest() -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((FOLDER / "package.json").read_text())
    return manifest


def test_the_manifest_has_what_vs_code_needs_to_install_a_folder() -> None:
    manifest = _manifest()
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", manifest["name"]) and re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert manifest["publisher"] and manifest["engines"]["vscode"].startswith("^1.")
    assert (FOLDER / manifest["main"]).is_file() and manifest["activationEvents"] == ["onDebugResolve:tracer"]
    assert not manifest.keys() & {"dependencies", "devDependencies", "scripts"}  # nothing has to be built or fetched


def test_the_debug_type_offers_configurations_that_the_adapter_understands() -> None:
    (debugger,) = _manifest()["contributes"]["debuggers"]
    assert debugger["type"] == "tracer" and list(debugger["configurationAttributes"]) == ["attach"]
    settings = debugger["configurationAttributes"]["attach"]["properties"]
    assert all({"type", "description", "default"} <= setting.keys() for setting in settings.values())
    read = set(re.findall(r'arguments\.get\("(\w+)"\)', inspect.getsource(configuring._attach)))
    assert settings.keys() - {"session", "command"} == read
    snippets = [snippet["body"] for snippet in debugger["configurationSnippets"]]
    for configuration in [*debugger["initialConfigurations"], *snippets]:
        assert (configuration["type"], configuration["request"]) == ("tracer", "attach") and configuration["name"]
        assert configuration.keys() - {"type", "request", "name"} <= settings.keys()


def test_the_readme_names_each_setting() -> None:
    (debugger,) = _manifest()["contributes"]["debuggers"]
    rows = re.findall(r"^\| `(\w+)` \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert rows == list(debugger["configurationAttributes"]["attach"]["properties"])


def test_its_readme_can_be_read_without_the_repository_around_it() -> None:
    assert not re.findall(r"\]\((?!https)", (FOLDER / "README.md").read_text())  # what packs the folder refuses these
    assert {path.name for path in FOLDER.iterdir()} == {"README.md", "extension.js", "package.json"}


@pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
def test_the_extension_starts_tracer_dap() -> None:
    line = ["node", "-e", STUB, str(FOLDER / "extension.js")]
    told = json.loads(subprocess.run(line, check=True, capture_output=True, timeout=100).stdout)
    assert (told["type"], told["kept"]) == ("tracer", 1)
    assert [(one["command"], one["args"]) for one in told["started"]] == [
        ("tracer", ["dap"]), ("/venv/tracer", ["dap", "abc"]),
    ]  # fmt: skip
