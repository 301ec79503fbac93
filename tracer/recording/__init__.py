"""The inside of the recorder: from an agent's events and hooks to records. It runs in the agent's process."""
