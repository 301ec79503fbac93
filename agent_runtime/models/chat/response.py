"""litellm's chunks of an answer as those of the model port. It is handed the library and does not import it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from agent_runtime.models.chat.blocks import Blocks
from agent_runtime.models.chat.citations import citation_of
from agent_runtime.models.chat.usage import cost_of, usage_of
from agent_runtime.models.port import Metadata, StreamChunk

_STOP_REASONS = {
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "length": "max_tokens",
    "content_filter": "content_filtered",
}


class Answer:
    """Feed it litellm's chunks with the response that they come from, and send on what it gives back."""

    def __init__(self, litellm: Any, model_id: str) -> None:
        self.blocks = Blocks()
        self._litellm, self._model_id = litellm, model_id
        self._began = time.monotonic()
        self._finish: str | None = None
        self._usage: Any = None
        self._estimated = False
        self._block: Any = None
        self._results: dict[str, int] = {}

    def feed(self, chunk: Any, response: Any) -> Iterator[StreamChunk]:
        self._count(chunk, response)
        if chunk.choices:
            # litellm collects each block of Anthropic's in a list of its own, and tells nowhere else where one ends.
            block = getattr(getattr(response, "completion_stream", None), "content_blocks", None)
            if block is not self._block:
                self._block = block
                self.blocks.boundary()
            choice = chunk.choices[0]
            yield from self._delta(choice.delta)
            self._finish = choice.finish_reason or self._finish

    def _count(self, chunk: Any, response: Any) -> None:
        if told := (getattr(chunk, "x_groq", None) or {}).get("usage"):
            counts = {key: told.get(key) for key in ("prompt_tokens", "completion_tokens", "total_tokens")}
            self._usage, self._estimated = self._litellm.Usage(**counts), False
        elif getattr(chunk, "usage", None) is not None:
            # litellm ends with a usage in any case, and counts the tokens itself when the provider told none.
            estimated = all(getattr(told, "usage", None) is None for told in response.chunks)
            if self._usage is None or not estimated:
                self._usage, self._estimated = chunk.usage, estimated

    def finish(self, response: Any) -> Iterator[StreamChunk]:
        """The end; a stream that was cut has no `messageStop`. Some servers end one with tool calls without a word."""
        yield from self.blocks.finish()
        reason = _STOP_REASONS.get(self._finish or "", "end_turn")
        if reason == "end_turn" and self.blocks.any_tool:
            reason = "tool_use"
        if not _cut(response) or (self.blocks.any_tool and not self.blocks.cut_tool):
            yield {"messageStop": {"stopReason": reason}}
        if self._usage is not None:
            yield {"metadata": self._metadata()}

    def _delta(self, delta: Any) -> Iterator[StreamChunk]:
        if delta is None:
            return
        if text := getattr(delta, "reasoning_content", None):
            yield from self.blocks.reasoning(text)
        for block in getattr(delta, "thinking_blocks", None) or ():
            if signature := block.get("signature"):
                yield from self.blocks.signature(signature)
            if block.get("type") == "redacted_thinking" and block.get("data"):
                yield from self.blocks.redacted(str(block["data"]).encode())
        more = getattr(delta, "provider_specific_fields", None) or {}
        yield from self._provider_results(more)
        if citation := more.get("citation"):
            yield from self.blocks.citation(citation_of(citation))
        if text := getattr(delta, "content", None):
            yield from self.blocks.text(text)
        for place, call in enumerate(getattr(delta, "tool_calls", None) or ()):
            function, signed = call.function, getattr(call, "provider_specific_fields", None) or {}
            index, signature = getattr(call, "index", place), signed.get("thought_signature")
            yield from self.blocks.tool(index, call.id, function.name, function.arguments or "", signature)
        if legacy := getattr(delta, "function_call", None):
            yield from self.blocks.tool(0, None, legacy.name, legacy.arguments or "")

    def _provider_results(self, more: Mapping[str, Any]) -> Iterator[StreamChunk]:
        """What the provider's own tools gave; litellm repeats with each one those that came before."""
        for key in ("web_search_results", "tool_results"):
            results = more.get(key) or []
            seen, self._results[key] = self._results.get(key, 0), max(self._results.get(key, 0), len(results))
            for result in results[seen:]:
                content = result.get("content")
                failed = result.get("is_error") or (isinstance(content, dict) and "error_code" in content)
                head = {"toolUseId": result.get("tool_use_id", ""), "type": result["type"]}
                yield from self.blocks.result(head | {"status": "error" if failed else "success"}, content)

    def _metadata(self) -> Metadata:
        latency = int((time.monotonic() - self._began) * 1000)
        body: Metadata = {"usage": usage_of(self._usage, self._estimated), "metrics": {"latencyMs": latency}}
        cost = None if self._estimated else cost_of(self._litellm, self._model_id, self._usage)
        if cost is not None:
            body["cost"] = cost
        return body


def _cut(response: Any) -> bool:
    """Whether the stream ended without a finish reason: litellm makes up a "stop" then, but remembers what it got."""
    told = [getattr(response, name, None) for name in ("received_finish_reason", "intermittent_finish_reason")]
    return hasattr(response, "received_finish_reason") and told == [None, None]
