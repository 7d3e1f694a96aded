# Everything lives in .venv: `make verify` builds it with the core dependencies only,
# `make test` adds what the tests need.
PYTHON ?= python3
BIN = $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
LEVEL ?= quick
JOBS ?= 2
VERIFY_FLAGS ?=
MINUTES ?= 15
GPU_FLAGS ?=

.PHONY: verify test oldest smoke gpu lint bench mutations mutations-sample docs claims-table package wheel clean

verify: .venv/core
	$(BIN)/kdverify verify --level $(LEVEL) -j $(JOBS) $(VERIFY_FLAGS)

test: .venv/test
	$(BIN)/pytest -n $(JOBS)
	$(MAKE) --no-print-directory smoke

# The neural experiment in small, from nothing: it must learn, resume exactly and draw its figure.
smoke: .venv/test
	rm -rf build/smoke
	$(BIN)/python -m experiments.cifar10 --preset smoke --out build/smoke
	$(BIN)/python -m experiments.gpu --smoke --minutes 3 --parallel 2 --out build/smoke/gpu

# Where CUDA is there: its tests, throughput, and as many runs of figure 2a as fit; JSON only.
gpu: .venv/test
	$(BIN)/python -m experiments.gpu --minutes $(MINUTES) --out results/gpu $(GPU_FLAGS)

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/test
	$(BIN)/python -m bench

mutations: .venv/test
	$(BIN)/python -m tests.mutations -j $(JOBS)
	$(BIN)/python -m tests.mutants --by-hand -j $(JOBS)
	$(BIN)/python -m tests.mutants --tests -j $(JOBS)

# Every third of the changes made by hand, asked of the claims of what is run, and of layers: they
# have to notice nine in ten of these.
mutations-sample: .venv/test
	$(BIN)/python -m tests.mutants --by-hand --every 3 --claims as- 9.distinct 12.deep 12.given --at-least 0.9 -j $(JOBS)

# The site in build/site; warnings are errors.
docs: .venv/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The tables of claims and verdicts in docs/claims.md and README.md, from a run.
claims-table: .venv/core
	mkdir -p build
	$(BIN)/kdverify verify --level $(LEVEL) -j $(JOBS) --json build/verdicts.json
	$(BIN)/python docs/tools/claims_table.py build/verdicts.json

# Both distributions, with metadata that a package index takes.
package: .venv/test
	rm -rf dist
	$(BIN)/python -m build --quiet --outdir dist
	$(BIN)/python -m twine check --strict dist/*

# The wheel in an empty environment elsewhere: the shipped claims must run from it.
wheel: .venv/test
	rm -rf build/wheel && mkdir -p build/wheel
	$(BIN)/python -m build --quiet --wheel --outdir dist
	$(PYTHON) -m venv build/wheel/venv
	build/wheel/venv/bin/python -m pip install --quiet dist/kdverify-*.whl
	cd build/wheel && venv/bin/kdverify verify -k 1. -j $(JOBS)

# All claims, and the tests of what is made with other libraries, in an environment of its own with
# the oldest versions that pyproject.toml names.
OLDEST = build/oldest/bin
OLDEST_TESTS = $(addprefix tests/test_,cli_look.py frames.py tables*.py report*.py problem.py \
	estimators*.py plugin.py hostile_files.py)
oldest:
	rm -rf build/oldest
	$(PYTHON) -m venv build/oldest
	$(PYTHON) -m tests.oldest tables test > build/oldest/constraints.txt
	$(OLDEST)/python -m pip install --quiet -c build/oldest/constraints.txt -e ".[tables]" \
		polars pytest pytest-xdist hypothesis
	$(OLDEST)/kdverify verify --level $(LEVEL) -j $(JOBS) $(VERIFY_FLAGS)
	$(OLDEST)/pytest -n $(JOBS) $(OLDEST_TESTS)

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/core: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e .
	touch $@

.venv/test: .venv/core
	$(BIN)/python -m pip install --quiet -e '.[test,torch,lite0]'
	touch $@

.venv/docs: .venv/core
	$(BIN)/python -m pip install --quiet -e '.[docs]'
	touch $@
