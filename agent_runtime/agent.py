"""The Agent: a model, tools, hooks and a conversation, and the ways to call it. The loop itself is in event_loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from agent_runtime.claims import Claim, Claims
from agent_runtime.control import Stop
from agent_runtime.conversation import ConversationManager, SlidingWindowConversationManager
from agent_runtime.event_loop import run_agent
from agent_runtime.events import Event
from agent_runtime.executors import ConcurrentToolExecutor, ToolExecutor
from agent_runtime.handlers import PrintingCallbackHandler, null_callback_handler
from agent_runtime.hooks import AgentInitializedEvent, HookRegistry, Undo, announce
from agent_runtime.interrupts import InterruptState
from agent_runtime.limits import Limits
from agent_runtime.model_choice import choose
from agent_runtime.result import AgentResult
from agent_runtime.retry import ModelRetryStrategy, default_strategy
from agent_runtime.state import AgentState
from agent_runtime.streaming import drive
from agent_runtime.tools.registry import ToolRegistry

if TYPE_CHECKING:
    from agent_runtime.models.port import Model
    from agent_runtime.tools.agent_tool import AgentAsTool

_PRINT: Any = object()


class Agent:
    """An agent that answers prompts with a model and tools, one call at a time.

    `model` is a model, a litellm name (`openai/gpt-4o`) or `file.py:object`; without one `$AGENT_MODEL` names it.
    `callback_handler` gets each event as keyword arguments; None is silence, the default prints. `hooks` are providers
    with `register_hooks(registry)` or callables whose parameter is annotated with their event. `messages`, the
    conversation, and `system_prompt` may be changed between calls.
    """

    def __init__(
        self,
        model: Model | str | None = None,
        messages: list[dict[str, Any]] | None = None,
        tools: Sequence[Any] | None = None,
        system_prompt: str | list[dict[str, Any]] | None = None,
        callback_handler: Callable[..., Any] | None = _PRINT,
        *,
        hooks: Iterable[Any] | None = None,
        name: str | None = None,
        description: str | None = None,
        agent_id: str | None = None,
        state: AgentState | dict[str, Any] | None = None,
        conversation_manager: ConversationManager | None = None,
        tool_executor: ToolExecutor | None = None,
        retry_strategy: ModelRetryStrategy | None = None,
    ) -> None:
        self.model: Any = choose(model)
        self.messages = messages if messages is not None else []
        self.system_prompt = system_prompt
        self.name = name or "agent"
        self.description = description
        self.agent_id = agent_id or "default"
        self.state = state if isinstance(state, AgentState) else AgentState(state)
        self.tool_registry = ToolRegistry(_as_tools(tools or ()))
        self.callback_handler = PrintingCallbackHandler() if callback_handler is _PRINT else callback_handler
        self.conversation_manager = conversation_manager or SlidingWindowConversationManager()
        self.tool_executor = tool_executor or ConcurrentToolExecutor()
        self.retry_strategy = retry_strategy or default_strategy(self.model)
        self.interrupts = InterruptState()
        self.cancel_signal = threading.Event()
        self.claims = Claims()
        self.hooks = HookRegistry()
        for hook in hooks or ():
            self.hooks.add_hook(hook)
        self.hooks.invoke_sync(AgentInitializedEvent(self))
        announce(self)

    @property
    def tool_names(self) -> list[str]:
        return list(self.tool_registry.registry)

    def add_hook(self, callback: Any, event_type: Any = None, order: int = 0) -> Undo:
        """Call `callback` for a hook event or several; see `agent_runtime.hooks`. Gives the undo."""
        return self.hooks.add_callback(event_type, callback, order)

    def stream_async(
        self,
        prompt: Any = None,
        *,
        invocation_state: Mapping[str, Any] | None = None,
        limits: Limits | None = None,
        structured_output_model: type[Any] | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[Event, None]:
        """Answer, as a stream of events; the last is `result`, unless an exception leaves.

        `prompt` is a str, a list of content blocks, a list of messages, a list of interrupt responses, or None to go
        on from the conversation as it is. `invocation_state`, and further keyword arguments, reach tools and hooks.

        Raises:
            ConcurrencyException: the agent is in the middle of another call.
            MaxTokensReachedException, StructuredOutputException, ContextWindowOverflowException: as they say.
            EventLoopException: a hook failed around the tools. What the model raises leaves as it is.
        """
        state = {**(invocation_state or {}), **kwargs, "agent": self}
        state.setdefault("request_state", {})
        claim = Claim()
        handler = None if self.callback_handler is null_callback_handler else self.callback_handler
        stream = drive(
            lambda: run_agent(
                self, claim, prompt, state=state, limits=limits, structured_output_model=structured_output_model
            ),
            handler,
        )
        claim.stream = weakref.ref(stream)
        return stream

    async def invoke_async(self, prompt: Any = None, **kwargs: Any) -> AgentResult:
        """Answer; takes what `stream_async` takes, and raises what it raises."""
        last: Event = {}
        async for event in self.stream_async(prompt, **kwargs):
            last = event
        result: AgentResult = last["result"]
        return result

    def __call__(self, prompt: Any = None, **kwargs: Any) -> AgentResult:
        """Answer, and wait for it; in a thread of its own, so that it works inside a running event loop too."""
        context = contextvars.copy_context()
        with ThreadPoolExecutor(1, thread_name_prefix="agent") as thread:
            answer = thread.submit(context.run, lambda: asyncio.run(self.invoke_async(prompt, **kwargs)))
            try:
                return answer.result()
            except KeyboardInterrupt:
                self.cancel()
                raise

    def cancel(self, message: str | None = None, *, after_current_tools: bool = False) -> None:
        """End the present call, from any thread: its result has the stop reason `cancelled`. Without a call, nothing.

        `message` takes the place of "Cancelled by user" as the assistant's last; tools that run are cancelled, or
        waited for if so wished.
        """
        active = self.claims.active
        if active is not None and active.control is not None:
            active.control.request(Stop("cancelled", message, after_current_tools))

    def as_tool(
        self, name: str | None = None, description: str | None = None, preserve_context: bool = False
    ) -> AgentAsTool:
        """A tool that asks this agent; each time afresh, unless its conversation is to be kept."""
        from agent_runtime.tools.agent_tool import AgentAsTool

        return AgentAsTool(self, name, description, preserve_context)


def _as_tools(tools: Iterable[Any]) -> list[Any]:
    return [tool.as_tool() if isinstance(tool, Agent) else tool for tool in tools]
