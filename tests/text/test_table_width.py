"""`tracer ls` on a terminal: no row is wider than the screen."""

import io

import pytest
from rich.cells import cell_len

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


@pytest.mark.parametrize("columns", [80, 100, 160])
def test_wide_characters_move_no_column(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    out = Screen()
    told = (("tidy", "a" * 99), ("天気エージェント", "漢字 " * 40), ("e\u0301" * 30, "x"))
    rows = [Summary(id="0" * 16, path="x", agent=agent, status="ok", cost=1, prompt=prompt) for agent, prompt in told]
    table.write(out, rows)
    lines = out.getvalue().splitlines()
    assert all(cell_len(line) <= columns for line in lines)
    assert len({cell_len(line[: line.index("$1.00")]) for line in lines[1:]}) == 1, out.getvalue()
