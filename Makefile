# make verify | test | claims | docs | lint: each sets up .venv by itself. make proofs: Coq checks the formal proofs.
# Another interpreter: make PYTHON=python3.12 test. Options go through: make verify ARGS="--quick --seed 7".

PYTHON ?= python3
WORKERS ?= 2
ARGS ?=
BIN := .venv/bin

# The root is the package itself, so the current folder must never be on the import path.
export PYTHONSAFEPATH := 1
unexport PYTHONPATH

.PHONY: help verify test claims docs lint proofs proofs-coqchk mutations checker setup clean

help:
	@sed -n '1,2s/^# //p' Makefile

setup: .venv/.ready

# torch goes first and alone: it is by far the largest, and the shipped numbers were measured with this version. Users
# have any from 2.2 on.
.venv/.ready: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable '.[all]'
	mkdir -p .venv/src
	ln -sfn "$(CURDIR)" .venv/src/spanmatch
	touch $@

verify: .venv/.ready
	$(BIN)/spanmatch verify $(ARGS)

# One thread for each worker: the matrices are small, and the workers already fill the cores.
test: export OMP_NUM_THREADS := 1
test: export OPENBLAS_NUM_THREADS := 1
test: export MKL_NUM_THREADS := 1
test: .venv/.ready
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

claims: .venv/.ready
	$(BIN)/python benchmarks/claims.py $(ARGS)

# The site, in build/site: tutorials are run, and a warning or a link that leads nowhere ends it.
docs: .venv/.docs
	$(BIN)/python -m sphinx -c docs -d build/doctrees --fail-on-warning --keep-going --quiet $(ARGS) . build/site
	@echo "open build/site/index.html"

.venv/.docs: .venv/.ready
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	touch $@

lint: .venv/.ready
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-cache --no-logo

# Needs the Debian packages coq and libcoq-mathcomp-algebra; says so where they are absent.
proofs:
	proofs_check/formal/build.sh

proofs-coqchk:
	proofs_check/formal/build.sh --coqchk

# The proved checker of certificates, for `spanmatch check --verified`; needs the Debian package libzarith-ocaml-dev too.
checker: .venv/.ready
	proofs_check/formal/verified/build.sh $(BIN)

# Falsifies definitions and statements one at a time; Coq must reject every one (minutes).
mutations:
	$(PYTHON) proofs_check/formal/mutations.py

clean:
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis spanmatch-report
