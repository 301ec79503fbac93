"""The debugger on a recording: the same protocol, read-only, forwards and backwards in recorded time."""
