# Each line is one habit; CI runs only these.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo run test check bench soak clean lock

demo: $(VENV)/.runtime            ## play the plan's 2026 calendar on a virtual clock
	$(BIN)/python -m flows.demo var/demo

run: $(VENV)/.runtime             ## the real thing with embedded defaults, mail on hold
	$(BIN)/dondoc run

test: $(VENV)/.dev                ## all tests but the long ones
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q

check: $(VENV)/.dev               ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev               ## measured ratios
	$(BIN)/python -m benchmarks

soak: $(VENV)/.dev                ## the long runs: kills, histories, mutations
	$(BIN)/python -m pytest -q -m soak --timeout 7200

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cần Python 3.11 trở lên")'
	$(PYTHON) -m venv $(VENV)

# Every dependency is in the lock with its hash, so pip resolves nothing itself.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

lock:                             ## renew the locks (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  -o requirements.lock pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra dev --group redis -c requirements.lock -o requirements-dev.lock pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-deps --group redis -c requirements.lock -o requirements-redis.lock

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache
