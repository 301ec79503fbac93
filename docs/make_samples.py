"""Records sample_sessions/ anew, by real runs of the real command: `python docs/make_samples.py [--to DIR] [NAME]`."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))  # run as a script, `docs` is the folder that Python looks in

from tracer.debug.client import Client  # noqa: E402
from tracer.debug.paths import socket_path  # noqa: E402
from tracer.demo import sandbox  # noqa: E402
from tracer.demo.agent import PROMPT, SANDBOX  # noqa: E402
from tracer.demo.agent import SPEED as DEMO_SPEED  # noqa: E402

TRACER = [str(Path(sys.executable).parent / "tracer")]
DEMO = "stopped-and-edited"


@dataclass(frozen=True)
class Story:
    """A sample: its file's name, the prompt, the exit code of the run."""

    name: str
    prompt: str
    code: int = 0

    @property
    def app(self) -> str:
        """The agent, as `tracer run` takes it; a path from the repository's top, so that the file holds no other."""
        if self.name == DEMO:
            return "tracer/demo/agent.py:make_agent"
        return f"docs/samples.py:{self.name.replace('-', '_')}"


STORIES = (
    Story("plain-answer", "What is an agent's event loop?"),
    Story("tools", "What do twelve boxes of paper cost?"),
    Story("parallel-tools", "Where is it warmest: Oslo, Rome, Atlantis or Lisbon?"),
    Story("reasoning", "Dinner was 140 euros, 32 of it wine that one of us three did not drink. Who pays what?"),
    Story("force-stop", "Where is my order 4711?", 1),
    Story("crash", "Make moon.tiff 640 pixels wide.", 1),
    Story(DEMO, PROMPT),
    Story("sub-agent", "When did Moby-Dick appear, and what else happened then?"),
    Story("retry", "What is 42+7?"),
)


def record(story: Story, to: Path, speed: float = 1.0) -> Path:
    """Run the story and put its session into `to`. Raises RuntimeError where it did not end as it should."""
    with tempfile.TemporaryDirectory(prefix="s") as home:
        root = sandbox.make()
        try:
            code, said = _run(story, Path(home), root, speed)
        finally:
            sandbox.remove(root)
        if code != story.code:
            raise RuntimeError(f"{story.name} ended with {code}, not {story.code}: {said}")
        (session,) = (Path(home) / "sessions").glob("*.jsonl")
        target = to / f"{story.name}.jsonl"
        shutil.move(session, target)
        target.chmod(0o644)
    return target


def _run(story: Story, home: Path, root: Path, speed: float) -> tuple[int, str]:
    argv = [*TRACER, "run", "--plain", "--anonymous"]
    if story.name == DEMO:
        argv += ["-b", "before_tool:delete_folder"]
    process = subprocess.Popen(
        [*argv, story.app, story.prompt],
        cwd=REPO,
        env=_environment(home, root, speed),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if story.name == DEMO:
        asyncio.run(_decide(home, speed))
    said, _ = process.communicate(timeout=120)
    return process.returncode, said


def _environment(home: Path, root: Path, speed: float) -> dict[str, str]:
    """What a run gets: a home and a socket folder of its own, and nothing that could end up in a header."""
    kept = {k: v for k, v in os.environ.items() if not re.search(r"^OTEL|^TRACER|^AGENT|^STRANDS", k)}
    told = {"TRACER_HOME": home, "XDG_RUNTIME_DIR": home, SANDBOX: root, DEMO_SPEED: speed, "SAMPLE_SPEED": speed}
    return {**kept, **{key: str(value) for key, value in told.items()}}


async def _decide(home: Path, speed: float) -> None:
    """Be the person at the screen: look at the stop for a while, change the folder, go on."""
    session = await _appears(home)
    async with Client(home / "tracer" / socket_path(session).name) as client:
        await client.start("the reader")
        async for name, body in client.events():
            if name == "stopped":
                await _edit(client, body, speed)
                return


async def _edit(client: Client, stopped: dict[str, Any], speed: float) -> None:
    stop = stopped["tracer"]
    await asyncio.sleep(4 / speed)
    await client.request("tracer/edit", {"stop": stop["stop"], "value": {**stop["input"], "path": "scratch"}})
    await asyncio.sleep(1.5 / speed)
    await client.request("continue", {"threadId": stopped["threadId"], "tracer": {"stop": stop["stop"]}})


async def _appears(home: Path) -> str:
    """The id of the session whose socket listens. Raises TimeoutError after 20 s."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for path in (home / "tracer").glob("*.sock"):
            return path.stem
        await asyncio.sleep(0.05)
    raise TimeoutError("the run opened no socket")


def main(words: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="stories (default: all)")
    parser.add_argument("--to", type=Path, default=REPO / "sample_sessions")
    parser.add_argument("--speed", type=float, default=1.0)
    given = parser.parse_args(words)
    chosen = [story for story in STORIES if not given.names or story.name in given.names]
    if unknown := set(given.names) - {story.name for story in STORIES}:
        parser.error(f"no story {', '.join(unknown)}; there are {', '.join(s.name for s in STORIES)}")
    given.to.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:  # few at a time, so that their waterfalls tell of them and not of each other
        for path in pool.map(lambda story: record(story, given.to, given.speed), chosen):
            sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
