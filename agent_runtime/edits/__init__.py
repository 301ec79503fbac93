"""Who changed what in an agent, and the EditedEvent that tells it. Nothing here changes a value."""
