"""The session file: where it lies, how it is written, read and followed. It knows no view."""
