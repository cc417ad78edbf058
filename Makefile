# One command a purpose; everything installs into .venv from hash-checked locks.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Airflow imports thousands of modules in every task process: without bytecode files each pays seconds.
unexport PYTHONDONTWRITEBYTECODE
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode

.PHONY: help install install-service dev demo up down status test test-long chaos chaos-short test-pythons fuzz findings pictures lint format \
  reference lock clean

help:  ## list the targets
	@sed -nE 's/^([.a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

$(BIN)/uv: requirements-install.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is $$($(PYTHON) -V). Run: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Installing into $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-install.lock
	@touch $@

$(VENV)/installed: $(BIN)/uv requirements.lock pyproject.toml
	@$(UV) --require-hashes -r requirements.lock
	@$(UV) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	@$(UV) --require-hashes -r requirements-dev.lock
	@touch $@

# Without bytecode files, which take 80 MB more: Python writes those of what it imports, at the first start.
$(VENV)/installed-service: $(BIN)/uv requirements-service.lock pyproject.toml
	@$(filter-out --compile-bytecode,$(UV)) --require-hashes -r requirements-service.lock
	@$(filter-out --compile-bytecode,$(UV)) --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/installed  ## install what trains and serves
install-service: $(VENV)/installed-service  ## install only what loads and serves models: no Airflow
dev: $(VENV)/installed-dev  ## install what runs and what checks it

define NEXT
What to do next:
  look at it         the address of Airflow above, as admin with the password in secrets.json: Plugins, Models
  your own texts     source $(BIN)/activate
                     pipeline examples load posts.csv --text body --classification label --time posted_at --collection mine
                     pipeline examples stats
  your own plan      in the browser: Plugins, New sweep; or
                     copy include/plans/demo.json to plan.json, write "collection": "mine" and your dates into its dataset
                     pipeline plan preview plan.json
                     pipeline train plan.json --name "My first sweep" --follow
  stop everything    make down
endef
export NEXT

demo: install  ## start everything, load real examples, train a plan, put the best model into service
	@$(BIN)/pipeline up
	@$(BIN)/pipeline examples demo
	@$(BIN)/pipeline status && echo
	@$(BIN)/pipeline train include/plans/demo.json --follow --alias champion
	@echo && echo "$$NEXT"

up: install  ## start the deployment on this machine
	@$(BIN)/pipeline up
down: install  ## stop it
	@$(BIN)/pipeline down
status: install  ## say what runs
	@$(BIN)/pipeline status

.PHONY: .env
.env:  ## make the secrets that docker-compose.yaml asks for, or add those that are missing
	@(umask 077; $(PYTHON) deploy/make_env.py $@ > $@.new && mv $@.new $@)
	@echo "$@ has every secret. Next: docker compose up --build --detach --wait"

# tests/conftest.py defines how many workers `auto` is, and which tests stay together on one of them.
WORKERS := auto
PYTEST := $(BIN)/pytest -n $(WORKERS)
TESTS := tests
test: dev  ## run every test, on all cores, or those of TESTS="folder …"
	$(PYTEST) $(TESTS)

test-long: fuzz chaos  ## run for an hour what `make test` and CI run short

# Both need RabbitMQ installed, and start a server of their own.
chaos: dev  ## break a run of 200 definitions in every way there is, about half an hour
	$(BIN)/pytest -m chaos -s tests/chaos tests/integration/notifications
chaos-short: dev  ## the same with few definitions, each kind of fault once
	CHAOS=short $(BIN)/pytest -m chaos -s tests/chaos tests/integration/notifications

# Labels and the order of definitions must not depend on it; `make test` does the rest.
PYTHONS := python3.11 python3.12 python3.13
test-pythons: dev  ## run the plan language's tests on every other supported Python there is
	@for python in $(PYTHONS); do \
	  folder=$(VENV)/pythons/$$python; \
	  if ! $$python -V >/dev/null 2>&1; then \
	    echo "$$python is not here: its tests are left out"; [ -z "$$CI" ] || exit 1; continue; \
	  fi; \
	  [ "$$($$python -V)" != "$$($(BIN)/python -V)" ] || continue; \
	  $$python -m venv --clear --without-pip $$folder || exit 1; \
	  for lock in requirements-plans.lock requirements-install.lock; do \
	    $(BIN)/uv pip install --quiet --python $$folder/bin/python --require-hashes -r $$lock || exit 1; \
	  done; \
	  $(BIN)/uv pip install --quiet --python $$folder/bin/python --no-deps --no-build-isolation --editable . || exit 1; \
	  echo "$$python"; $$folder/bin/python -m pytest -q -n $(WORKERS) -p no:cacheprovider tests/unit/plans \
	    --ignore tests/unit/plans/test_mutated_plans.py || exit 1; \
	done

fuzz: dev  ## try 20,000 damaged documents of every model and 100,000 damaged plans
	FUZZ=100 $(PYTEST) tests/unit/serialisation/test_damaged_documents.py \
	  $(addprefix tests/unit/plans/,test_mutated_plans.py test_plan_properties.py test_schema_and_check.py)

findings:  ## see whether outside software still surprises as findings/*.sh say; needs a package index
	@for script in findings/*.sh; do echo "$$script"; bash $$script || exit 1; done

pictures: dev  ## draw the pictures of the README anew, from a real run; needs Chromium
	$(BIN)/python docs/pictures/make.py

lint: dev  ## check style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: dev  ## fix what can be fixed automatically
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

reference: install  ## write the options reference, docs/reference
	@$(BIN)/python -m pipeline.reference docs/reference

COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --quiet --python-version 3.11
lock: $(BIN)/uv  ## renew the locks: versions and hashes, no addresses
	$(COMPILE) pyproject.toml --extra platform -o requirements.lock
	$(COMPILE) pyproject.toml -c requirements.lock -o requirements-service.lock
	$(COMPILE) pyproject.toml --extra scaled -c requirements.lock -o requirements-scaled.lock
	$(COMPILE) pyproject.toml --extra scaled --group dev -c requirements-scaled.lock -o requirements-dev.lock
	$(COMPILE) --group install -c requirements.lock -o requirements-install.lock
	$(COMPILE) --group plans -c requirements-dev.lock -o requirements-plans.lock

clean:  ## stop the deployment and delete it, its data included
	@if [ -x $(BIN)/pipeline ]; then $(BIN)/pipeline down; fi
	rm -rf .pipeline
