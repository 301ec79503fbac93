"""`make screenshots`: the opening screen of each sample session as an SVG in docs/screenshots/."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tracer.tui.app import TracerApp

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_sessions"
PICTURES = HERE / "screenshots"
SIZE = (120, 40)


async def take(session: Path) -> Path:
    """The screen that `tracer view SESSION` opens with, once it has settled."""
    app = TracerApp(session)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.wait_for_animation()
        await pilot.pause(0.5)
        return Path(app.save_screenshot(f"{session.stem}.svg", str(PICTURES)))


def main() -> int:
    sessions = sorted(SAMPLES.glob("*.jsonl"))
    if not sessions:
        print(f"screenshots: no session in {SAMPLES.name}/; record one there first", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    for session in sessions:
        print(asyncio.run(take(session)).relative_to(HERE.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
