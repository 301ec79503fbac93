"""Widgets: panes and bars. Each draws a model of tracer.tui.model and decides nothing about the session."""
