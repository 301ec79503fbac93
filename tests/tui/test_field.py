"""What is typed into a field comes out in the order in which it was typed, however fast."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widget import Widget

from tracer.tui.widgets.field import Field
from tracer.tui.widgets.jsonarea import JsonArea

KEYS = ["end", "backspace", "a", "b", "c", "left", "d", "e", "f", "home", "delete", "x"]


class Small(App[None]):
    def __init__(self, make: Callable[[], Widget]) -> None:
        super().__init__()
        self.make = make

    def compose(self) -> ComposeResult:
        yield self.make()


@pytest.mark.parametrize("kind", [Field, JsonArea])
async def test_keys_that_come_in_one_read_act_in_their_order(kind: type[Field | JsonArea]) -> None:
    app = Small(lambda: JsonArea("hello", 3) if kind is JsonArea else Field("hello"))
    async with app.run_test(size=(40, 8)) as pilot:
        field = app.query_one(kind)
        field.focus()
        await pilot.pause()
        for key in KEYS:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        said = field.value if isinstance(field, Field) else field.text
    assert said == "xellabdefc"
