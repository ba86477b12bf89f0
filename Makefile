# Every verb of the project. `make help` lists them; CI runs the same ones.
PY := .venv/bin/python
QUICK := $(PY) -m pytest -m "not servers and not long" --numprocesses auto --dist worksteal \
	-p no:faker -p no:schemathesis
CORE_TESTS := tests/schemas tests/rules tests/agents tests/contract
.DEFAULT_GOAL := help
.PHONY: help env demo up down test quick cover check format mutants bench chaos pictures clean

help:            ## what can be done here
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t12

env: .venv/ready ## the environment in .venv (every other verb makes it too)

.venv/ready: requirements.lock pyproject.toml
	@echo "making .venv (about a minute the first time)"
	@python3 -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: env        ## the main job: bookings in, texts out to simulated phones, a table of every text
	@.venv/bin/reminders demo

up: env          ## everything running, addresses printed, until `make down`
	@.venv/bin/reminders up

down: env        ## end what `make up` started
	@.venv/bin/reminders down

test: env        ## all tests, with real Kafka and Valkey, two files at a time
	@$(QUICK); quick=$$?; \
	$(PY) -m pytest -m "(servers or long) and not alone" --numprocesses 2 --dist loadfile --durations=40; servers=$$?; \
	$(PY) -m pytest -m alone; alone=$$?; exit $$((quick + servers + alone))

quick: env       ## the tests that need no servers, in a minute
	@$(QUICK)

cover: env       ## every branch of schemas, rules and agents is tested, by their own tests
	@$(PY) -m pytest -q -m "not servers and not long" $(CORE_TESTS) \
	    --cov=schemas --cov=rules --cov=agents --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

check: env       ## format, lint, types, layers
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

format: env      ## put the code into house form
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

pictures: env    ## the pictures of the README, taken anew while a browser tests the pages
	@PICTURES=.run/pictures $(PY) -m pytest -q tests/browser
	@for name in sign-up manage phones staff-overview-desk booking profile; do \
		cp .run/pictures/$$name.png docs/pictures/; done

mutants: env     ## plant faults in a copy, one by one: tests and simulation must find each (a quarter of an hour)
	@$(PY) -m tests.mutants

bench: env .venv-bench/ready ## figures of this machine (NAMES="gate pacing" chooses some)
	@$(PY) -m bench $(NAMES)

.venv-bench/ready: bench/requirements.lock
	@echo "making .venv-bench for Quix Streams, which the product does not need"
	@python3 -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r bench/requirements.lock
	@touch $@

chaos: env       ## everything goes wrong at once, the carrier's ledger judges: DURATION_S=600 SEED=1 STRICT=1
	@$(PY) -m tests.chaos --duration-s $(or $(DURATION_S),600) --seed $(or $(SEED),1) $(if $(STRICT),--strict)

clean: down      ## remove the environment and what the servers kept
	@rm -rf .venv .venv-bench .devstack .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
