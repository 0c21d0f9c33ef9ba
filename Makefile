# `make run` starts Headgate with a demo company; `make test` runs the tests on SQLite and PostgreSQL.
# Both need only Python 3.11 or newer, and make.
PYTHON ?= $(shell sh scripts/python.sh)
VENV := .venv/bin/python
PRODUCT := api automations config deals insights outbox pipeline team manage.py
export PYTHONUNBUFFERED := 1

.PHONY: run test lint format migrations-check soak bench lock clean

run:
	@$(PYTHON) scripts/run.py

test:
	@$(PYTHON) scripts/test.py $(ARGS)

soak:
	@$(PYTHON) scripts/test.py -m soak $(ARGS)

lint:
	@$(PYTHON) scripts/environment.py dev
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .
	@$(VENV) -m bandit --quiet --configfile pyproject.toml --severity-level medium --recursive $(PRODUCT)

format:
	@$(PYTHON) scripts/environment.py dev
	@$(VENV) -m ruff check --fix .
	@$(VENV) -m ruff format .

migrations-check:
	@$(PYTHON) scripts/environment.py dev
	@MODE=test $(VENV) manage.py makemigrations --check --dry-run

bench:
	@$(PYTHON) scripts/environment.py dev
	@$(VENV) -m bench $(ARGS)

lock:
	@$(PYTHON) scripts/environment.py dev
	@sh scripts/lock.sh

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis
