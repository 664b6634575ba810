# `make run` and `make test` need nothing but make and Python 3.11 or newer with its venv module.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DRIVERS := $(if $(filter postgres%,$(DATABASE_URL)),requirements/postgres.txt)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
SOURCES := config core_app accounts_app search_app signals_app cases_app incidents_app datadog_app tests manage.py

.PHONY: run test test-postgres bench lint requirements clean
.DEFAULT_GOAL := run

run: $(VENV)/base.stamp $(if $(DRIVERS),$(VENV)/postgres.stamp)
	@exec $(BIN)/python manage.py up

test: lint
	$(BIN)/python -m pytest -n 2

# The same tests on a PostgreSQL of our own. Journeys and process tests bring their own databases.
test-postgres: $(VENV)/test.stamp
	$(BIN)/python -m tests.services $(BIN)/python -m pytest -n 2 -m "not journey and not process"

# Whole pages over HTTP on scratch databases, and how they grow; SIGNALS=100000 measures one alone,
# `manage.py bench --help` says the rest.
bench: $(VENV)/base.stamp
	$(BIN)/python manage.py bench --signals $(or $(SIGNALS),100000 1000000)

lint: $(VENV)/test.stamp
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py makemigrations --check --dry-run

# Compiles requirements/*.in; UPGRADE=1 takes the newest versions. No index address gets into the files: everybody uses their own.
requirements: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet pip-tools
	for set in base postgres test; do \
		$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
			--no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
			$(if $(UPGRADE),--upgrade) --output-file requirements/$$set.txt requirements/$$set.in || exit 1; \
	done

clean:
	rm -rf $(VENV) staticfiles .pytest_cache .ruff_cache .mypy_cache .import_linter_cache

$(VENV)/base.stamp: requirements/base.txt | $(BIN)/python
	@echo "Installing what Tocsin needs (the first time this downloads some packages) ..."
	@$(INSTALL) -r requirements/base.txt
	@touch $@

$(VENV)/postgres.stamp: requirements/postgres.txt | $(VENV)/base.stamp
	@$(INSTALL) -r requirements/postgres.txt
	@touch $@

$(VENV)/test.stamp: requirements/test.txt $(VENV)/base.stamp $(VENV)/postgres.stamp
	@echo "Installing what the tests need ..."
	@$(INSTALL) -r requirements/test.txt
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Tocsin needs Python 3.11 or newer, and there is no $(PYTHON) here." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Tocsin needs Python 3.11 or newer; $(PYTHON) is Python %d.%d. Name another: make run PYTHON=python3.11" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: install it (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
