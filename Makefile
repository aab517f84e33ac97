# Needs Python 3.11 to 3.13 with its venv module, make and git; everything else is installed into .venv.
# Settings are environment variables: see runtime/settings.py. Another interpreter: make PYTHON=/path/to/python ...

.DEFAULT_GOAL := help
.PHONY: help docs lock setup demo up down test check bench clean \
	test-unit test-database test-dbt test-airflow test-end-to-end \
	check-ruff check-imports check-types check-sql check-yaml check-forms

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Any Python 3 can run the first step; it looks for a suitable one itself.
FIRST_PYTHON := $(shell for name in "$(PYTHON)" python3 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null && echo "$$name" && break; done)

help: ## Say what there is to make
	@echo "An Sinh: a data warehouse for a provincial social-affairs department"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lock: setup ## Renew requirements.lock from pyproject.toml (OPTIONS="--upgrade-package NAME")
	@"$(FIRST_PYTHON)" -I runtime/local/bootstrap.py lock $(OPTIONS)

setup: ## Make or complete the environment in .venv (every other target does this first)
	@if [ -z "$(FIRST_PYTHON)" ]; then \
		echo "error: no Python 3.8 or later found; install Python 3.11 to 3.13 (Debian, Ubuntu: apt install python3 python3-venv)" >&2; \
		exit 1; \
	fi
	@PYTHON="$(PYTHON)" "$(FIRST_PYTHON)" -I runtime/local/bootstrap.py

demo: setup ## Run the whole path over samples/: ingest, build, consolidate; prints the report's place
	@$(BIN)/python -m jobs.demo

up: setup ## Start Airflow with its web interface on this machine
	@$(BIN)/python -m runtime.local.services up

down: ## Stop everything that `make up` started
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m runtime.local.services down; fi

docs: setup ## Write the site of the warehouse's models, columns and lineage (one HTML file)
	@$(BIN)/python -m runtime.warehouse.docs

test: setup ## Run every tier of tests; at most 15 minutes on 2 cores
	@$(MAKE) --no-print-directory --keep-going test-unit test-database test-dbt test-airflow test-end-to-end

test-unit: setup
	@echo "==> tests: unit"
	@$(PYTEST) -n 2 --dist loadfile -m "not database and not dbt and not airflow and not end_to_end"

test-database: setup
	@echo "==> tests: database"
	@$(PYTEST) -n 2 --dist loadfile -m "database and not dbt and not airflow and not end_to_end"

test-dbt: setup
	@echo "==> tests: dbt"
	@$(PYTEST) -m "dbt and not end_to_end"

test-airflow: setup
	@echo "==> tests: airflow"
	@$(PYTEST) -m "airflow and not end_to_end"

test-end-to-end: setup
	@echo "==> tests: end to end"
	@$(PYTEST) -m end_to_end

check: setup ## Check style, types, SQL, YAML and form definitions
	@$(MAKE) --no-print-directory --keep-going check-ruff check-imports check-types check-sql check-yaml check-forms

check-ruff: setup
	@echo "==> ruff"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

check-imports: setup
	@echo "==> import-linter"
	@$(BIN)/lint-imports --no-logo --no-cache

check-types: setup
	@echo "==> mypy"
	@$(BIN)/mypy dags ingest jobs publish runtime

check-sql: setup
	@echo "==> sqlfluff"
	@$(BIN)/sqlfluff lint --processes 2 dbt_project

check-yaml: setup
	@echo "==> yamllint"
	@$(BIN)/yamllint --strict .

check-forms: setup
	@echo "==> form definitions"
	@$(BIN)/python -m ingest.forms.validate
	@$(BIN)/python -m ingest.checks.validate

bench: setup ## Measure speed and memory on data made by scripts: medians, ratios, what was promised
	@$(BIN)/python -m bench

clean: ## Delete everything the project wrote: environment, caches, and the database and files of ANSINH_HOME
	-@if [ -x $(BIN)/python ]; then $(BIN)/python -m runtime.local.services remove; fi
	@"$(FIRST_PYTHON)" -I runtime/local/clean.py
