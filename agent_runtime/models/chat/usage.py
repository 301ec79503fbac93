"""Tokens and cost of an answer, from what litellm tells of it. It is handed the library and does not import it."""

from __future__ import annotations

import contextlib
from typing import Any

from agent_runtime.models.port import Usage


def usage_of(told: Any, estimated: bool) -> Usage:
    """`estimated`: the provider told nothing, and litellm counted."""
    usage: Usage = {
        "inputTokens": told.prompt_tokens or 0,
        "outputTokens": told.completion_tokens or 0,
        "totalTokens": told.total_tokens or 0,
    }
    prompt = getattr(told, "prompt_tokens_details", None)
    read = getattr(prompt, "cached_tokens", None)
    written = getattr(prompt, "cache_creation_tokens", None) or getattr(told, "cache_creation_input_tokens", None)
    reasoning = getattr(getattr(told, "completion_tokens_details", None), "reasoning_tokens", None)
    if isinstance(read, int):
        usage["cacheReadInputTokens"] = read
    if isinstance(written, int):
        usage["cacheWriteInputTokens"] = written
    if reasoning:
        usage["reasoningTokens"] = reasoning
    if estimated:
        usage["estimated"] = True
    return usage


def cost_of(litellm: Any, model_id: str, usage: Any) -> float | None:
    """In USD; None when neither the provider told it nor litellm knows the model's prices."""
    told = getattr(usage, "cost", None)
    if isinstance(told, (int, float)):
        return float(told)
    with contextlib.suppress(Exception):
        return float(sum(litellm.cost_per_token(model=model_id, usage_object=usage)))
    return None
