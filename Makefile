# bot_exporter: `make help` lists the targets. Everything lands in ./.venv, ./.tools and ./data.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install
ARGS ?=

export PATH := $(CURDIR)/.tools/usr/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test alerting-e2e check torture fuzz mutants generate format bench lock clean

help: ## List the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 14

run: .venv/.stamp-run ## Start the exporter on loopback, data in ./data (ARGS="--flag ...")
	@exec $(BIN)/bot-exporter serve --storage.path=data $(ARGS)

test: .venv/.stamp-dev ## Run all tests (ARGS="-k name")
	@tests/tools/install-prometheus.sh
	@tests/tools/fetch-pairs.sh >/dev/null
	@tests/tools/fetch-blackbox.sh >/dev/null
	$(BIN)/pytest -n 2 $(ARGS)

alerting-e2e: .venv/.stamp-dev ## Run the whole path of alerts, from events to fake receivers, with both pairs of programs
	@tests/tools/install-prometheus.sh
	@tests/tools/fetch-pairs.sh >/dev/null
	$(BIN)/pytest -n 4 --dist loadscope -m alerting_e2e tests/alerting/e2e $(ARGS)

torture: .venv/.stamp-dev ## Break the exporter in every way we know, for hours, as root (ARGS="--scenario NAME --seed N")
	@tests/tools/install-prometheus.sh
	$(BIN)/python -m tests.torture $(ARGS)

fuzz: .venv/.stamp-fuzz ## Send bad input of every kind, half a million and more (ARGS="--only NAME --seed N")
	@tests/tools/install-prometheus.sh
	$(BIN)/python -m tests.fuzz $(ARGS)

mutants: .venv/.stamp-dev ## Plant bugs and see that the tests notice each (ARGS="--only WORDS --list --jobs 1")
	@tests/tools/install-prometheus.sh
	$(BIN)/python -m tests.mutants $(ARGS)

check: .venv/.stamp-dev ## Check format, lint, types and the generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/bot-exporter generate --check

generate: .venv/.stamp-dev ## Write the files derived from the catalogue
	$(BIN)/bot-exporter generate

format: .venv/.stamp-dev ## Format the code and apply safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.stamp-dev ## Measure speed and size beside peers (ARGS="--quick --only PART")
	@benchmarks/install-pushgateway.sh
	$(BIN)/python -m benchmarks $(ARGS)

# The dev lock comes first and constrains the others: one version of a library everywhere.
# Without options a lock changes only where pyproject.toml demands it; LOCK=--upgrade takes newer versions.
COMPILE = @.tools/uv/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" $(LOCK)
lock: .tools/uv/bin/uv ## Pin every dependency with its hashes (LOCK=--upgrade for newer ones)
	$(COMPILE) pyproject.toml --extra speed --extra privacy --extra auth --extra cli --extra probes --extra dev --group build -o requirements-dev.lock
	$(COMPILE) pyproject.toml --extra speed --constraint requirements-dev.lock -o requirements.lock
	$(COMPILE) pyproject.toml --extra fuzz --constraint requirements-dev.lock -o requirements-fuzz.lock
	$(COMPILE) --group build --constraint requirements-dev.lock -o requirements-build.lock

clean: ## Remove what the other targets made, except ./data
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache

.venv/.stamp-run: requirements.lock requirements-build.lock pyproject.toml | .venv/.stamp-venv
	$(PIP) --require-hashes -r requirements.lock -r requirements-build.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.stamp-dev: requirements-dev.lock pyproject.toml | .venv/.stamp-venv
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.stamp-fuzz: requirements-fuzz.lock .venv/.stamp-dev
	$(PIP) --require-hashes -r requirements-fuzz.lock
	@touch $@

.venv/.stamp-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'bot_exporter needs Python 3.11 or newer: install it, or name it: make PYTHON=python3.12 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'This Python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.tools/uv/bin/uv:
	@$(PYTHON) -m venv --clear .tools/uv
	@.tools/uv/bin/pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
