"""Messages and their blocks, as TypedDicts for annotations and for building them."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

Role: TypeAlias = Literal["user", "assistant"]


class CachePoint(TypedDict):
    """Where a provider may cache up to; `type` is "default"."""

    type: str


class ContentBlock(TypedDict, total=False):
    """Exactly one of these keys."""

    text: str
    image: dict[str, Any]
    document: dict[str, Any]
    video: dict[str, Any]
    toolUse: dict[str, Any]
    toolResult: dict[str, Any]
    reasoningContent: dict[str, Any]
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
