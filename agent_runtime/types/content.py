"""Messages and their blocks, as TypedDicts for annotations and for building them."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from agent_runtime import elsewhere
from agent_runtime.types.media import DocumentContent, ImageContent, VideoContent

Role: TypeAlias = Literal["user", "assistant"]


class CachePoint(TypedDict):
    """Where a provider may cache up to; `type` is "default"."""

    type: str


class ReasoningTextBlock(TypedDict, total=False):
    text: str
    signature: str | None


class ReasoningContentBlock(TypedDict, total=False):
    """One of these keys."""

    reasoningText: ReasoningTextBlock
    redactedContent: bytes


class ContentBlock(TypedDict, total=False):
    """Exactly one of these keys."""

    text: str
    image: ImageContent
    document: DocumentContent
    video: VideoContent
    toolUse: dict[str, Any]
    toolResult: dict[str, Any]
    reasoningContent: ReasoningContentBlock
    citationsContent: dict[str, Any]
    cachePoint: CachePoint
    guardContent: dict[str, Any]


class SystemContentBlock(TypedDict, total=False):
    """Exactly one of these keys."""

    text: str
    cachePoint: CachePoint


class Message(TypedDict):
    role: Role
    content: list[ContentBlock]


Messages: TypeAlias = list[Message]
SystemPrompt: TypeAlias = str | list[SystemContentBlock] | None


def __getattr__(name: str) -> Any:
    raise elsewhere.absent(__name__, name)
