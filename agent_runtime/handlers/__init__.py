"""Callback handlers; `callback_handler` has them all."""
