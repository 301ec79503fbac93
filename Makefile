# The entry points. Each sets up .venv on first use, from nothing but Python, pip and venv; a second call starts at once.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := .venv/.runtime
DEV := .venv/.dev
LOCK_FLAGS := --quiet --universal --python-version 3.11 --group build --generate-hashes --no-emit-index-url --no-header --no-annotate
MAKEFLAGS += --no-print-directory
# Empty means no. Where an environment forbids it, each of the many processes of a test run would compile Textual anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test test-slow parity lint bench screenshots docs lock clean

help:
	@echo "make demo | test | test-slow | parity | lint | bench | screenshots | docs | lock | clean     (PYTHON=python3.12 picks another Python)"

demo: $(RUNTIME)
	@$(BIN)/tracer demo

test: $(DEV)
	@$(BIN)/python -m pytest -q -n 2 -m "not slow"

test-slow: $(DEV)
	@$(BIN)/python -m pytest -q -m "slow or hypothesis" --hypothesis-profile=full

parity: $(DEV)
	@$(BIN)/python -m pytest -q tests/parity

lint: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(DEV)
	@$(BIN)/python -m benchmarks

screenshots: $(DEV)
	@$(BIN)/python docs/screenshots.py

docs: $(DEV)
	@$(BIN)/python docs/make_format.py

# Both locks: versions and hashes, no address. The development lock is solved first; the runtime lock takes its versions.
# UPGRADE=--upgrade takes what is new.
lock:
	@$(PYTHON) -m venv .venv/lock && .venv/lock/bin/python -m pip --quiet install uv
	@.venv/lock/bin/uv pip compile $(LOCK_FLAGS) $(UPGRADE) pyproject.toml --all-extras -o requirements-dev.lock
	@.venv/lock/bin/uv pip compile $(LOCK_FLAGS) $(UPGRADE) pyproject.toml -c requirements-dev.lock -o requirements.lock

# Without --no-compile the set-up takes half as long again: most of litellm is never imported.
define install
@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { echo "make: Python 3.11 to 3.13 is \
needed, $(PYTHON) is $$($(PYTHON) --version 2>&1 | grep ^Python || echo absent); name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
@echo "Setting up .venv from $(1), once; this takes about a minute" >&2
@$(PYTHON) -m venv .venv
@$(PIP) install --no-compile --require-hashes -r $(1)
@$(PIP) install --no-build-isolation --no-deps -e .
endef

$(RUNTIME): pyproject.toml requirements.lock
	$(call install,requirements.lock)
	@touch $@

$(DEV): pyproject.toml requirements-dev.lock
	$(call install,requirements-dev.lock)
	@touch $(RUNTIME) $@

clean:
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist snapshot_report.html
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
