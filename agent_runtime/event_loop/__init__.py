"""The event loop: one call of an agent, from claiming it to its result. `event_loop` is the way in."""
