"""The model port, Strands' own: what the event loop asks of a model. Nothing here talks to a provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypedDict, runtime_checkable

Messages: TypeAlias = Sequence[Mapping[str, Any]]


class MessageStart(TypedDict):
    role: str


class BlockStart(TypedDict):
    """`start` is empty, {"toolUse": {"name", "toolUseId"}} or {"toolResult": {"toolUseId", "type", "status"}}.

    A tool use of `type` "server_tool_use" was run by the provider itself, and the result in the same message is its;
    a `reasoningSignature` in a tool use is the provider's, and goes back with it.
    """

    start: dict[str, Any]


class ToolUseDelta(TypedDict):
    input: str


class ReasoningDelta(TypedDict, total=False):
    text: str
    signature: str
    redactedContent: bytes


class Delta(TypedDict, total=False):
    """Exactly one of these keys."""

    text: str
    toolUse: ToolUseDelta
    reasoningContent: ReasoningDelta
    citation: dict[str, Any]
    toolResult: list[dict[str, Any]]


class BlockDelta(TypedDict):
    delta: Delta


class MessageStop(TypedDict):
    stopReason: str


class Usage(TypedDict, total=False):
    """Tokens; `estimated` is there, and True, when the provider did not say and the numbers are a guess."""

    inputTokens: int
    outputTokens: int
    totalTokens: int
    cacheReadInputTokens: int
    cacheWriteInputTokens: int
    reasoningTokens: int
    estimated: bool


class Metadata(TypedDict, total=False):
    """`metrics` holds latencyMs; `cost` is in USD and absent when unknown."""

    usage: Usage
    metrics: dict[str, int]
    cost: float


class StreamChunk(TypedDict, total=False):
    """One chunk of a model's stream; exactly one of these keys. One block is open at a time."""

    messageStart: MessageStart
    contentBlockStart: BlockStart
    contentBlockDelta: BlockDelta
    contentBlockStop: dict[str, Any]
    messageStop: MessageStop
    metadata: Metadata
    redactContent: dict[str, Any]


@runtime_checkable
class Model(Protocol):
    """A model of any provider. Unknown keyword arguments of `stream` are to be ignored."""

    def stream(
        self,
        messages: Messages,
        tool_specs: list[dict[str, Any]] | None = None,
        system_prompt: Any = None,
        **kwargs: Any,
    ) -> AsyncGenerator[StreamChunk, None]:
        """Send the conversation and yield the answer's chunks; a provider's error may leave at any time.

        `system_prompt` is a text; `system_prompt_content` among `kwargs` has it in blocks.
        """
        ...

    def get_config(self) -> Any:
        """The settings, `model_id` among them."""
        ...

    def update_config(self, **model_config: Any) -> None:
        """Change settings for the calls that follow."""
        ...
