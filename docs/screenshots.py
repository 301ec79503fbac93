"""`make screenshots`: the README's pictures (SVG), drawn by the real screen from the samples into docs/pictures/."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO))  # run as a script, `docs` is the folder that Python looks in

from tracer.journal.process import start_time  # noqa: E402
from tracer.tui.app import TracerApp  # noqa: E402
from tracer.tui.screens.edit import EditScreen  # noqa: E402
from tracer.tui.screens.forms import of_call  # noqa: E402
from tracer.tui.widgets.jsonarea import JsonArea  # noqa: E402

SAMPLES = REPO / "sample_sessions"
PICTURES = REPO / "docs" / "pictures"
SIZE = (120, 40)
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
Act = Callable[[TracerApp, Any], Awaitable[None]]


async def _decide(app: TracerApp, pilot: Any) -> None:
    """The panel as it is while the debugger is connected."""
    app.main.panel.link = "on"
    app.main.update()


async def _unsent(value: dict[str, Any]) -> None:
    """Nobody is there to take it."""


async def _edit(app: TracerApp, pilot: Any) -> None:
    """The form over it, with another folder typed in."""
    await _decide(app, pilot)
    stop = app.viewer.stop
    assert stop is not None
    form = EditScreen(of_call("input", stop.name, app.main.panel.input_of(stop)[0], _unsent))
    await app.push_screen(form)
    form.query_one(JsonArea).cursor_blink = False
    await pilot.press(*"scratch")


@dataclass(frozen=True)
class Picture:
    """A sample on the screen after some keys; `until` cuts it after its first record of that kind, as if it ran."""

    name: str
    sample: str
    keys: list[str] = field(default_factory=list)
    until: str = ""
    act: Act | None = None


GALLERY = (
    Picture("stopped", "stopped-and-edited", until="stopped", act=_decide),
    Picture("edit", "stopped-and-edited", until="stopped", act=_edit),
    Picture("parallel", "parallel-tools", ["right_curly_bracket"]),
    Picture("failed", "force-stop", ["e"]),
    Picture("transcript", "reasoning", ["2"]),
    Picture("help", "tools", ["question_mark"]),
)


def running(sample: Path, until: str, to: Path) -> Path:
    """A copy that ends with its first `until` record and that this process seems to be writing."""
    lines = sample.read_bytes().splitlines(keepends=True)
    kinds = [msgspec.json.decode(line)["kind"] for line in lines]
    head = msgspec.json.decode(lines[0])
    head |= {"pid": os.getpid(), "pid_start": start_time(os.getpid()), "host": ""}
    to.write_bytes(b"".join([msgspec.json.encode(head) + b"\n", *lines[1 : kinds.index(until) + 1]]))
    return to


async def draw(picture: Picture) -> str:
    """The picture as SVG. The screen's clock stands still, so that drawing it again draws the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = SAMPLES / f"{picture.sample}.jsonl"
        if picture.until:
            path = running(path, picture.until, Path(folder) / path.name)
        app = TracerApp(path)
        app.animation_level = "none"
        app.viewer.since = lambda: 12.0
        async with app.run_test(size=SIZE) as pilot:
            await _settle(app, pilot)
            for key in picture.keys:
                await pilot.press(key)
                await _settle(app, pilot)
            if picture.act:
                await picture.act(app, pilot)
                await _settle(app, pilot)
            return plain(app.export_screenshot(title="tracer"))


async def _settle(app: TracerApp, pilot: Any) -> None:
    for _ in range(100):
        await pilot.pause(0.02)
        if not app.viewer.feed.behind and (app.main.transcript.settled or not app.main.transcript.display):
            break
    app.main.update()
    await pilot.pause(0.05)


def plain(svg: str) -> str:
    """The picture without fonts from elsewhere, which no viewer of a README fetches."""
    svg = re.sub(r"@font-face\s*{[^}]*}\s*", "", svg)
    svg = re.sub(r"font-family:\s*[^;]*;", f"font-family: {FONTS};", svg)
    return re.sub(r"[ \t]+$|^[ \t]+", "", svg, flags=re.MULTILINE)


def main(names: list[str]) -> None:
    """Draw those named, or all."""
    PICTURES.mkdir(exist_ok=True)
    for picture in GALLERY:
        if not names or picture.name in names:
            target = PICTURES / f"{picture.name}.svg"
            target.write_text(asyncio.run(draw(picture)))
            print(f"{target.relative_to(REPO)}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
