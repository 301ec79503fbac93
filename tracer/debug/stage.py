"""What a client's connection needs of what it debugs, a live run or a recording."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from tracer.debug.scene import Scene
from tracer.debug.sources import Place
from tracer.debug.union import Union


class Stage(Protocol):
    """The board of a live run, or a recording in which one walks: where it stands still, and by which breakpoints."""

    union: Union

    @property
    def session(self) -> str:
        """The session's id."""

    @property
    def path(self) -> Path:
        """The session's file."""

    @property
    def over(self) -> bool:
        """Whether nothing will be added to it."""

    @property
    def lock(self) -> contextlib.AbstractContextManager[Any]:
        """Held while several of its facts are read together."""

    def scenes(self) -> Sequence[Scene]:
        """Where it stands still."""

    def running(self) -> list[tuple[int, str]]:
        """The threads, by number and name, but for those that only a scene has."""

    def find(self, number: int) -> Scene:
        """The stop with this id. Raises DebugError where there is none."""

    def stopped_on(self, thread: int) -> Scene | None:
        """Where this thread stands still."""

    def places(self) -> list[Place]:
        """Where the tools are written."""

    def arm(self) -> None:
        """The breakpoints have changed."""

    def viewer_came(self) -> None:
        """A client attached that can decide."""

    def viewer_went(self, act: str, who: str) -> None:
        """It has gone."""
