"""The stack pane: frames, scopes and variables of the stop, in the inspector's place."""

from __future__ import annotations

from tracer.tui.model.lines import Line, spread
from tracer.tui.model.stack import Node, Stack, line
from tracer.tui.widgets.pane import LinePane


class StackPane(LinePane):
    """Rows of the tree that `show` was last given; opening one is the screen's work, as the debugger is asked."""

    title = "stack"

    def __init__(self) -> None:
        super().__init__(id="stack")
        self.stack: Stack | None = None
        self._rows: list[tuple[Node, int]] = []

    @property
    def count(self) -> int:
        return len(self._rows)

    def row(self, index: int, width: int) -> Line:
        return line(*self._rows[index], width)

    def head(self, width: int) -> Line:
        return spread([], [("v inspector ", "faint")], width)

    def show(self, stack: Stack | None) -> None:
        """Take the tree as it is now; the cursor stays on its row, or begins at the top where the stop is another."""
        if stack is None or self.stack is None or stack.stop != self.stack.stop:
            self.cursor = 0
        self.stack = stack
        self._rows = stack.rows() if stack else []
        self.forget()
        self.grow()

    @property
    def selected(self) -> Node | None:
        """The node under the cursor."""
        return self._rows[self.cursor][0] if self.cursor < self.count else None

    def fold(self, close: bool) -> None:
        """Close what the cursor is on, or go to what it lies in."""
        node = self.selected
        if node is None or not close:
            return
        if node.opened:
            node.opened = False
            self.show(self.stack)
            return
        depth = self._rows[self.cursor][1]
        above = (row for row in range(self.cursor, -1, -1) if self._rows[row][1] < depth)
        self.goto(next(above, self.cursor))
