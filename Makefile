# Everything here is safe to repeat: setup does nothing when nothing changed.

PYTHON ?= python3
PORT ?= 8000
DATA ?= .flashio
# Not taken from the environment: some shells keep the machine's name there.
HOST = 127.0.0.1
ARGS ?=

VENV_PYTHON = .venv/bin/python
LOCK_OPTIONS = --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --quiet
NODE_FOLDERS = $(patsubst %/package.json,%,$(wildcard client/package.json \
	tests/stock/package.json tests/stock/v4/package.json tests/identity/package.json tests/browser/package.json \
	bench/peers/*/package.json))

.PHONY: help run test check setup setup-run static client-tests build bench fmt lock clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-7s %s\n' "$$name" "$$text"; done

run: setup-run ## start everything on this machine (PORT=8000 HOST=127.0.0.1 DATA=.flashio ARGS=...)
	@exec $(VENV_PYTHON) -m server dev --host "$(HOST)" --port "$(PORT)" --data "$(DATA)" $(ARGS)

test: setup static client-tests ## set up, then run every check and every test
	@$(VENV_PYTHON) -m pytest $(ARGS)

check: setup-run static ## format, lint, types, generated files, fast tests
	@$(VENV_PYTHON) -m pytest -q -m "not slow and not browser and not stock" $(ARGS)

setup: ## install what run and test need (from PyPI and npm, at locked versions)
	@$(PYTHON) -m tools.setup test

setup-run:
	@$(PYTHON) -m tools.setup run

static:
	@$(VENV_PYTHON) -m ruff format --check --quiet .
	@$(VENV_PYTHON) -m ruff check --quiet .
	@$(VENV_PYTHON) -m mypy
ifneq ($(wildcard tools/generate.py tools/generate/__main__.py),)
	@$(VENV_PYTHON) -m tools.generate --check
endif
ifneq ($(wildcard client/package.json),)
	@cd client && npm run --silent check
endif

client-tests:
ifneq ($(wildcard client/package.json),)
	@cd client && npm test --silent --if-present
endif

build: setup-run ## build the page (client/dist) when its sources changed

bench: setup ## measure everything beside other servers, 45 minutes (ARGS="--quick", ARGS="--only joins --runs 1")
	@$(VENV_PYTHON) -m bench $(ARGS)

fmt: setup-run ## format the code and fix what the linter can fix
	@$(VENV_PYTHON) -m ruff format .
	@$(VENV_PYTHON) -m ruff check --fix .

lock: setup-run ## pin dependencies anew after a change of pyproject.toml or package.json
	@.venv/bin/uv pip compile $(LOCK_OPTIONS) --all-extras pyproject.toml -o requirements/lock.txt
	@.venv/bin/uv pip compile $(LOCK_OPTIONS) requirements/uv.in -o requirements/uv.txt
	@for folder in $(NODE_FOLDERS); do (cd "$$folder" && npm install --package-lock-only --silent) || exit 1; done

clean: ## delete all that was installed or built; your data (.flashio) stays
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis client/dist
	@find . -name .flashio -prune -o \( -name node_modules -o -name __pycache__ \) -type d -prune -exec rm -rf {} +
