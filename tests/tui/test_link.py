"""The connection to a session elsewhere ends for whatever reason: the screen is told, and nothing waits for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.debug.far import far
from tests.debug.test_mirror import greeting, head, piece
from tracer.debug import mirror as mirrors
from tracer.debug.mirror import Mirror
from tracer.tui.link import Link


class Told:
    """What a screen hears, and the link's state as it does."""

    def __init__(self) -> None:
        self.link: Link | None = None
        self.said: list[tuple[str, str]] = []
        self.news = asyncio.Event()
        self.heard: Callable[[str], object] = len

    def __call__(self, what: str) -> None:
        assert self.link is not None
        self.said.append((self.link.state, what))
        self.heard(what)
        self.news.set()

    async def until(self, words: str) -> str:
        """The state in which that was told."""
        async with asyncio.timeout(60):
            while True:
                if found := [state for state, what in self.said if words in what]:
                    return found[0]
                self.news.clear()
                await self.news.wait()


@contextlib.asynccontextmanager
async def linked(tmp_path: Path, *journal: Any, observe: bool = False, second: str = "end") -> AsyncIterator[Told]:
    """A screen's link to a far side whose file begins well, and goes on with these answers."""
    via = far(tmp_path, initialize=greeting(), journal=[piece(head(tmp_path)), *journal], second=second)
    with contextlib.closing(Mirror(via, observe)) as mirror:
        mirror.begin()
        told = Told()
        told.link = Link(mirror, told)
        run = asyncio.create_task(told.link.run())
        try:
            yield told
        finally:
            run.cancel()
            await asyncio.wait([run])


@pytest.mark.parametrize("observe", [False, True])
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("!the file cannot be read", "the file cannot be read"),
        (piece(b"") | {"data": "a"}, "does not speak"),
        ({}, "does not speak"),
        ("end", "closed the connection"),
    ],
    ids=["refused", "no Base64", "no data", "broken"],
)
async def test_a_copy_that_cannot_go_on_ends_the_link_and_is_told(
    tmp_path: Path, answer: Any, why: str, observe: bool
) -> None:
    async with linked(tmp_path, piece(b""), answer, observe=observe) as told:
        assert await told.until(why) == ("off" if observe else "lost")
        await told.until("last lines are not here")
        await told.until("tracer show s-1` prints them")
        assert told.link is not None and told.link.wrong


async def test_a_disk_that_is_full_ends_the_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with linked(tmp_path, piece(b""), piece(b"more\n")) as told:

        def full(self: Mirror, data: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Mirror, "_append", full)
        assert await told.until("cannot be written: No space left on device") == "lost"


async def test_the_link_is_lost_before_the_last_lines_are_fetched(tmp_path: Path) -> None:
    async with linked(tmp_path, "end", second="hang") as told:
        assert await told.until("being fetched") == "lost"
        assert not [what for _, what in told.said if "not here" in what]


async def test_an_answer_that_is_late_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrors, "REST", 0.1)
    async with linked(tmp_path, None, piece(b"more\n"), piece(b"", over=True)) as told:
        told.heard = lambda what: monkeypatch.setattr(mirrors, "REST", 60.0) if "does not answer" in what else None
        assert await told.until("does not answer") == "on"
        assert await told.until("lost") == "lost"
        assert not [what for _, what in told.said if "being fetched" in what]
        assert told.link is not None and isinstance(told.link.path, Mirror)
        assert told.link.path.path.read_bytes().endswith(b"\nmore\n")
