# Everything lives in .venv: `make verify` builds it with the core dependencies only,
# `make test` adds what the tests need.
PYTHON ?= python3
BIN := .venv/bin
LEVEL ?= quick
JOBS ?= 2

.PHONY: verify test lint bench clean

verify: .venv/core
	$(BIN)/kdverify verify --level $(LEVEL) -j $(JOBS)

test: .venv/test
	$(BIN)/pytest -n $(JOBS)

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/test
	$(BIN)/python -m bench

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/core: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e .
	touch $@

.venv/test: .venv/core
	$(BIN)/python -m pip install --quiet -e '.[test]'
	touch $@
