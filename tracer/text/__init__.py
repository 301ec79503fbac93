"""Text for people: safe strings, units and plain lifecycle lines. It draws no screen and prints nothing."""
