# Everything runs in .venv, made here from the hashed lock files; nothing is installed elsewhere.

PYTHON ?= python3
BIN := .venv/bin
UV := .venv/uv/bin/uv

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint bench lock up down clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: .venv/run.stamp  ## train two models on this Python's documentation, generate, evaluate, report
	@$(BIN)/textgen demo

test: .venv/dev.stamp  ## the tests that need nothing but this machine
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

# A process a file: no process has room for all the programs that TensorFlow compiles in them, and none is ever given up.
test-all: test  ## also the slow ones: browser, kills, large files
	@failed=; for file in $$(grep -rl --include='test_*.py' mark.slow tests | sort); do \
		$(BIN)/python -m pytest -m slow $$file || failed="$$failed $$file"; done; \
		test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

lint: .venv/dev.stamp  ## ruff, strict types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: .venv/dev.stamp  ## run every benchmark with its defaults, keep what they find in benchmarks/results
	@$(BIN)/python -m benchmarks

up: .venv/run.stamp  ## start server, worker and deployments on loopback
	@$(BIN)/textgen up

down:  ## stop them
	@if [ -x $(BIN)/textgen ]; then $(BIN)/textgen down; fi

clean:  ## remove what was installed and cached here; what runs made stays
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: $(UV)  ## resolve the dependencies anew
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q --no-header -o requirements/run.txt
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q --no-header -o requirements/dev.txt

# uv comes from the package registry like everything else. Debian's python3 has no ensurepip: deployments/bootstrap.py copes.
$(UV):
	@$(PYTHON) deployments/bootstrap.py .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | $(UV)
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@
