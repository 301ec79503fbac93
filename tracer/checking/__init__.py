"""A session held against the format, mended where its tail is torn, searched for secrets. It interprets nothing."""
