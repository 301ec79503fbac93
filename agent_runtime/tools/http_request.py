"""The `http_request` tool: one HTTP request with httpx, its answer cut to what a model can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from agent_runtime.tools.decorator import tool

if TYPE_CHECKING:
    import httpx

MAX_BODY_BYTES = 20_000
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


@tool
async def http_request(
    method: Method,
    url: str,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    timeout: float = 30.0,
) -> dict[str, Any]:
    """Send an HTTP request and give the status, the headers and the text of the answer.

    Redirects are followed. The text is cut after 20,000 bytes, and `truncated` says so. An answer of any status is
    a result; a request that gets no answer is an error.

    Args:
        method: The HTTP method
        url: The address, with http:// or https://
        headers: Request headers
        body: The request's body as text
        timeout: Seconds to wait for the server
    """
    import httpx

    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is not an address that begins with http:// or https://")
    try:
        async with (
            httpx.AsyncClient(follow_redirects=True, timeout=timeout) as client,
            client.stream(method, url, headers=headers, content=body) as response,
        ):
            return await _answer(response)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = str(error) or type(error).__name__
        raise ValueError(f"{method} {url} got no answer: {said}") from error


async def _answer(response: httpx.Response) -> dict[str, Any]:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            break
    text = bytes(body[:MAX_BODY_BYTES]).decode(response.charset_encoding or "utf-8", errors="replace")
    return {
        "status_code": response.status_code,
        "url": str(response.url),
        "headers": dict(response.headers),
        "body": text,
        "truncated": len(body) > MAX_BODY_BYTES,
    }
