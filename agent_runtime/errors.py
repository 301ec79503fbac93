"""The exceptions of the runtime, by Strands' names. What a provider's library raises is not wrapped in these."""

from __future__ import annotations

from typing import Any


class EventLoopException(Exception):
    """The tool phase failed: `original_exception` says why; `request_state` is what the tools left behind."""

    def __init__(self, original_exception: BaseException, request_state: Any = None) -> None:
        self.original_exception = original_exception
        self.request_state = request_state if request_state is not None else {}
        super().__init__(str(original_exception) or type(original_exception).__name__)


class MaxTokensReachedException(Exception):
    """The model stopped at its output limit, so its answer is cut; raise `max_tokens` or ask for less."""


class ContextWindowOverflowException(Exception):
    """The conversation does not fit the model's context window, and nothing more can be left out."""


class ModelThrottledException(Exception):
    """The provider refuses for now; the retry strategy waits and tries again."""


class ConcurrencyException(Exception):
    """The agent is in the middle of another call."""


class StructuredOutputException(Exception):
    """The model did not give the structured output, even when it was made to."""


class MalformedChunk(ValueError):
    """The model streamed something that is no chunk of the model port; a fault of the model's adapter."""


class ModelNotConfigured(ValueError):
    """No model was given, or the one named cannot be loaded."""
