"""Keys and data of the stack pane: read at each stop over DAP, opened row by row, whole values on Enter."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracer.errors import TracerError
from tracer.tui.link import Link
from tracer.tui.model import jsontext
from tracer.tui.model.hints import Hints
from tracer.tui.model.stack import Node, Stack
from tracer.tui.screens.filling import Filling
from tracer.tui.viewer import Viewer

if TYPE_CHECKING:
    from tracer.debug.mirror import Mirror


class Looking(Filling, inherit_bindings=False):
    """The stack shows while the selection is on what is stopped; `v` keeps it there, or the inspector."""

    def __init__(self, viewer: Viewer, hints: Hints | None, socket: Path | Mirror | None = None) -> None:
        super().__init__(viewer, hints, socket)
        self._wanted: bool | None = None
        self._read: tuple[int, int] = (0, 0)

    def _bars(self) -> None:
        super()._bars()
        stop, link = self.viewer.stop, self.link
        there = stop is not None and link is not None and link.state == "on" and self.has_class("-stopped")
        here = stop is not None and self.viewer.feed.timeline.of(stop) is self.viewer.span and not self.inspector.record
        shows = there and (here if self._wanted is None else self._wanted)
        if shows != self.has_class("-stack"):
            if not shows and self.focused is self.stack:
                self.set_focus(self.panel if there else self.waterfall)
            self.set_class(shows, "-stack")
            self.inspector.grow()
        if shows and stop and link and stop.id in link.threads and self._read != (stop.id, link.edits):
            self._read = stop.id, link.edits
            self.run_worker(self._fetch(link, stop.id), name="stack", group="stack", exclusive=True)

    async def _fetch(self, link: Link, stop: int) -> None:
        before = self.stack.stack
        stack = Stack(link.ask, stop, link.threads[stop])
        with contextlib.suppress(TracerError):  # the stop is over: the next one is read then
            await stack.read(before.opened() if before is not None and before.stop == stop else None)
            self.stack.show(stack)

    def action_variables(self) -> None:
        """The stack of the stop, or the inspector."""
        if self._held("variables"):
            self._wanted = not self.has_class("-stack")
            self._bars()
            self.call_after_refresh(self._viewed)

    def action_fold(self, close: bool) -> None:
        """Fold or unfold; what the debugger knows is asked for."""
        super().action_fold(close)
        node = self.stack.selected
        if self.pane is self.stack and not close and node is not None and node.opens and not node.opened:
            self.run_worker(self._open_node(node), name="stack", group="open")

    async def _open_node(self, node: Node) -> None:
        if (stack := self.stack.stack) is not None:
            with contextlib.suppress(TracerError):
                await stack.open(node)
                self.stack.show(stack)

    def action_whole(self) -> None:
        """The whole value; in the stack, of the variable."""
        if not self._of_variable(self._show_whole):
            super().action_whole()

    def action_copy(self) -> None:
        """Copy the whole value."""
        if not self._of_variable(lambda _, text: self.copy_text(text)):
            super().action_copy()

    def _show_whole(self, title: str, text: str) -> None:
        from tracer.tui.screens.value import ValueScreen

        self.app.push_screen(ValueScreen(title, text))

    def _of_variable(self, give: Callable[[str, str], Any]) -> bool:
        """Read the variable under the cursor and `give(its path, its text)`; False where the cursor is on none."""
        node, stack, link = self.stack.selected, self.stack.stack, self.link
        if self.pane is not self.stack or node is None or stack is None or link is None or not node.expression:
            return False

        async def work() -> None:
            value, _ = await link.value(stack.stop, node.expression)
            give(node.expression, value if isinstance(value, str) else jsontext.pretty(value))

        self._act(work(), "")
        return True
