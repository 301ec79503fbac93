"""The demo: an agent on a scripted model that tidies a sandbox of its own and is misled by a note in it."""
