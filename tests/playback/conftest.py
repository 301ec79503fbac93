"""Sessions of these tests lie in a folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """$TRACER_HOME."""
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    return tmp_path
