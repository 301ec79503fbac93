"""The edit form: what is stopped as JSON, checked as it is typed; what the debugger refuses is said in the form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button

from tracer.errors import TracerError
from tracer.tui.model import jsontext
from tracer.tui.model.chosen import Chosen, Rule, choose
from tracer.tui.model.lines import Line, cut, spread
from tracer.tui.widgets.bar import Bar
from tracer.tui.widgets.jsonarea import JsonArea

AROUND = 7  # rows of the form without the JSON
Submit = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Form:
    """What is edited: its `task` and `name` for the title, a `note` beside it, the `value` to start from.

    `submit(value)` hands the new value on; the TracerError that it raises is told in the form, which stays. `rule` says
    which value is selected at first, `stop` which stop's end closes the form. `current` reads the value anew, which
    another viewer may have changed meanwhile.
    """

    task: str
    name: str
    note: str
    value: Any
    submit: Submit
    rule: Rule = "first"
    stop: int = 0
    current: Callable[[], Awaitable[Any]] | None = None


class Verdict(Bar):
    """Whether the text can be applied; where it cannot, what is wrong and where."""

    parsed = jsontext.Parsed()
    unchanged = True
    refused = ""
    chosen: Chosen | None = None

    def lines(self, width: int) -> list[Line]:
        if self.parsed.error:
            place = f"line {self.parsed.line}, column {self.parsed.column}: "
            return [[(" ✗ ", "error"), (place, "error"), (self.parsed.error, "text")]]
        if self.refused:
            return [[(" ✗ ", "error"), (cut(self.refused, width - 4), "text")]]
        if self.unchanged:
            return [[(" ➜ ", "key"), (_task(self.chosen, width - 4), "hint")]]
        return [[(" ✓ ", "ok"), ("valid; Ctrl+S applies", "text")]]


class Title(Bar):
    """What it is, and what changing it leaves alone."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form

    def lines(self, width: int) -> list[Line]:
        left: Line = [(f" {self.form.task} ", "dim"), (cut(self.form.name, 40), "strong")]
        return [spread(left, [(f"{self.form.note} ", "faint")], width)]


class EditScreen(ModalScreen[bool], inherit_bindings=False):
    """True once a value was applied, False where the reader left. Only valid JSON can be applied."""

    BINDINGS = [  # noqa: RUF012
        Binding("ctrl+s,f2", "apply", "apply", priority=True),
        Binding("escape", "leave", "leave", priority=True),
        Binding("tab", "app.focus_next", "next field"),
        Binding("shift+tab", "app.focus_previous", "field before"),
    ]

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form, self.start = form, jsontext.pretty(form.value)
        self._busy = False

    @property
    def idle(self) -> bool:
        """Whether it waits for the reader: it is there, and nothing is on its way to the debugger."""
        return self.is_mounted and self.is_current and not self._busy

    async def overtaken(self) -> bool:
        """Whether another viewer has changed what is edited here. Raises TracerError where that cannot be told."""
        if self.form.current is None:
            return False
        return jsontext.pretty(await self.form.current()) != jsontext.pretty(self.form.value) and self.idle

    @property
    def typed(self) -> str:
        """What stands there now; "" where that is what stood there from the beginning."""
        text = self.query_one(JsonArea).text
        return text if text != self.start else ""

    def compose(self) -> ComposeResult:
        with Vertical(id="edit"):
            yield Title(self.form)
            yield JsonArea(self.start, self._rows(), choose(self.form.value, self.form.rule))
            yield Verdict(id="verdict")
            with Horizontal(id="buttons"):
                yield Button("Apply  Ctrl+S", id="apply", variant="success", compact=True)
                yield Button("Leave  Esc", id="leave", compact=True)

    def _rows(self) -> int:
        """Room for the input with its long lines wrapped, and one line more; what stands around it has to show too."""
        wanted = 1 + sum(1 + len(line) // 90 for line in self.start.split("\n"))
        return max(3, min(16, self.app.size.height * 9 // 10 - AROUND, max(6, wanted)))

    def on_mount(self) -> None:
        area = self.query_one(JsonArea)
        area.focus()
        area.select_chosen()
        self.query_one(Verdict).chosen = area.chosen
        self.on_text_area_changed()

    def on_text_area_changed(self) -> None:
        """Check what stands there now."""
        verdict = self.query_one(Verdict)
        text = self.query_one(JsonArea).text
        verdict.parsed, verdict.unchanged, verdict.refused = jsontext.parse_object(text), text == self.start, ""
        verdict.renew()
        self.query_one("#apply", Button).disabled = bool(verdict.parsed.error)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "apply":
            self.action_apply()
        else:
            self.action_leave()

    def action_apply(self) -> None:
        """Apply what was typed; the key is here at once, and letters typed before it may still be on their way."""
        self.query_one(JsonArea).call_later(self._apply)

    def _apply(self) -> None:
        """Hand the value on, if it is valid; else the cursor goes to the error."""
        if self._busy:  # a second Ctrl+S came behind the first
            return
        parsed = jsontext.parse_object(self.query_one(JsonArea).text)
        if parsed.error:
            self.query_one(JsonArea).move_cursor((parsed.line - 1, parsed.column - 1))
            return
        self._busy = True
        self.run_worker(self._submit(parsed.value), name="submit", exit_on_error=False)

    async def _submit(self, value: dict[str, Any]) -> None:
        try:
            await self.form.submit(value)
        except TracerError as error:
            verdict = self.query_one(Verdict)
            verdict.refused = str(error)
            verdict.renew()
            self._busy = False
            return
        if self.is_current:  # it may have been left meanwhile
            self.dismiss(True)

    def action_leave(self) -> None:
        """Nothing changes."""
        self.dismiss(False)


def _task(chosen: Chosen | None, width: int) -> str:
    """What to do first, in a line."""
    if chosen is None:
        return "change the JSON, then Ctrl+S"
    name = f"type the new value of {cut(chosen.name, 24)}" if chosen.name else "type the new value"
    room = max(8, width - len(f"{name}: it replaces ; then Ctrl+S"))
    return f"{name}: it {f'replaces {cut(chosen.text, room)}' if chosen.text else 'is empty'}; then Ctrl+S"
