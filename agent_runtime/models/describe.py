"""Say in one readable line what went wrong at a model."""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_ADVERTISING = re.compile(r"\s*(Give Feedback / Get Help|LiteLLM\.Info|Learn more:|Provider List:).*", re.DOTALL)
_REPEATED = re.compile(r"^(?:litellm\.)?(\w+): (?:litellm\.)?\1: ")
_ORIGINAL = re.compile(r"\s*Original exception: .*", re.DOTALL)
_NO_PROVIDER = re.compile(r"LLM Provider NOT provided.*?model=([^\s,]+).*", re.DOTALL)
MAX_LENGTH = 500
_MAX_CAUSES = 10


def describe_error(error: BaseException) -> str:
    """`Class: message` in one line without colours, repetition and advertising, at most 500 characters."""
    kind = type(error).__name__
    if address := _unreached(error):
        return f"{kind}: cannot connect to {address}"
    text = _ANSI.sub("", str(error))
    text = _ORIGINAL.sub("", _ADVERTISING.sub("", text)).strip()
    text = _NO_PROVIDER.sub(r"\1 names no provider; write provider/model, as in openai/gpt-4o", text)
    text = _REPEATED.sub(r"\1: ", text.removeprefix("litellm."))
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = line if line.startswith(kind) else f"{kind}: {line}" if line else kind
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 1] + "…"


def _unreached(error: BaseException) -> str:
    """The address that an httpx.ConnectError among the causes speaks of: the messages on top of it leave it out."""
    link: BaseException | None = error
    for _ in range(_MAX_CAUSES):
        if link is None:
            break
        if type(link).__name__ == "ConnectError":
            url = getattr(getattr(link, "_request", None), "url", None)
            return f"{url.scheme}://{url.netloc.decode()}" if url is not None else ""
        link = link.__cause__ or link.__context__
    return ""
