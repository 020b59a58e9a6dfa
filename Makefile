# Every task of the project; CI runs `check` and `test` and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check schema bench clean

run: $(VENV)/run
	@$(BIN)/pigeonhole up

test: $(VENV)/dev
	@$(BIN)/pytest -n auto tests

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pigeonhole schema --check

schema: $(VENV)/dev
	$(BIN)/pigeonhole schema > schema.graphql

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

# lock.txt is a constraints file: it fixes versions without asking for any package, so that a
# CPU-only build of torch is never overruled. See docs/adr/0002-one-lock-as-constraints.md.
$(VENV)/run: pyproject.toml lock.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c lock.txt -e .
	@touch $@

$(VENV)/dev: pyproject.toml lock.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c lock.txt -e '.[dev]'
	@touch $@ $(VENV)/run
