# `make` alone prints this list. Everything runs from .venv, made from the locked requirements.
PYTHON ?= python3.11
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help install serve test test-all faults check check-js bench format lock migrate node

help: ## print the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# A stamp per lock file: an unchanged environment is not installed again.
.venv/runtime: requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements-dev.txt .venv/runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

install: .venv/dev ## create .venv with everything for work on the project

migrate: .venv/runtime
	$(BIN)/python manage.py migrate --verbosity 0

serve: migrate ## start everything on port 8000 with a demo, and print the links to open
	@$(BIN)/python manage.py demo
	@$(BIN)/python manage.py serve

# A process a core, each with a database of its own; whoever is done takes over from the others.
# Compiled modules are kept whatever the shell says: tests start dozens of processes.
PYTEST := PYTHONDONTWRITEBYTECODE= OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal --durations 10

test: .venv/dev ## run the tests but long and Monte Carlo ones (DATABASE_URL, REDIS_URL: what they run on)
	$(PYTEST) -m "not monte_carlo and not long" $(ARGS)

test-all: .venv/dev ## run all tests, the long and the Monte Carlo ones too
	$(PYTEST) $(ARGS)

faults: .venv/dev ## kill, stop and cut off real servers on both databases; FAULTS=--long, --help and others
	$(BIN)/python -m tests.faults.laboratory $(FAULTS)

# Node only checks and formats: what is served needs none of it.
node:
	@{ command -v npm && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'; } >/dev/null 2>&1 || \
		{ echo "The front end is checked with Node 20.19 or newer and its npm: install them (https://nodejs.org), then run this again."; exit 1; }

node_modules/stamp: package-lock.json package.json | node
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

check-js: node_modules/stamp ## the front end alone: types, linter, formatter, unit tests
	npm run --silent check

check: node .venv/dev check-js ## formatters, linters, types, contracts, migrations, deploy checks, the front end
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') PUBLIC_URL=https://arena.example ALLOWED_HOSTS=arena.example \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

bench: .venv/dev ## benchmarks, as ratios measured in one run
	$(BIN)/python bench/chat.py
	$(BIN)/python bench/timers.py
	$(BIN)/python bench/pages.py
	$(BIN)/python bench/export.py
	$(BIN)/python bench/replies.py
	$(BIN)/python bench/analysis.py

format: .venv/dev node_modules/stamp ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	npm run --silent format

lock: ## resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.txt
	uv pip compile pyproject.toml --extra dev -c requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements-dev.txt
