"""Edits: what a hook changes is told with who, where, from what and to what; what nobody changed is not."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from agent_runtime import hooks
from agent_runtime.edits.shadow import copied
from agent_runtime.hooks import Author
from agent_runtime.models.scripted import ScriptedModel
from tests.agent_runtime.edits import CASES, line_of, listen, one_call


@pytest.mark.parametrize("late", [False, True], ids=["sync", "after an await"])
@pytest.mark.parametrize(("kind", "edit", "says"), CASES, ids=[f"{kind.__name__}-{e.__name__}" for kind, e, _ in CASES])
async def test_each_edit_is_told_once_with_its_hook(kind: type, edit: Any, says: list[Any], late: bool) -> None:
    async def edit_late(event: Any) -> None:
        await asyncio.sleep(0)
        edit(event)

    hook = edit_late if late else edit
    agent = one_call(system_prompt="Be kind.")
    seen = listen(agent)
    agent.add_hook(lambda event: None, kind)
    agent.add_hook(hook, kind)
    agent.add_hook(lambda event: None, kind)
    await agent.invoke_async("go")
    assert [(e.what, e.path, e.before, e.after) for e in seen] == says
    author = Author("hook", hook.__name__, inspect.getfile(hook), line_of(hook))
    assert [e.by for e in seen] == [author] * len(says)
    in_call = kind in (hooks.BeforeToolCallEvent, hooks.AfterToolCallEvent)
    assert {e.tool_use_id for e in seen} == ({"c"} if in_call else {""})


@pytest.mark.parametrize("kind", [kind for kind, _, _ in CASES], ids=lambda kind: kind.__name__)
async def test_what_is_read_or_written_as_it_was_is_no_edit(kind: type) -> None:
    agent = one_call(system_prompt=[{"text": "Be kind."}])
    seen = listen(agent)

    def same(event: Any) -> None:
        event.agent.messages = [dict(message) for message in event.agent.messages]
        event.agent.system_prompt = [{"text": "Be kind."}]
        for name in ("tool_use", "result", "messages"):
            if name in event.writable:
                setattr(event, name, copied(getattr(event, name)))

    agent.add_hook(same, kind)
    await agent.invoke_async("go")
    agent.model = ScriptedModel(["Done."])
    await agent.invoke_async("go again")
    assert seen == []
