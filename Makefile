# Two commands matter: `make bergen` and `make test`. `make help` lists the rest.
# PYTHON makes the environment (3.11 or newer); VENV says where it lies.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SHARED ?= ../shared/data
JOBS   ?= 2
STUDY  ?= bergen

.DEFAULT_GOAL := help
.PHONY: help bergen indre-salten test test-postgis lint format types floors notebooks docs-examples bench bench-travel bench-locate lock wheel clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# What a run needs, and what development needs: the same versions, each with its hash. hatchling
# is among them, so that the last step asks the network for nothing.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/lock.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/lock.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run.stamp

.PHONY: environment
environment: $(VENV)/dev.stamp ## the locked environment for development

bergen: STUDY = bergen
bergen: run-study ## the whole way once: install, compute, write out/bergen/rapport.html
indre-salten: STUDY = indre-salten
indre-salten: run-study ## the second embedded study

.PHONY: run-study
run-study: $(VENV)/run.stamp
	$(BIN)/navplan run $(STUDY) --out out/$(STUDY)
	$(BIN)/navplan report $(STUDY) --out out/$(STUDY) --language nb
	@echo "The tables and the report lie in $(CURDIR)/out/$(STUDY)/ (open rapport.html)."

test: $(VENV)/dev.stamp ## all tests but the slow ones; real data and browser where there are any
	$(BIN)/python -m pytest tests -m "not slow and not docs" -n $(JOBS) --dist loadfile \
		--no-loadscope-reorder --durations=15 --shared=$(SHARED)

test-postgis: $(VENV)/dev.stamp ## layers from and to a real PostGIS, installed (as root) and started for it on loopback
	tests/postgis/server.sh $(BIN)/python -m pytest tests/postgis

lint: $(VENV)/dev.stamp ## ruff, its formatter, numpydoc
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m numpydoc lint $$(find navplan -name '*.py')

format: $(VENV)/dev.stamp ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/dev.stamp ## mypy --strict
	$(BIN)/mypy

floors: $(VENV)/dev.stamp ## imports only go downwards
	$(BIN)/lint-imports

notebooks: $(VENV)/dev.stamp ## run every notebook from top to bottom
	$(BIN)/jupyter nbconvert --to notebook --execute --output-dir out/notebooks notebooks/*.ipynb

docs-examples: $(VENV)/dev.stamp ## execute the README's own code blocks
	$(BIN)/python -m pytest -m docs tests/docs

bench: $(VENV)/dev.stamp ## the runs on real data; rewrites benchmarks/real_runs.json
	$(BIN)/python -m benchmarks.run --shared $(SHARED)

# The peers live in an environment of their own; OSRM and Valhalla need Python 3.12 or newer,
# lokigi 3.13. A command that is there but does not run (a shim of pyenv) does not count.
PEERS ?= .venv-peers
PEERS_PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python \
	$(HOME)/.pyenv/versions/3.12*/bin/python),$(if $(shell $(p) -c "print(1)" 2>/dev/null),$(p))))
$(PEERS)/stamp: benchmarks/peers/requirements.txt
	-@test -n "$(PEERS_PYTHON)" && $(PEERS_PYTHON) -m venv $(PEERS)
	-@test -x $(PEERS)/bin/python && grep -v '^#' $< | while read -r peer; do \
		$(PEERS)/bin/python -m pip install --quiet --only-binary :all: --no-binary sweetpareto "$$peer" || echo "$$peer did not install"; done
	@mkdir -p $(PEERS) && touch $@

bench-travel: $(VENV)/dev.stamp $(PEERS)/stamp ## ours and the peers on the same work; rewrites benchmarks/results.{json,md}
	$(BIN)/python -m benchmarks.travel --shared $(SHARED) --peers $(PEERS)/bin/python

bench-locate: $(VENV)/dev.stamp $(PEERS)/stamp ## location solvers, ours and the peers'; its part of benchmarks/results.{json,md}
	$(BIN)/python -m benchmarks.locate --shared $(SHARED) --peers $(PEERS)/bin/python

LOCK = $(BIN)/python -m uv pip compile pyproject.toml --quiet --universal --generate-hashes \
	--python-version 3.11 --no-emit-index-url --no-emit-find-links --no-annotate \
	--custom-compile-command "make lock"
lock: ## renew the locked versions (needs uv in the environment)
	$(LOCK) --all-extras -o requirements/lock.txt
	$(LOCK) requirements/build.in -c requirements/lock.txt -o requirements/run.txt

wheel: $(VENV)/dev.stamp ## build dist/*.whl and look that the embedded studies are in it
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .
	$(BIN)/python -m zipfile -l dist/*.whl | grep navplan/studies/bergen/study.toml

clean: ## remove what was made, but not the environment
	rm -rf out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
