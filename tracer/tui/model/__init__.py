"""What the screen shows, as plain data: tested without Textual, drawn by tracer.tui.widgets."""
