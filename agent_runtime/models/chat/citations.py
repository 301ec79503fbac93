"""Anthropic's citations in Strands' form: a title, the words that were cited, and where they are."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

_LOCATIONS = {
    "search_result_location": ("searchResultLocation", "searchResultIndex", "search_result_index", "block_index"),
    "char_location": ("documentChar", "documentIndex", "document_index", "char_index"),
    "page_location": ("documentPage", "documentIndex", "document_index", "page_number"),
    "content_block_location": ("documentChunk", "documentIndex", "document_index", "block_index"),
}


def citation_of(told: dict[str, Any]) -> dict[str, Any]:
    """{"title", "sourceContent": [{"text"}], "location"}, each where it is known."""
    citation: dict[str, Any] = {}
    if title := told.get("title") or told.get("document_title"):
        citation["title"] = title
    if text := told.get("cited_text"):
        citation["sourceContent"] = [{"text": text}]
    if location := _location(told):
        citation["location"] = location
    return citation


def _location(told: dict[str, Any]) -> dict[str, Any] | None:
    if told.get("type") == "web_search_result_location":
        url = str(told.get("url") or "")
        domain = _domain(url)
        return {"web": {"url": url} | ({"domain": domain} if domain else {})}
    if told.get("type") not in _LOCATIONS:
        return None
    kind, index, index_key, unit = _LOCATIONS[told["type"]]
    bounds = {end: told.get(f"{end}_{unit}", 0) for end in ("start", "end")}
    return {kind: {index: told.get(index_key, 0), **bounds}}


def _domain(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
