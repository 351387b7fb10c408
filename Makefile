# Two commands on a fresh machine: `make demo` and `make test`. Both install what they need from the lock files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
# The environment is this folder's own, whatever another one is active.
SYNC := env -u VIRTUAL_ENV UV_PROJECT_ENVIRONMENT=$(CURDIR)/$(VENV) $(UV) sync --frozen --quiet --system-certs
DEMO_FOLDER ?= demo-data
SERVICE_PORT ?= 8601
SITE_PORT ?= 8602
CRASH_SECONDS ?= 300
# What reads the types, and Django's, which has none of its own.
SDK_TYPES ?= --with basedpyright==1.40.* --with django-stubs==6.1.*
# The Python releases that the SDK says it runs on.
SDK_PYTHONS ?= 3.11 3.12 3.13 3.14
# The oldest releases that the SDK is tried with; the lock file holds the newest.
SDK_OLDEST ?= django==4.2.*,flask==3.0.*,fastapi==0.115.*,litestar==2.12.*,starlette==0.40.*

.DEFAULT_GOAL := help
.PHONY: audit bench-scale bench-profile sbom pooler help demo test faults sdk-matrix sdk-pythons sdk-types lint format types imports snippet snippet-check docs bench bench-peers screenshots chromium clean

help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

demo: $(VENV)/run.stamp ## start the service and a small website that asks first
	$(BIN)/askfirst demo --folder "$(DEMO_FOLDER)" --service-port $(SERVICE_PORT) --site-port $(SITE_PORT)

test: $(VENV)/dev.stamp snippet/node_modules/.package-lock.json chromium pooler fault-tools ## run all tests
	cd snippet && npm run --silent test
	.ci/in-memory .ci/tests $(BIN)/python $(PYTEST_ARGS)

.PHONY: cluster fault-tools
cluster: $(VENV)/dev.stamp fault-tools ## start a Patroni cluster of three PostgreSQL on loopback, with two nodes over it
	@$(BIN)/python -m service.deploy.cluster

faults: $(VENV)/dev.stamp fault-tools ## kill a node at every place, services, databases and clusters; verify everything; write the table of faults
	ASKFIRST_FAULT_STEP=1 ASKFIRST_CRASH_SECONDS=$(CRASH_SECONDS) ASKFIRST_FAULT_LOAD=5 ASKFIRST_FAULTS_PAGE=service/docs/faults.md \
		$(BIN)/python -m pytest -s tests/faults $(PYTEST_ARGS)

sdk-matrix: $(VENV)/dev.stamp ## try the SDK with the oldest frameworks that it supports, in an environment of its own
	for set in $(SDK_OLDEST); do \
		env -u VIRTUAL_ENV $(UV) run --isolated --system-certs --quiet $$(echo "$$set" | tr ',' '\n' | sed 's/^/--with /') \
			.ci/in-memory python -m pytest -q tests/sdk/test_frameworks.py tests/sdk/test_django.py tests/sdk/test_asgi.py tests/sdk/test_wsgi.py \
			tests/sdk/test_accounts_in_frameworks.py || exit 1; \
	done

sdk-types: $(VENV)/dev.stamp ## hold the SDK's types to completeness, as a type checker of those who use it sees them
	env -u VIRTUAL_ENV $(UV) run --isolated --no-dev --package askfirst-sdk --all-extras --system-certs --quiet $(SDK_TYPES) \
		basedpyright --verifytypes askfirst_sdk --ignoreexternal

sdk-pythons: $(VENV)/dev.stamp ## try the SDK on every supported Python that is installed here
	@for version in $(SDK_PYTHONS); do \
		found=$$($(UV) python find --no-python-downloads --system "$$version" 2>/dev/null) || { echo "Python $$version is not installed here: not tried."; continue; }; \
		echo "Python $$version"; \
		env -u VIRTUAL_ENV $(UV) run --isolated --system-certs --quiet --python "$$found" python -m pytest -q tests/sdk $(PYTEST_ARGS) || exit 1; \
	done

lint: $(VENV)/dev.stamp snippet/node_modules/.package-lock.json ## formatting, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd snippet && npm run --silent check

format: $(VENV)/dev.stamp ## format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

snippet: snippet/node_modules/.package-lock.json ## build the snippet into the service's static folder
	cd snippet && npm run --silent build

snippet-check: snippet ## fail if the committed snippet is not what the build gives
	git diff --exit-code -- service/src/askfirst/static

docs: $(VENV)/dev.stamp ## write the generated pages of the docs
	$(BIN)/python service/docs/reference.py

bench: $(VENV)/dev.stamp snippet/node_modules/.package-lock.json chromium ## measure, and write bench/RESULTS.md
	$(BIN)/python -m bench

bench-scale: $(VENV)/dev.stamp ## measure with up to a million records stored, about 20 minutes; writes bench/SCALE.md
	$(BIN)/python -m bench.scale $(BENCH_ARGS)

bench-profile: $(VENV)/dev.stamp ## find where the time of a request goes; writes bench/PROFILE.md
	$(BIN)/python -m bench.profiling

bench-peers: $(VENV)/dev.stamp chromium ## measure banner and service beside others, which npm brings; writes BACKENDS.md and PEERS.md
	cd bench/backends && npm ci --ignore-scripts --no-audit --no-fund --silent
	$(BIN)/python -m bench.backends
	cd bench/peers && npm ci --ignore-scripts --no-audit --no-fund --silent
	$(BIN)/python -m bench.peers

screenshots: $(VENV)/dev.stamp snippet/node_modules/.package-lock.json chromium ## take the pictures of the README and docs anew
	ASKFIRST_SCREENSHOTS=docs $(BIN)/python -m pytest -q -m browser

audit: $(VENV)/dev.stamp snippet/node_modules/.package-lock.json ## ask what is known against the locked dependencies
	@sh .ci/audit

sbom: $(VENV)/dev.stamp ## list what a release consists of, as CycloneDX, in build/
	@mkdir -p build
	$(UV) export --quiet --frozen --no-dev --all-extras --preview-features sbom-export --format cyclonedx1.5 --output-file build/askfirst.cdx.json

chromium: $(VENV)/dev.stamp
	@sh .ci/chromium

pooler:
	@sh .ci/pooler

fault-tools:
	@sh .ci/fault-tools

clean: ## remove what was installed and built here; the demo's data stays
	rm -rf $(VENV) .tools snippet/node_modules

.tools/uv.stamp: .ci/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Askfirst needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/uv.txt
	touch $@

$(VENV)/bin/python: .tools/uv.stamp
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/run.stamp: .tools/uv.stamp $(VENV)/bin/python pyproject.toml sdk/pyproject.toml uv.lock
	$(SYNC) --no-dev --inexact
	touch $@

$(VENV)/dev.stamp: .tools/uv.stamp $(VENV)/bin/python pyproject.toml sdk/pyproject.toml uv.lock
	$(SYNC)
	touch $@ $(VENV)/run.stamp

snippet/node_modules/.package-lock.json: snippet/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js with npm is needed for the snippet's build and tests. On Debian and Ubuntu: apt-get install nodejs npm"; exit 1; }
	cd snippet && npm ci --no-audit --no-fund
	touch $@
