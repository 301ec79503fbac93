"""The request of one model call until it is sent: made from the agent, and open to hooks. It calls no model."""

from __future__ import annotations

from typing import Any

from agent_runtime.edits.shadow import equal
from agent_runtime.event_loop.run import Run
from agent_runtime.hooks import BeforeModelCallEvent, ModelRequest
from agent_runtime.messages import copy_tree


async def prepare(run: Run, attempt: int) -> BeforeModelCallEvent:
    """Await the hooks before a model call. What they change in the request is for this call alone; what they change in
    the agent itself is sent too, unless they changed the request."""
    await run.find_changes()
    pending = _Pending(run) if run.agent.hooks.watched(BeforeModelCallEvent) else None
    request = pending.request if pending is not None else _request(run)
    before = BeforeModelCallEvent(run.agent, run.state, request, attempt)
    await run.fire(before, (lambda: pending.follow(before.request)) if pending is not None else None)
    return before


def _request(run: Run) -> ModelRequest:
    return ModelRequest(list(run.agent.messages), run.agent.system_prompt, *_tools(run))


def _tools(run: Run) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The tools and the tool choice."""
    specs = run.agent.tool_registry.get_all_tool_specs()
    return run.structured.request(specs) if run.structured is not None else (specs, None)


class _Pending:
    """A request in messages and tool specs of its own, and what the agent's were when it last followed them."""

    def __init__(self, run: Run) -> None:
        self.request = request = _request(run)
        self._run, self._agent = run, run.agent
        self._tools = copy_tree(request.tool_specs)
        self._messages, self._system = run.agent.edits.history(run.agent), copy_tree(request.system_prompt)
        request.messages, request.system_prompt = copy_tree(request.messages), copy_tree(request.system_prompt)
        request.tool_specs = copy_tree(request.tool_specs)

    def follow(self, request: ModelRequest) -> None:
        """Take over what a hook changed in the agent, where the request is as it was."""
        messages, system = self._agent.messages, self._agent.system_prompt
        if not equal(messages, self._messages) and equal(request.messages, self._messages):
            request.messages, self._messages = copy_tree(messages), copy_tree(messages)
        if not equal(system, self._system) and equal(request.system_prompt, self._system):
            request.system_prompt, self._system = copy_tree(system), copy_tree(system)
        tools = _tools(self._run)[0]
        if not equal(tools, self._tools) and equal(request.tool_specs, self._tools):
            request.tool_specs, self._tools = copy_tree(tools), copy_tree(tools)
