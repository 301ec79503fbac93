"""The Agent: a model, tools, hooks and a conversation, and the ways to call it. The loop itself is in event_loop."""

from __future__ import annotations

import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never, TypeVar

from agent_runtime.agent.closing import Closable
from agent_runtime.agent.conversation_manager import ConversationManager, SlidingWindowConversationManager
from agent_runtime.agent.state import AgentState
from agent_runtime.agent.tool_caller import ToolCaller
from agent_runtime.blocking import wait_for
from agent_runtime.edits.history import Edits
from agent_runtime.elsewhere import absent_attribute, refuse_keywords
from agent_runtime.event_loop.claims import Claim, Claims
from agent_runtime.event_loop.control import Stop
from agent_runtime.event_loop.event_loop import run_agent
from agent_runtime.event_loop.streaming import drive
from agent_runtime.events import Event
from agent_runtime.handlers.callback_handler import PrintingCallbackHandler, null_callback_handler
from agent_runtime.hooks import AgentInitializedEvent, HookRegistry, Undo, announce
from agent_runtime.interrupts import InterruptState
from agent_runtime.limits import Limits
from agent_runtime.messages import split_system
from agent_runtime.metrics import EventLoopMetrics
from agent_runtime.models.choice import choose
from agent_runtime.result import AgentResult
from agent_runtime.retry import ModelRetryStrategy, default_strategy
from agent_runtime.tools.executors import ConcurrentToolExecutor, ToolExecutor
from agent_runtime.tools.loading import load_directory
from agent_runtime.tools.registry import ToolRegistry
from agent_runtime.tools.structured_output import StructuredOutput

if TYPE_CHECKING:
    from agent_runtime.models.port import Model
    from agent_runtime.tap import TapFactory
    from agent_runtime.tools.agent_tool import AgentAsTool

T = TypeVar("T")
_DEFAULT: Any = object()


