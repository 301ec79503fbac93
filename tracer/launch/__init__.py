"""Runs an agent in a process of its own while this one draws. `child` is that process's side, `parent` is ours."""
