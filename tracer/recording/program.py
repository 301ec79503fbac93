"""Every agent of a program: told by our runtime's own hook, and for stock Strands by wrapping `Agent.__init__`."""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

_STOCK = "strands.agent.agent"


def on_every_agent(callback: Callable[[Any], None]) -> Callable[[], None]:
    """Call back with each agent made from now on, whether Strands is imported already or later; returns the undo."""
    from agent_runtime.hooks import on_agent

    undo, over = on_agent(callback), list[bool]()

    def told(agent: Any) -> None:
        if not over:
            callback(agent)

    finder = _Finder(told)
    if _STOCK in sys.modules:
        _wrap(sys.modules[_STOCK], told)
    else:
        sys.meta_path.insert(0, finder)

    def stop() -> None:
        undo()
        over.append(True)  # a wrapped `__init__` stays, since others may have wrapped it since, and does nothing more
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)

    return stop


def _wrap(module: ModuleType, callback: Callable[[Any], None]) -> None:
    kind: Any = module.Agent
    original = kind.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        callback(self)

    kind.__init__ = init


class _Finder(importlib.abc.MetaPathFinder):
    """Waits for the one module of stock Strands and wraps its Agent as soon as it is there."""

    def __init__(self, callback: Callable[[Any], None]) -> None:
        self._callback = callback

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The real module's spec with a loader that wraps afterwards; None for every other module."""
        if name != _STOCK:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        run, callback = spec.loader.exec_module, self._callback

        def exec_module(module: ModuleType) -> None:
            run(module)
            _wrap(module, callback)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