class Agent(Closable):
    """An agent that answers prompts with a model and tools, one call at a time.

    `model` is a model, a litellm name (`openai/gpt-4o`) or `file.py:object`; without one `$AGENT_MODEL` names it.
    `tools` are `@tool` functions, agents, modules, paths and names of tools (`agent_runtime.tools.load`), or lists of
    these. `callback_handler` gets each event as keyword arguments; None is silence, the default prints. `hooks` are
    providers with `register_hooks(registry)` or callables whose parameter is annotated with their event. `messages`,
    the conversation, and `system_prompt` may be changed between calls. `retry_strategy=None` means no retries. `tap`
    listens to the stream from inside (`agent_runtime.tap`).
    """

    def __init__(  # noqa: PLR0917 - so many are positional in Strands
        self,
        model: Model | str | None = None,
        messages: list[dict[str, Any]] | None = None,
        tools: Sequence[Any] | None = None,
        system_prompt: str | list[dict[str, Any]] | None = None,
        structured_output_model: type[Any] | None = None,
        callback_handler: Callable[..., Any] | None = _DEFAULT,
        conversation_manager: ConversationManager | None = None,
        record_direct_tool_call: bool = True,
        load_tools_from_directory: bool = False,
        trace_attributes: Mapping[str, Any] | None = None,
        *,
        agent_id: str | None = None,
        name: str | None = None,
        description: str | None = None,
        state: AgentState | dict[str, Any] | None = None,
        hooks: Iterable[Any] | None = None,
        structured_output_prompt: str | None = None,
        tool_executor: ToolExecutor | None = None,
        retry_strategy: ModelRetryStrategy | None = _DEFAULT,
        **elsewhere: Never,
    ) -> None:
        refuse_keywords(elsewhere)
        self.model: Any = choose(model)
        self.messages = messages if messages is not None else []
        self.system_prompt = system_prompt
        self.structured_output_model = structured_output_model
        self.structured_output_prompt = structured_output_prompt
        self.name = name or "agent"
        self.description = description
        self.agent_id = agent_id or "default"
        self.trace_attributes = dict(trace_attributes or {})
        self.state = state if isinstance(state, AgentState) else AgentState(state)
        self.record_direct_tool_call = record_direct_tool_call
        self.load_tools_from_directory = load_tools_from_directory
        self.tool_registry = ToolRegistry(tools or ())
        if load_tools_from_directory:
            self.tool_registry.process_tools(load_directory(Path.cwd() / "tools"))
        self.callback_handler = PrintingCallbackHandler() if callback_handler is _DEFAULT else callback_handler
        self.conversation_manager = conversation_manager or SlidingWindowConversationManager()
        self.tool_executor = tool_executor or ConcurrentToolExecutor()
        self.retry_strategy = _retries(retry_strategy, self.model)
        self.event_loop_metrics = EventLoopMetrics()
        self.interrupts = InterruptState()
        self.cancel_signal = threading.Event()
        self.claims = Claims()
        self.hooks = HookRegistry()
        self.edits = Edits()
        self._tap: TapFactory | None = None
        self._register(hooks or ())
        self.hooks.invoke_sync(AgentInitializedEvent(self))
        announce(self)

    def _register(self, hooks: Iterable[Any]) -> None:
        if hasattr(self.conversation_manager, "register_hooks"):
            self.hooks.add_hook(self.conversation_manager)
        for hook in hooks:
            self.hooks.add_hook(hook)

    if not TYPE_CHECKING:  # a checker is to find every other name too

        def __getattr__(self, name: str) -> Never:
            raise absent_attribute(self, name)

    @property
    def tap(self) -> TapFactory | None:
        """What listens to each invocation's stream from inside: one at a time. ValueError where one does already."""
        return self._tap

    @tap.setter
    def tap(self, tap: TapFactory | None) -> None:
        if tap is not None and self._tap is not None:  # a recording would end here, and nobody would know
            raise ValueError("the stream has a tap already, a recording's perhaps: set `agent.tap = None` first")
        self._tap = tap

    @property
    def system_prompt_content(self) -> list[dict[str, Any]] | None:
        """The system prompt in blocks, however it was given."""
        blocks = split_system(self.system_prompt)[1]
        return None if blocks is None else [*blocks]

    @property
    def tool(self) -> ToolCaller:
        """Calls tools directly: `agent.tool.calculator(expression="6*7")`."""
        return ToolCaller(self)

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
        structured_output_model: type[Any] | None = None,
        structured_output_prompt: str | None = None,
        limits: Limits | None = None,
        cancel_signal: threading.Event | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[Event, None]:
        """Answer, as a stream of events; the last is `result`, unless an exception leaves.

        `prompt` is a str, a list of content blocks, a list of messages, a list of interrupt responses, or None to go
        on from the conversation as it is. `invocation_state`, and further keyword arguments, reach tools and hooks, as
        a copy; what they leave in it is in the caller's own when the call is over, if that is a dict. The structured
        output's model and the prompt that asks for it take the place of the agent's. Setting `cancel_signal` does what
        `cancel()` does.

        Raises:
            ConcurrencyException: the agent is in the middle of another call.
            MaxTokensReachedException, StructuredOutputException, ContextWindowOverflowException: as they say.
            EventLoopException: a hook failed around the tools. What the model raises leaves as it is.
        """
        if kwargs.pop("idempotency_token", None) is not None:
            raise TypeError("an agent takes no idempotency_token here: keep results by your token yourself")
        state = {**(invocation_state or {}), **kwargs, "agent": self}
        state.setdefault("request_state", {})
        model = structured_output_model or self.structured_output_model
        wording = structured_output_prompt or self.structured_output_prompt
        claim = Claim()
        handler = None if self.callback_handler is null_callback_handler else self.callback_handler
        stream = drive(
            lambda: run_agent(
                self,
                claim,
                prompt,
                state=state,
                given=invocation_state,
                limits=limits,
                output=lambda: StructuredOutput(model, wording) if model is not None else None,
                cancel_signal=cancel_signal,
            ),
            handler,
            None if self._tap is None else partial(self._tap, prompt, invocation_state),
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
        return wait_for(lambda: self.invoke_async(prompt, **kwargs), self.cancel)

    async def structured_output_async(self, output_model: type[T], prompt: Any = None) -> T:
        """Answer as an `output_model`, a pydantic class, and leave the conversation as it was.

        Strands deprecates it: pass `structured_output_model` to the call.
        """
        kept = list(self.messages)
        try:
            result = await self.invoke_async(prompt, structured_output_model=output_model)
        finally:
            self.messages[:] = kept
        value: T = result.structured_output
        return value

    def structured_output(self, output_model: type[T], prompt: Any = None) -> T:
        """`structured_output_async`, and wait for it."""
        return wait_for(lambda: self.structured_output_async(output_model, prompt), self.cancel)

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


def _retries(strategy: Any, model: Any) -> ModelRetryStrategy:
    """As given; None is a single attempt, and without a word the model's own or the default."""
    if strategy is _DEFAULT:
        return default_strategy(model)
    if strategy is None:
        return ModelRetryStrategy(max_attempts=1)
    if not hasattr(strategy, "delay"):
        raise ValueError(f"retry_strategy must be a ModelRetryStrategy or None, not {strategy!r}")
    chosen: ModelRetryStrategy = strategy
    return chosen
