"""When a failed model call is made again. Only one that failed before its first content; a broken stream is not."""

from __future__ import annotations

from typing import Any

from agent_runtime.errors import ModelThrottledException


class ModelRetryStrategy:
    """Throttling, status 429 and 5xx are retried with doubling delays; `max_attempts` counts the first one too.

    `initial_delay` and `max_delay` are in seconds. Override `is_retryable` to choose other errors.
    """

    def __init__(self, *, max_attempts: int = 3, initial_delay: float = 0.5, max_delay: float = 4) -> None:
        if max_attempts < 1 or initial_delay < 0 or max_delay < 0:
            raise ValueError("max_attempts must be at least 1, and the delays not below 0")
        self.max_attempts = max_attempts
        self.initial_delay = initial_delay
        self.max_delay = max_delay

    def is_retryable(self, exception: BaseException) -> bool:
        if isinstance(exception, ModelThrottledException):
            return True
        status = getattr(exception, "status_code", None)
        try:
            code = int(status) if status is not None else 0
        except (TypeError, ValueError):
            return False
        return code == 429 or 500 <= code <= 599

    def delay(self, attempt: int, exception: BaseException) -> float | None:
        """Seconds to wait after attempt number `attempt` (from 0) failed; None to give up."""
        if attempt + 1 >= self.max_attempts or not self.is_retryable(exception):
            return None
        seconds: float = min(self.initial_delay * 2**attempt, self.max_delay)
        return seconds


def default_strategy(model: Any) -> ModelRetryStrategy:
    """`num_retries` or `max_retries` in the model's `client_args` set how often; 0: the first error ends it."""
    arguments = getattr(model, "client_args", None) or {}
    for key in ("num_retries", "max_retries"):
        if arguments.get(key) is not None:
            return ModelRetryStrategy(max_attempts=int(arguments[key]) + 1)
    return ModelRetryStrategy()
