from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Sessions in a folder of the test's own; sockets in a short one, as their paths must be."""
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    with tempfile.TemporaryDirectory(prefix="td", dir="/tmp") as short:
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        yield Path(short)
