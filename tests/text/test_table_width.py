"""`tracer ls` on a terminal: no row is wider than the screen."""

import io

import pytest

from tracer.text import table
from tracer.text.summary import Summary


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [72, 80, 160])
def test_no_row_is_wider_than_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    out = Screen()
    row = Summary(id="0" * 16, path="x", agent="tidy", status="cancelled", prompt="Fetch the report " * 9)
    table.write(out, [row])
    lines = out.getvalue().splitlines()
    assert len(lines) == 2 and all(len(line) <= columns for line in lines)
