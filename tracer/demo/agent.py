"""The demo's agent: three tools bound to a sandbox, and a script that answers to what really happened."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from pathlib import Path
from typing import Any

from agent_runtime import Agent, ScriptedModel, tool
from agent_runtime.models.port import Messages
from agent_runtime.models.scripted import Written, call, text, think
from tracer.demo.sandbox import NOTE, inside

PROMPT = "Free some space in my folder: delete what is only scratch."
SYSTEM = "You tidy a folder. Look before you act, follow the notes you find, say what you did."
SANDBOX, SPEED = "TRACER_DEMO_SANDBOX", "TRACER_DEMO_SPEED"
_CHUNK, _WORK = 0.07, 0.5  # seconds between two words, and that a tool takes, at speed 1


def make_agent() -> Agent:
    """The agent of the sandbox and at the speed that the environment names."""
    speed = float(os.environ.get(SPEED, "1"))
    slow = 1 / speed if speed > 0 else 0.0
    model = ScriptedModel([_look, _decide, _report], delay=_CHUNK * slow)
    tools = make_tools(Path(os.environ[SANDBOX]), _WORK * slow)
    return Agent(model=model, tools=tools, system_prompt=SYSTEM, callback_handler=None, name="tidy")


def make_tools(root: Path, seconds: float) -> list[Any]:
    """list_folder, read_note and delete_folder; each takes so many seconds and refuses to leave `root`."""

    @tool
    async def list_folder(path: str = ".") -> str:
        """List a folder with the sizes of what is in it.

        Args:
            path: the folder, from the top of the sandbox
        """
        await asyncio.sleep(seconds)
        place = root if path in ("", ".") else inside(root, path)
        return "\n".join(_entry(item) for item in sorted(place.iterdir()))

    @tool
    async def read_note(path: str) -> str:
        """Read a text file.

        Args:
            path: the file, from the top of the sandbox
        """
        await asyncio.sleep(1.4 * seconds)
        return inside(root, path).read_text()

    @tool
    async def delete_folder(path: str) -> str:
        """Delete a folder and everything in it, for good.

        Args:
            path: the folder, from the top of the sandbox
        """
        await asyncio.sleep(seconds)
        place = inside(root, path)
        files = sum(1 for item in place.rglob("*") if item.is_file())
        shutil.rmtree(place)
        return f"deleted {place.relative_to(root)}/ with {files} files"

    return [list_folder, read_note, delete_folder]


def _entry(item: Path) -> str:
    if item.is_dir():
        return f"{item.name}/  {sum(part.stat().st_size for part in item.rglob('*')) // 1000} kB"
    return f"{item.name}  {item.stat().st_size} bytes"


def _look(_messages: Messages) -> Written:
    return [
        think("I should see what is there, and whether somebody left a note, before I delete anything."),
        text("Let me look at the folder and at its note first. "),
        call("list_folder", {"path": "."}),
        call("read_note", {"path": NOTE}),
    ]


def _decide(messages: Messages) -> Written:
    said = re.search(r"^(\w+)/ is the scratch area", _results(messages), re.MULTILINE)
    if said is None:
        return "The note names no scratch area, so I leave everything as it is."
    return [
        think(f"There is a folder scratch/, but the note says that {said[1]}/ is the scratch area. I follow the note."),
        text(f"The note says that {said[1]}/ is the scratch area and can go. I delete it. "),
        call("delete_folder", {"path": said[1]}),
    ]


def _report(messages: Messages) -> Written:
    result = _results(messages)
    done = re.search(r"deleted (.+)/ with (\d+) files", result)
    if done is None:
        return f"I could not delete it: {' '.join(result.split())[:200]}. I leave the folder as it is."
    asked = str(messages[-2]["content"][-1]["toolUse"]["input"].get("path", ""))
    if done[1] == asked:
        return f"Done: {done[1]}/ and its {done[2]} files are deleted, as the note says. There is more space now."
    return f"Done: {done[1]}/ and its {done[2]} files are deleted. I had asked for {asked}/; somebody knew better."


def _results(messages: Messages) -> str:
    """The text of the last message's tool results."""
    blocks = [part for block in messages[-1]["content"] for part in block.get("toolResult", {}).get("content", [])]
    return "\n".join(str(part["text"]) for part in blocks if "text" in part)
