"""Colours: the tracer's own theme, and the rich styles that panes draw with, derived from whatever theme is on."""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import ColorParseError as RichColorError
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.theme import Theme

DARK = Theme(
    name="tracer",
    primary="#7aa2f7",
    secondary="#bb9af7",
    accent="#7dcfff",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#c8d0e8",
    background="#13151c",
    surface="#191c26",
    panel="#262b3a",
    variables={"footer-key-foreground": "#7dcfff", "block-cursor-background": "#7aa2f7"},
)
LIGHT = Theme(
    name="tracer-light",
    primary="#2e59a8",
    secondary="#7847bd",
    accent="#0f6c8c",
    warning="#9a6700",
    error="#b3213f",
    success="#3f7d20",
    foreground="#2b2f3a",
    background="#fafafa",
    surface="#f1f2f5",
    panel="#dfe2ea",
    dark=False,
)

_COLOURS = {
    "text": "foreground", "strong": "foreground", "think": "foreground 60%", "dim": "foreground 62%",
    "faint": "foreground 42%", "rule": "foreground 18%", "track": "foreground 14%", "heading": "primary",
    "accent": "accent", "ok": "success", "warn": "warning", "stop": "warning", "error": "error", "user": "accent",
    "invocation": "foreground 75%", "cycle": "foreground 45%", "model": "secondary", "tool": "success",
    "json-key": "primary", "json-string": "success", "json-number": "warning", "json-word": "secondary",
    "json-mark": "foreground 50%", "key": "accent", "hint": "accent", "found": "warning",
}  # fmt: skip
_BOLD = frozenset({"strong", "heading", "stop", "error", "key", "user"})
_ITALIC = frozenset({"think", "hint"})
_CHIPS = {
    "live-chip": "success", "stop-chip": "warning", "error-chip": "error", "ok-chip": "success",
    "replay-chip": "accent", "key-chip": "warning",
}  # fmt: skip


def palette(variables: Mapping[str, str]) -> dict[str, Style]:
    """The style of each name that models use, from a theme's variables; ANSI themes give the terminal's own colours."""
    ground = _parse(variables.get("background", ""))
    styles = {}
    for name, wanted in _COLOURS.items():
        variable, _, alpha = wanted.partition(" ")
        colour = _mixed(variables.get(variable, ""), ground, float(alpha[:-1]) / 100 if alpha else 1.0)
        styles[name] = Style(color=colour, bold=name in _BOLD or None, italic=name in _ITALIC or None)
        if alpha and (colour is None or not colour.startswith("#")):
            styles[name] += Style(dim=True)
    for name, variable in _CHIPS.items():
        styles[name] = _chip(variables.get(variable, ""), variables.get("background", ""))
    return styles


def _chip(colour: str, ground: str) -> Style:
    back, front = _mixed(colour, None, 1.0), _mixed(ground, None, 1.0)
    if back is None or front is None or not front.startswith("#"):
        return Style(color=back, bold=True, reverse=True)
    return Style(color=front, bgcolor=back, bold=True)


def _parse(text: str) -> Color | None:
    try:
        colour = Color.parse(text)
    except ColorParseError:
        return None
    return None if colour.ansi is not None else colour


def _mixed(text: str, ground: Color | None, alpha: float) -> str | None:
    """A colour as rich names it, laid over the ground with `alpha`; None: the terminal's default."""
    colour = _parse(text)
    if colour is not None:
        return (ground.blend(colour, alpha) if ground is not None and alpha < 1 else colour).hex6
    name = text.removeprefix("ansi_")
    try:
        known = Style(color=name).color if name and name != "default" else None
    except RichColorError:
        return None
    return known.name if known else None
