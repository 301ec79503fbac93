"""The attributes of each kind of span: OpenTelemetry's GenAI names, ours under `tracer.`. No content."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tracer import records as r
from tracer.otel.data import Attributes
from tracer.timeline import Span

REASON_LIMIT = 256  # longer values are stored by Jaeger but cannot be searched
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
_SAME_NAME = frozenset(
    {"anthropic", "cerebras", "cohere", "databricks", "deepinfra", "deepseek", "fireworks_ai", "github", "groq"}
    | {"hosted_vllm", "huggingface", "litellm_proxy", "lm_studio", "moonshot", "nvidia_nim", "ollama", "ollama_chat"}
    | {"openai", "openrouter", "perplexity", "replicate", "sambanova", "together_ai"}
)
_BARE = (("gpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"), ("claude", "anthropic"))
_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_call",
    "max_tokens": "length",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
}
_NUMBERS = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
}


@lru_cache(maxsize=256)
def provider_and_model(model: str) -> tuple[str, str]:
    """(gen_ai.provider.name, gen_ai.request.model) of a recorded model id such as `openai/gpt-4o`.

    A prefix that names no provider stays part of the model's name, so that nothing is lost.
    """
    prefix, slash, rest = model.partition("/")
    if slash and rest and (prefix in _PROVIDERS or prefix in _SAME_NAME):
        return _PROVIDERS.get(prefix, prefix), rest
    if slash:
        return prefix or "unknown", model
    return next((name for start, name in _BARE if model.startswith(start)), "unknown"), model


def finish_reason(stop_reason: str) -> str:
    """The convention's word for a Strands stop reason."""
    return _FINISH.get(stop_reason, stop_reason)


def own(attributes: Attributes, span: Span, session: str) -> None:
    """Add what every span of ours says about where it is in the recording and how it ended badly, if it did."""
    attributes["tracer.session.id"] = session
    attributes["tracer.invocation"] = span.inv
    if span.cycle:
        attributes["tracer.cycle"] = span.cycle
    if span.paused:
        attributes["tracer.paused_ms"] = span.paused / 1e6
    if span.edited:
        attributes["tracer.edited"] = True
    if span.status == "ok":
        return
    if incomplete(span):
        attributes["tracer.incomplete"] = True
    if failed(span):
        attributes["error.type"] = error_type(span)


def incomplete(span: Span) -> bool:
    """Whether something else's end closed it: it never said its own."""
    if span.kind in ("model", "tool"):
        return span.status not in ("ok", "error")
    return span.status in ("incomplete", "abandoned")


def failed(span: Span) -> bool:
    """Whether its status is ERROR: it failed or was forced to stop. What was only cut off with it is unset."""
    if span.kind in ("model", "tool"):
        return span.status == "error"
    return span.status in ("error", "forced") or (span.status == "cancelled" and bool(span.reason))


def error_type(span: Span) -> str:
    """`error.type` of a span that failed: the exception's class, else a word of few values."""
    if span.error:
        return span.error
    return {"forced": "force_stop", "cancelled": "cancelled"}.get(span.status, "_OTHER")


def usage(attributes: Attributes, counted: r.Usage | None) -> None:
    """Add the tokens. Cache writes go out under the new name and the one that Jaeger reads."""
    if counted is None:
        return
    attributes["gen_ai.usage.input_tokens"] = counted.input
    attributes["gen_ai.usage.output_tokens"] = counted.output
    if counted.cache_read:
        attributes["gen_ai.usage.cache_read.input_tokens"] = counted.cache_read
    if counted.cache_write:
        attributes["gen_ai.usage.cache_write.input_tokens"] = counted.cache_write
        attributes["gen_ai.usage.cache_creation.input_tokens"] = counted.cache_write
    if counted.reasoning:
        attributes["gen_ai.usage.reasoning.output_tokens"] = counted.reasoning
    if counted.estimated:
        attributes["tracer.usage.estimated"] = True


def chat(span: Span, start: r.ModelStart | None) -> Attributes:
    """A model call's."""
    provider, model = provider_and_model(span.name)
    found: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
        "gen_ai.request.stream": True,
        "tracer.stream.chunks": span.chunks,
    }
    if start is not None and start.params:
        _request(found, start.params)
    if span.stop_reason:
        found["gen_ai.response.finish_reasons"] = [finish_reason(span.stop_reason)]
    if span.ttfc is not None:
        found["gen_ai.response.time_to_first_chunk"] = span.ttfc / 1e9
    if span.cost is not None:
        found["tracer.cost_usd"] = span.cost
    if span.attempt:
        found["tracer.attempt"] = span.attempt
    usage(found, span.usage)
    return found


def _request(found: Attributes, params: dict[str, Any]) -> None:
    for name, key in _NUMBERS.items():
        value = params.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found[key] = value
    stop = params.get("stop")
    words = [stop] if isinstance(stop, str) else stop
    if isinstance(words, list) and words and all(isinstance(word, str) for word in words):
        found["gen_ai.request.stop_sequences"] = words


def tool(span: Span) -> Attributes:
    """A tool call's."""
    found: Attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": span.name,
        "gen_ai.tool.type": "function",
    }
    if span.tool_use_id:
        found["gen_ai.tool.call.id"] = span.tool_use_id
    if span.attempt:
        found["tracer.attempt"] = span.attempt
    return found


def cycle(span: Span) -> Attributes:
    """An event loop cycle's, under the name and the operation that Strands gives it."""
    return {"gen_ai.operation.name": "execute_event_loop_cycle", "event_loop.cycle_id": span.path}


def invocation(span: Span, start: r.InvocationStart | None, ending: str, model: str) -> Attributes:
    """An invocation's; `model` is the id of the last model that it called, `ending` what was recorded of its end."""
    found: Attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": span.name}
    if model:
        found["gen_ai.request.model"] = provider_and_model(model)[1]
    if start is not None:
        if start.conversation_id:
            found["gen_ai.conversation.id"] = start.conversation_id
        found.update({f"tracer.label.{key}": str(value) for key, value in start.labels.items()})
    if span.stop_reason:
        found["gen_ai.response.finish_reasons"] = [finish_reason(span.stop_reason)]
    if span.cost is not None:
        found["tracer.cost_usd"] = span.cost
    usage(found, span.usage)
    found["tracer.cycles"] = sum(child.kind == "cycle" for child in span.children)
    found["tracer.ending"] = ending or span.status
    return found
