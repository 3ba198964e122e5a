# Everything happens in .venv beside this file; nothing but git, make and Python >= 3.10 is needed.
# ARGS are passed on: make demo ARGS="--no-browser --port=8899", make test-python ARGS="-k runs".

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SHELL := /bin/bash
ARGS ?=

VENV := $(CURDIR)/.venv
STAMPS := .venv/stamps
export PATH := $(VENV)/bin:$(PATH)
export VIRTUAL_ENV := $(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1
unexport PYTHONPATH PYTHONHOME

LABEXTENSION := jupyter_mlops/labextension/package.json
INSTALLED_LABEXTENSION := $(VENV)/share/jupyter/labextensions/jupyter-mlops
FRONT_END := $(shell find src schema style -type f -not -path '*/__tests__/*' 2>/dev/null)

.PHONY: help demo test test-long test-python test-jest test-journeys lint lint-python lint-front-end lint-security \
        format bench contract docs docs-images docs-reference build

help: ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(STAMPS)/extra-examples $(LABEXTENSION) ## Open JupyterLab on a copy of the examples
	@scripts/demo.sh $(ARGS)

test: test-jest test-journeys test-python ## Run every test that takes seconds

test-long: $(STAMPS)/extra-test $(STAMPS)/journeys $(LABEXTENSION) ## Run the tests that take minutes
	@scripts/need.sh browser
	@scripts/need.sh postgresql
	@scripts/need.sh fuse
	pytest -m long $(ARGS)

test-python: $(STAMPS)/extra-test $(LABEXTENSION) ## Run the Python tests
	@scripts/need.sh postgresql
	@scripts/need.sh fuse
	python scripts/bundle_size.py
	pytest $(ARGS)

test-jest: $(STAMPS)/node-modules ## Run the unit tests of the front end
	jlpm test $(ARGS)

test-journeys: $(STAMPS)/extra-test $(STAMPS)/journeys $(LABEXTENSION) ## Run the journeys in a real browser
	@scripts/need.sh browser
	jlpm tsc --project ui-tests
	cd ui-tests && MLOPS_TEST_PORT=$${MLOPS_TEST_PORT:-$$(python ../scripts/free_port.py)} jlpm test $(ARGS)

lint: lint-python lint-front-end lint-security ## Check style, types, layers and what is never done

lint-python: $(STAMPS)/extra-lint
	ruff check .
	ruff format --check .
	mypy
	mypy --python-version 3.14
	lint-imports

lint-security: $(STAMPS)/extra-lint $(STAMPS)/semgrep
	bandit --quiet --recursive -lll jupyter_mlops scripts benchmarks
	$(VENV)/semgrep/bin/semgrep scan --metrics off --disable-version-check --config scripts/semgrep.yml \
	    --error --quiet jupyter_mlops scripts benchmarks src

lint-front-end: $(STAMPS)/node-modules
	CI=1 jlpm lint

format: $(STAMPS)/extra-lint $(STAMPS)/node-modules ## Format the code
	ruff check --fix-only --exit-zero .
	ruff format .
	jlpm format

bench: $(STAMPS)/extra-bench $(LABEXTENSION) ## Print the figures of benchmarks/
	python -m benchmarks $(ARGS)

contract: $(STAMPS)/extra-lint $(STAMPS)/node-modules ## Write contract/openapi.json and the types of both clients
	python -m jupyter_mlops.api.openapi contract/openapi.json
	python -m scripts.client_answers
	ruff format --quiet jupyter_mlops/client/answers.py
	jlpm contract

docs-reference: $(STAMPS)/extra-docs ## Write docs/reference/ from the code
	python -m scripts.reference

docs: $(STAMPS)/extra-docs ## Build the documentation into docs/_build/html
	sphinx-build -W --keep-going -b html docs docs/_build/html

docs-images: $(STAMPS)/extra-test $(STAMPS)/journeys $(LABEXTENSION) ## Take the pictures of README and guide anew
	@scripts/need.sh browser
	cd ui-tests && node docs_images.js $(ARGS)

build: $(LABEXTENSION) ## Build the lab extension

# --- What the targets stand on; each stamp is younger than what it was made from -----------------

$(STAMPS)/venv:
	@scripts/make_venv.sh
	@mkdir -p $(@D) && touch $@

$(STAMPS)/tools: scripts/install_tools.sh $(STAMPS)/venv
	@scripts/install_tools.sh
	@touch $@

# On its own: it pins other versions of packages that the tests stand on.
$(STAMPS)/semgrep: $(STAMPS)/venv
	@python -m venv $(VENV)/semgrep
	@scripts/quietly.sh "Installing semgrep" $(VENV)/semgrep/bin/pip install "semgrep>=1.150,<2"
	@touch $@

$(STAMPS)/node-modules: package.json yarn.lock .yarnrc.yml $(STAMPS)/tools
	@scripts/quietly.sh "Installing the front end's packages" jlpm install
	@touch $@

$(STAMPS)/journeys: ui-tests/package.json ui-tests/yarn.lock .yarnrc.yml $(STAMPS)/node-modules
	@cd ui-tests && ../scripts/quietly.sh "Installing the journeys' packages" jlpm install
	@touch $@

$(LABEXTENSION): $(STAMPS)/node-modules tsconfig.json $(FRONT_END)
	@scripts/quietly.sh "Building the lab extension" jlpm build:prod
	@touch $@

# An editable install copies the bundle; a link in its place shows what was built last.
$(STAMPS)/extra-%: pyproject.toml package.json install.json $(wildcard jupyter-config/*/*) | $(LABEXTENSION)
	@if [ -L $(INSTALLED_LABEXTENSION) ]; then rm $(INSTALLED_LABEXTENSION); fi
	@SKIP_JUPYTER_BUILDER=1 scripts/quietly.sh "Installing jupyter-mlops[$*]" \
	    pip install --no-build-isolation --editable ".[$*]"
	@scripts/quietly.sh "Linking the lab extension" jupyter-builder develop . --overwrite
	@touch $@
