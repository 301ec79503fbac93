"""The agent's process, but for its process."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent_runtime.testing import scripted_agent
from tracer.launch.child import Child
from tracer.launch.spec import Ended, Spec


class Late:
    """An agent that is asked to end just before it begins, where asking it does nothing yet."""

    def __init__(self, child: Child, cancels: bool) -> None:
        self.child, self.inner = child, scripted_agent("one two three four")
        if cancels:
            self.cancel = self.inner.cancel

    async def stream_async(self, prompt: str) -> AsyncIterator[Any]:
        self.child.cancel()
        async for event in self.inner.stream_async(prompt):
            yield event


@pytest.mark.parametrize(("cancels", "ended"), [
    (True, Ended(130, "the run was cancelled")), (False, Ended(130, "interrupted")),
])  # fmt: skip
def test_a_run_that_is_asked_to_end_before_it_begins_ends(cancels: bool, ended: Ended) -> None:
    child = Child(Spec("go"), os.open(os.devnull, os.O_WRONLY), [])
    child.agent = Late(child, cancels)
    assert child._run() == ended
