"""Any provider through litellm, which is imported, in a thread, when the first answer is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from agent_runtime.errors import ContextWindowOverflowException
from agent_runtime.models.chat.request import messages_of, tool_choice_of, tools_of
from agent_runtime.models.chat.response import Answer
from agent_runtime.models.chat.whole import Whole
from agent_runtime.models.port import Messages, StreamChunk

TIMEOUT = 600.0
_CLAUDE = re.compile(r"anthropic/|claude|(vertex_ai|azure_ai|bedrock)/.*claude")
_SETTINGS = {"model_id", "params", "stream", "context_window_limit"}
_PROXY = "litellm_proxy/"
_KEYLESS = "no-key-needed"
_NO_KEY = ("Missing credentials", "api_key client option must be set")


class LiteLLMModel:
    """A model behind litellm: `LiteLLMModel(model_id="openai/gpt-4o", params={"temperature": 0})`.

    `client_args` goes to litellm: `api_key`, `api_base`, and `timeout` in seconds of silence (600). `num_retries` or
    `max_retries` does not: the agent's retry strategy takes it, so that each attempt is an event. `use_litellm_proxy`
    sends to a proxy of litellm's, `stream=False` asks for the answer at once; `context_window_limit` is kept.
    """

    def __init__(
        self,
        client_args: dict[str, Any] | None = None,
        *,
        model_id: str,
        params: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        self.client_args = dict(client_args or {})
        self.config: dict[str, Any] = {}
        self.update_config(model_id=model_id, params=params, **more)

    def __repr__(self) -> str:
        return f"LiteLLMModel(model_id={self.config['model_id']!r})"

    def get_config(self) -> dict[str, Any]:
        return self.config

    def update_config(self, **model_config: Any) -> None:
        """Change settings for the calls that follow.

        Raises:
            TypeError: one of them is none.
        """
        if unknown := model_config.keys() - _SETTINGS:
            raise TypeError(f"LiteLLMModel has no setting {min(unknown)!r}; what the provider is to get goes in params")
        self.config.update(model_config)
        if self.client_args.get("use_litellm_proxy"):
            self.config["model_id"] = _PROXY + self.config["model_id"].removeprefix(_PROXY)

    async def stream(
        self,
        messages: Messages,
        tool_specs: list[dict[str, Any]] | None = None,
        system_prompt: Any = None,
        *,
        system_prompt_content: list[dict[str, Any]] | None = None,
        tool_choice: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[StreamChunk, None]:
        """Yield the answer's chunks; `params` overrides the model's own for this call.

        Raises:
            ContextWindowOverflowException: the conversation is too long for the model.
            litellm.exceptions.*: whatever else the provider refused or broke off with.
        """
        litellm = await asyncio.to_thread(_load)
        answer = Answer(litellm, self.config["model_id"])
        blocks = None if system_prompt_content == [{"text": system_prompt}] else system_prompt_content
        request = self._request(messages, tool_specs, blocks or system_prompt, tool_choice, params)
        try:
            response = await litellm.acompletion(**request)
            if not request["stream"]:
                response = Whole(response)
            async with contextlib.aclosing(response):
                yield {"messageStart": {"role": "assistant"}}
                async for chunk in response:
                    for ready in answer.feed(chunk, response):
                        yield ready
        except Exception as error:
            for left in answer.blocks.drain():
                yield left
            plain = _plain(litellm, error, self.config["model_id"])
            raise plain from plain.__cause__
        for ready in answer.finish(response):
            yield ready

    def _request(
        self,
        messages: Messages,
        tool_specs: list[dict[str, Any]] | None,
        system_prompt: Any,
        tool_choice: Mapping[str, Any] | None,
        params: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        model_id = self.config["model_id"]
        request = {"timeout": TIMEOUT, "stream_options": {"include_usage": True}, **self.client_args}
        request |= {"stream": True, **(self.config.get("params") or {}), **(params or {})}
        if self.config.get("stream") is not None:
            request["stream"] = self.config["stream"]
        if not request["stream"]:
            del request["stream_options"]
        if _needs_no_key(model_id, request):
            request["api_key"] = _KEYLESS
        claude = _CLAUDE.match(model_id) is not None
        request |= {"model": model_id, "messages": messages_of(messages, system_prompt, claude=claude)}
        if tools := tools_of(tool_specs):
            request["tools"] = tools
            if choice := tool_choice_of(tool_choice):
                request["tool_choice"] = choice
        return request | {"num_retries": 0, "max_retries": 0}


def _plain(litellm: Any, error: Exception, model_id: str) -> Exception:
    """The provider's own exception, as litellm classes it, or Strands' for a conversation that is too long."""
    if isinstance(error, litellm.InternalServerError) and any(said in str(error) for said in _NO_KEY):
        # litellm calls it a failure of the server (500), which would be tried again.
        return _no_key(litellm, model_id)
    while isinstance(error, litellm.exceptions.MidStreamFallbackError) and error.original_exception is not None:
        error = error.original_exception
    if isinstance(error, litellm.ContextWindowExceededError):
        overflow = ContextWindowOverflowException(str(error))
        overflow.__cause__ = error
        return overflow
    return error


def _no_key(litellm: Any, model_id: str) -> Exception:
    provider = model_id.partition("/")[0] if "/" in model_id else "openai"
    said = f"there is no API key for {model_id}: set {provider.upper()}_API_KEY or give api_key"
    missing: Exception = litellm.AuthenticationError(message=said, llm_provider=provider, model=model_id)
    return missing


def _needs_no_key(model_id: str, request: Mapping[str, Any]) -> bool:
    """A local OpenAI-style server takes no key, but the client refuses to start without one. With a key in the
    environment, or without an api_base, nothing is made up: the provider has to refuse."""
    local = model_id.startswith("openai/") and (request.get("api_base") or request.get("base_url"))
    return bool(local) and not request.get("api_key") and not os.environ.get("OPENAI_API_KEY")


def _load() -> Any:
    # Without this litellm asks the network for its price list while it is imported.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    if not litellm.suppress_debug_info:
        litellm.suppress_debug_info = True
        _quiet()
    return litellm


def _quiet() -> None:
    """Its loggers write to stderr by handlers of their own, into the middle of a screen."""
    if "LITELLM_LOG" in os.environ:
        return
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
