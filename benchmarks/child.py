"""A server in a process of its own, so that its work is not counted."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection


@contextmanager
def in_child(serve: Callable[[Connection], None]) -> Iterator[int]:
    """The port that `serve` sends once it listens; it is ended with the block."""
    context = multiprocessing.get_context("spawn")
    hear, say = context.Pipe()
    process = context.Process(target=serve, args=(say,), daemon=True)
    process.start()
    try:
        yield hear.recv()
    finally:
        process.terminate()
        process.join()
