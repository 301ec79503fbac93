"""The breakpoints pane: all that are in force, a line to type one more, a key to remove one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input
from textual.worker import Worker

from tracer.errors import TracerError
from tracer.tui.link import Link
from tracer.tui.model.breakpoints import InForce, fault_of, line, rows
from tracer.tui.model.lines import Line, cut, spread
from tracer.tui.widgets.bar import Bar
from tracer.tui.widgets.field import Field
from tracer.tui.widgets.pane import LinePane

EVERY = 0.5  # seconds between two looks: hits of a logpoint are told by no event
SOON = 0.3  # seconds in which the first answer mostly comes
_SILENT = "the debugger has not answered yet"
_GRAMMAR = "POINT[:GLOB] [if FILTER] [hit N|>=N|%N] [log TEXT] [once] [@AGENT]"


class BreakpointList(LinePane):
    """A row a breakpoint, and one below it where something is wrong with it."""

    title = "breakpoints"

    def __init__(self) -> None:
        super().__init__(id="breakpoints")
        self.rows: list[tuple[InForce, bool]] = []
        self.told = False  # whether it is known what is in force

    @property
    def count(self) -> int:
        return len(self.rows)

    def row(self, index: int, width: int) -> Line:
        return line(*self.rows[index], width)

    def head(self, width: int) -> Line:
        count = sum(not below for _, below in self.rows)
        said = f" {count} in force" if count else " none is in force" if self.told else ""
        return spread([(said, "dim")], [("Tab types one · d removes · Esc closes ", "faint")], width)

    def show(self, all_of_them: list[InForce]) -> None:
        """Take what is in force now."""
        fresh = rows(all_of_them)
        if fresh != self.rows or not self.told:
            self.rows, self.told = fresh, True
            self.forget()
            self.grow()

    @property
    def selected(self) -> InForce | None:
        """The breakpoint under the cursor."""
        return self.rows[self.cursor][0] if self.cursor < self.count else None


class Problem(Bar):
    """Two lines below what is typed: an arrow to the fault's column, and what is wrong there or what can be typed."""

    typed = ""
    said: tuple[str, str] = ("", "")

    def lines(self, width: int) -> list[Line]:
        column, fault = fault_of(self.typed) if self.typed.strip() else (0, "")
        if fault:
            place = 1 + cell_len(self.typed[: column - 1])
            arrow = " " * place + "^" if place < width - 1 else ""
            return [[(arrow, "error")], [(" ✗ ", "error"), (cut(f"column {column}: {fault}", width - 4), "text")]]
        if self.said[0]:
            return [[], [(" ", ""), (cut(self.said[0], width - 2), self.said[1])]]
        if self.typed.strip():
            return [[], [(" ✓ ", "ok"), ("Enter sets it, for as long as this screen is there", "text")]]
        return [[], [(" ", ""), (cut(_GRAMMAR, width - 2), "faint")]]


class BreakpointsScreen(ModalScreen[None], inherit_bindings=False):
    """Its own breakpoints go with the screen; those of the run stay until they are removed, here or elsewhere."""

    BINDINGS = [  # noqa: RUF012
        Binding("j,down", "move(1)", "down"),
        Binding("k,up", "move(-1)", "up"),
        Binding("d,x,delete", "remove", "remove"),
        Binding("tab,shift+tab", "other", "list or line"),
        Binding("escape", "close", "close", priority=True),
        Binding("q,B", "close", "close"),
    ]

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link
        self.list, self.problem = BreakpointList(), Problem(id="problem")
        self._answered = asyncio.Event()
        self._looking: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="breaks"):
            yield self.list
            yield Field(id="breakpoint", placeholder="a new breakpoint, such as before_tool:http_*", compact=True)
            yield self.problem

    async def on_mount(self) -> None:
        self.set_interval(EVERY, self._look)
        self._look()
        try:
            await asyncio.wait_for(self._answered.wait(), SOON)
        except TimeoutError:  # its program may hold it up for long, and this screen must not hang with it
            self._say(_SILENT, "dim")
        (self.list if self.list.count else self.query_one(Input)).focus()

    def _look(self) -> None:
        """Ask what is in force, unless an answer is still to come."""
        if self._looking is None or self._looking.is_finished:
            self._looking = self.run_worker(self._listed(), name="look", exit_on_error=False)

    async def _listed(self) -> None:
        try:
            self.list.show(await self.link.in_force())
            if self.problem.said[0] == _SILENT:
                self._say("", "")
        except TracerError as error:
            self._say(str(error), "error")
        self._answered.set()

    def _say(self, text: str, style: str) -> None:
        self.problem.said = text, style
        self.problem.renew()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Hold it against the grammar as it is typed."""
        self.problem.typed = event.value
        self._say(*(("", "") if event.value else self.problem.said))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Set it, if it can be read; else the cursor goes to the fault."""
        column, fault = fault_of(event.value)
        if fault:
            event.input.cursor_position = column - 1
            return
        self.run_worker(self._set(event.input, event.value), name="act", exit_on_error=False)

    async def _set(self, field: Input, text: str) -> None:
        if await self._asked(self.link.add(text), f"set {text}") and field.value == text:
            field.value = ""

    async def _asked(self, work: Coroutine[Any, Any, str | None], done: str) -> bool:
        """Do it, and say how it went; whether it was done."""
        try:
            wrong = await work
        except TracerError as error:
            self._say(str(error), "error")
            return False
        self._say(wrong or done, "warn" if wrong else "accent")
        await self._listed()
        return True

    def action_move(self, by: int) -> None:
        """Rows."""
        self.list.move(by)

    def action_remove(self) -> None:
        """Take the selected one out of force."""
        if (one := self.list.selected) is not None:
            self.run_worker(self._asked(self.link.remove(one), f"removed {one.text}"), name="act", exit_on_error=False)

    def action_other(self) -> None:
        """From the list to the line, and back to a list that has something."""
        (self.list if isinstance(self.focused, Input) and self.list.count else self.query_one(Input)).focus()

    def action_close(self) -> None:
        """Back to the main screen."""
        self.dismiss()
