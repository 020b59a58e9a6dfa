# Every task of the project; CI runs `check` and `test` and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

PAGE := frontend-stub
CLIENTS := tests/clients
# Where there is no Node.js, or one that is too old, it is taken from PyPI into the environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)
NODE_IS_NEW := node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null

.PHONY: run page test check secrets audit schema client notices bench faults screenshots clean

run: $(VENV)/run $(PAGE)/dist/index.html
	@$(BIN)/pigeonhole up

page: $(PAGE)/dist/index.html

test: $(VENV)/dev $(PAGE)/dist/index.html $(CLIENTS)/node_modules/.package-lock.json
	cd $(PAGE) && npm test
	$(BIN)/pytest -n auto tests
	@if command -v chromium >/dev/null; then cd $(PAGE) && npm run test:page; \
		else echo 'The page is not tested in a browser: there is no chromium.'; fi

check: $(VENV)/dev $(PAGE)/node_modules/.package-lock.json secrets audit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy client/generate.py
	$(BIN)/mypy --python-version 3.10 -p pigeonhole_client # the oldest that the client supports
	$(BIN)/lint-imports
	$(BIN)/pigeonhole schema --check
	$(BIN)/python .ci/notices --check
	cd $(PAGE) && npm run check
	$(PAGE)/node_modules/.bin/prettier --config $(PAGE)/.prettierrc.json \
		--ignore-path $(CLIENTS)/.gitignore --check --log-level warn $(CLIENTS)

# Keys that a commit would give away, in every file that git knows or would add. Where one is meant,
# `kingfisher:ignore` beside it says so.
secrets: $(VENV)/dev
	git grep --untracked -lz -e '' | xargs -0 $(BIN)/kingfisher scan --quiet --no-validate \
		--no-update-check --redact --git-history none --rules-path .ci/secrets.yml

audit: $(VENV)/dev $(PAGE)/node_modules/.package-lock.json
	$(BIN)/deptry .
	cd client && ../$(BIN)/deptry .
	.ci/audit

schema: $(VENV)/dev
	$(BIN)/pigeonhole schema > schema.graphql

# After a change of the schema or of client/operations: the generated code of the client.
client: $(VENV)/dev
	$(BIN)/python client/generate.py

notices: $(VENV)/dev $(PAGE)/node_modules/.package-lock.json
	$(BIN)/python .ci/notices

bench: $(VENV)/dev
	$(BIN)/python -m benchmarks

# Kills, full disks, outages and jumped clocks under writing clients, for some minutes; not in CI,
# where a short run of it is a test. `make faults FAULTS='--faults 200 --seed 7'` passes options on.
faults: $(VENV)/dev $(PAGE)/dist/index.html
	$(BIN)/python -m tests.faults $(FAULTS)

screenshots: $(VENV)/dev $(PAGE)/dist/index.html
	cd $(PAGE) && npm run screenshots

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache $(PAGE)/dist $(PAGE)/node_modules $(CLIENTS)/node_modules client/.venv

$(PAGE)/node_modules/.package-lock.json $(CLIENTS)/node_modules/.package-lock.json: \
		%/node_modules/.package-lock.json: %/package.json %/package-lock.json | $(VENV)/run
	$(NODE_IS_NEW) || $(PIP) -e '.[page]'
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE)/dist/index.html: $(PAGE)/node_modules/.package-lock.json schema.graphql \
		$(shell find $(PAGE)/src $(PAGE)/public $(PAGE)/*.html $(PAGE)/*.ts -type f)
	cd $(PAGE) && npm run build -- --logLevel warn

# lock.txt is a constraints file: it fixes versions without asking for any package, so that a
# CPU-only build of torch is never overruled. What is not of a build of torch is installed by
# hashes.txt first. See docs/adr/0002-one-lock-as-constraints.md.
LOCKS := pyproject.toml client/pyproject.toml lock.txt hashes.txt
HASHED := $(PIP) --no-deps --require-hashes -r hashes.txt

$(VENV)/run: $(LOCKS)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(HASHED)
	$(PIP) -c lock.txt -e client -e .
	@touch $@

$(VENV)/dev: $(LOCKS)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(HASHED)
	$(PIP) -c lock.txt -e client -e '.[dev]'
	@touch $@ $(VENV)/run
