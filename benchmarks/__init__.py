"""Ratios of this project's costs to a stated base, measured side by side. Not tests: `make bench` prints them."""
