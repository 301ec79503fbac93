"""What holds for the whole run: how hard the property tests look, and what the garbage collector leaves alone.

A few examples in `make test`, many in `make test-slow`. No fixture is here.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# A deadline of one example is a timed test, which a busy machine fails.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("full", max_examples=300, deadline=None)
settings.load_profile("quick")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and thousands of tests stay to the end: to look for garbage among them takes seconds, again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        _keep()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs litellm comes first, so that one of two workers takes it all: the import takes eight seconds."""
    items.sort(key=lambda item: not item.path.is_relative_to(_MODELS) and not item.path.is_relative_to(_CORPUS))


def pytest_runtest_teardown() -> None:
    """A library that a test imported (litellm, Strands) is kept as they are."""
    if len(sys.modules) > _modules + 200:
        gc.collect()
        _keep()


_modules = 0
_MODELS, _CORPUS = (Path(__file__).parent / name for name in ("agent_runtime/models", "corpus"))


def _keep() -> None:
    global _modules
    gc.freeze()
    _modules = len(sys.modules)
