"""The recorded provider answers, served from a process of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.corpus.raw import SERVER


@pytest.fixture(scope="session")
def base() -> Iterator[str]:
    """The server's address; skips where there are no recordings."""
    if not SERVER.exists():
        pytest.skip("no recorded provider streams beside the checkout")
    server = subprocess.Popen(
        [sys.executable, str(SERVER)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.terminate()
    server.wait()
