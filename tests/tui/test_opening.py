"""What a screen paints first is the session, laid out for the size that there is; and no collection gets in between."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from textual._compositor import Compositor

from tests.tui.story import settled, still, tidy
from tracer.tui import viewer
from tracer.tui.collector import Held


def without_bars(text: str) -> str:
    """The text without the ends of scrollbars, which come a moment later."""
    return "\n".join(line.rstrip(" ▁▂▃▄▅▆▇█") for line in text.splitlines())


@pytest.fixture
def no_terminal() -> None:
    """Here all is painted as for a terminal."""


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_first_frame_is_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    frames: list[str] = []
    painted: list[int] = []
    paint = Compositor.render_full_update

    def watched(self: Compositor, *args: object, **options: object) -> object:
        frames.append("\n".join(strip.text.rstrip() for strip in self.render_strips()))
        return paint(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(viewer, "SLICE", 60.0)  # a slow machine folds less before it paints
    monkeypatch.setattr(Compositor, "render_full_update", watched)
    app = still(tidy(tmp_path / "s.jsonl"))
    app.main.painted = lambda: painted.append(len(frames))
    async with app.run_test(size=size) as pilot:
        assert without_bars(frames[0]) == without_bars(await settled(app, pilot))
        assert "disk_usage" in frames[0] and len(painted) == 1 and painted[0] >= 1


def test_collections_come_back_once_it_is_painted_and_only_where_they_were() -> None:
    assert gc.isenabled()
    kept = gc.get_freeze_count()
    with Held() as held:
        assert not gc.isenabled()
        loaded = [[n] for n in range(1000)]
        held.release()
        assert gc.isenabled() and gc.get_freeze_count() >= kept + len(loaded)
    gc.disable()
    try:
        with Held() as held:
            held.release()
        assert not gc.isenabled()
    finally:
        gc.enable()
