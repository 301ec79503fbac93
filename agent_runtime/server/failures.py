"""What a server's log says of a request that failed: one line, and the traceback for who logs at DEBUG."""

from __future__ import annotations

import logging
import os
import traceback

from agent_runtime.models.describe import describe_error

_log = logging.getLogger("agent_runtime.server")


def log_failure(what: str, error: BaseException) -> None:
    """Log it. A request that fails may come a thousand times: forty lines each would hide all else."""
    _log.warning("%s: %s%s", what, describe_error(error), _where(error))
    _log.debug("%s", "".join(traceback.format_exception(error)).rstrip())


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
