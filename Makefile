# Everything is set up inside the clone, by the targets that need it: seven environments (the agent's awscrt and the SAM
# CLI's exclude each other; the local cloud's Lambda workers want only what Lambda has; pip, locks, scans and security
# checks have their own), one for each other Python that the unit tests run under, and three folders of npm packages.
# A stamp in each says that it is complete; it is made anew when what it was made from changes.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# What is imported is compiled once, whatever the shell says: tests and the local cloud start Python a thousand times.
unexport PYTHONDONTWRITEBYTECODE

DEV := .venv/.complete
SAM := .venv-sam/.complete
MINISTACK := .venv-ministack/.complete
ASL := tools/asl/node_modules/.complete
NODE_RED := tools/node-red/node_modules/.complete
CONSOLE := console/node_modules/.complete
CONSOLE_FILES := console/dist/python/console_files/index.html

PIP := .venv-pip/.complete
LOCK := .venv-lock/.complete
SCAN := .venv-scan/.complete
SECURE := .venv-secure/.complete

# The pip of .venv-pip installs into the others: what comes with an interpreter may be years old and takes twice as long.
# Without bytecode: compiling every file of every library takes longer than what is imported takes to compile itself.
PIP_OPTIONS := --quiet --disable-pip-version-check --no-compile
LOCKED := --no-deps --require-hashes --requirement tools/locks
# $(call pip_install,folder): the beginning of the command that installs into the environment there.
pip_install = .venv-pip/bin/python -m pip --python $(1)/bin/python install $(PIP_OPTIONS)
SOURCES := layers/edgeflow/edgeflow functions edge_agent deployed localcloud benchmarks node_types openapi operations recording smoke statemachines tests
MACHINES := $(sort $(wildcard statemachines/*.asl.json))

# $(call given,VARIABLE,example): its value; without one the target says how to give it.
given = $(or $($(1)),$(error say which: make $@ $(1)=$(2)))

.PHONY: help
help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

.PHONY: demo
demo: up ## show rolling, canary and blue_green on 20 devices; STRATEGY=name shows just one
	.venv/bin/python -m localcloud.demo $(if $(STRATEGY),--strategy $(STRATEGY))

.PHONY: up
up: $(DEV) $(SAM) $(MINISTACK) $(CONSOLE_FILES) ## start the local cloud, or update what is deployed in it
	.venv/bin/python -m localcloud up

.PHONY: down
down: $(DEV) ## stop the local cloud; its data stays in .localcloud/
	.venv/bin/python -m localcloud down

.PHONY: env
env: ## print the API's address and a token, for a shell to eval
	@.venv/bin/python -m localcloud env

.PHONY: device
device: $(DEV) ## register the device NAME=… with the local cloud, and write its agent.toml, key and certificates
	@.venv/bin/python -m localcloud device $(call given,NAME,dev_001)

.PHONY: agent
agent: $(DEV) ## run the agent of the device NAME=… until Ctrl-C
	@exec .venv/bin/edgeflow-agent run --config "$${LOCALCLOUD_DIR:-.localcloud}/devices/$(call given,NAME,dev_001)/agent.toml"

.PHONY: executions
executions: $(DEV) ## show the newest deployment's state machines, state by state; DEPLOYMENT=dep_… another's
	@.venv/bin/python -m localcloud executions $(DEPLOYMENT)

.PHONY: preflight
preflight: $(DEV) ## look whether a deployment to AWS would go well, and change nothing; ENV=prod, REGION=…, JSON=1
	@.venv/bin/python -m operations preflight $(if $(ENV),--env $(ENV)) $(if $(REGION),--region $(REGION)) $(if $(JSON),--json)

.PHONY: teardown
teardown: $(DEV) ## delete the stack STACK=… of AWS with its devices, and list what is left; REGION=…, DATA=delete takes its data, too
	@.venv/bin/python -m operations teardown $(call given,STACK,edgeflow-dev) $(if $(REGION),--region $(REGION)) $(if $(DATA),--data $(DATA))

.PHONY: smoke
smoke: $(DEV) $(SAM) ## prove a stack of its own on AWS and tear it down: 20 minutes, under a dollar; LOCAL=1 the one of make up
	@.venv/bin/python -m smoke $(if $(LOCAL),--local) $(if $(REGION),--region $(REGION)) $(if $(KEEP),--keep)

.PHONY: machines
machines: $(DEV) ## write statemachines/*.asl.json and their drawings from their source
	.venv/bin/python -m statemachines

.PHONY: openapi
openapi: $(DEV) ## write the API's document, its page, and what docs/api.md has of it
	.venv/bin/python -m openapi

.PHONY: node-types
node-types: $(DEV) ## write the list of node types that the API serves, from the models of their settings and docs/nodes.md
	.venv/bin/python -m node_types

.PHONY: commands
commands: $(DEV) ## write docs/cli-commands.md from the command line
	.venv/bin/typer edgeflow.cli.main utils docs --name edgeflow --title "Commands of edgeflow" --output docs/cli-commands.md

.PHONY: recording
recording: $(DEV) ## write docs/cli.svg: what the command line shows of a rollout, by its own screens
	.venv/bin/python -m recording

.PHONY: test
test: $(DEV) $(SAM) $(MINISTACK) $(ASL) $(NODE_RED) $(CONSOLE_FILES) ## run every test; T="-k name" or T=path narrows it down, LAG=1 runs whole rollouts with AWS IoT as late as it may be
	$(if $(T),.venv/bin/pytest $(T),tools/test)

.PHONY: quick
quick: $(DEV) ## lint, types and the fast unit tests, side by side: for each change, in about a minute
	tools/quick

.PHONY: pythons
pythons: $(DEV) ## run the fast unit tests under each other admitted Python that this machine has
	tools/pythons

.PHONY: costs
costs: $(DEV) ## count and price what a stack, a fleet at rest and a rollout cost on AWS: docs/costs.md
	.venv/bin/python -m benchmarks.cost

.PHONY: bench
bench: $(DEV) $(NODE_RED) ## measure the agent beside Node-RED: memory, start, messages a second; takes half an hour
	.venv/bin/python -m benchmarks $(BENCH)

.PHONY: lint
lint: lint-code lint-template ## check style, imports between layers, the template and the state machines

.PHONY: lint-code
lint-code: $(DEV) ## check style, and imports between layers
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	PYTHONPATH=layers/edgeflow:functions:. .venv/bin/lint-imports --no-cache

.PHONY: lint-template
lint-template: $(SAM) $(ASL) ## check the template, as it is and as CloudFormation gets it, and the state machines
	AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam validate --lint
	tools/lint_translated
	for machine in $(MACHINES); do tools/asl/node_modules/.bin/asl-validator --no-arn-check --json-path "$$machine"; done

.PHONY: secure
secure: $(SAM) $(SECURE) ## look for insecure settings in the template and insecure code; tools/accepted.toml has what is accepted, and why
	tools/secure

.PHONY: types
types: $(DEV) ## check types
	.venv/bin/mypy $(SOURCES)

.PHONY: lock
lock: $(LOCK) ## write the locks of all libraries, with hashes, from what is pinned; UPGRADE=1 renews what is not
	tools/lock

.PHONY: sbom
sbom: $(SCAN) ## write what the layer and the agent hold, in CycloneDX's JSON, to dist/
	tools/sbom

.PHONY: audit
audit: $(SCAN) ## ask the advisory service about what the layer and the agent hold, where it can be reached
	tools/audit

.PHONY: console
console: $(DEV) $(CONSOLE_FILES) ## build and check the web console: style, types, tests, size, and in a real browser
	cd console && npm run --silent check

.PHONY: pictures
pictures: $(DEV) $(CONSOLE) ## draw the pictures of the console in the documentation anew, from the running console
	cd console && npm run --silent build && npm run --silent pictures

.PHONY: pr
pr: ## what continuous integration runs: lint, secure, audit, types, test and console
	@$(MAKE) --no-print-directory --jobs 2 environments
	@echo "The console's checks run beside all others, then beside the tests; what each says comes at its end."
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target console lint-code lint-template secure audit types test

.PHONY: environments
environments: $(DEV) $(SAM) $(MINISTACK) $(SECURE) $(SCAN) $(ASL) $(NODE_RED) $(CONSOLE_FILES) ## set up all that tests and checks need; with -j 2, side by side

.PHONY: clean
clean: ## remove the environments and everything built; not the local cloud's data
	rm -rf .venv .venv-sam .venv-ministack .venv-pip .venv-lock .venv-scan .venv-secure .venv-3.* tools/asl/node_modules tools/node-red/node_modules console/node_modules console/dist/python .aws-sam .localcloud-test* dist .mypy_cache .ruff_cache .pytest_cache

# --- Environments ---------------------------------------------------------------------------------------------------

# $(call environment,folder,options): an environment of the interpreter that tools/find_python names. One that is there
# and runs is kept, and what is missing or has another version is installed into it.
define environment
	@if $(1)/bin/python -c '' 2>/dev/null; then echo "Updating $(1)"; else \
		interpreter=$$(tools/find_python) && echo "Setting up $(1) with $$interpreter" && \
		rm -rf $(1) && "$$interpreter" -m venv $(2) $(1); fi
endef

$(PIP): tools/locks/pip.txt tools/find_python
	$(call environment,.venv-pip)
	@.venv-pip/bin/python -m pip install $(PIP_OPTIONS) $(LOCKED)/pip.txt
	@touch $@

$(DEV): $(PIP) pyproject.toml tools/locks/dev.txt tools/find_python
	$(call environment,.venv,--without-pip)
	@$(call pip_install,.venv) $(LOCKED)/dev.txt
	@$(call pip_install,.venv) --no-deps --no-build-isolation --editable .
	@touch $@

# For tools/pythons.
.venv-3.%/.complete: $(PIP) pyproject.toml tools/locks/test.txt tools/find_python
	$(call environment,.venv-3.$*,--without-pip)
	@$(call pip_install,.venv-3.$*) $(LOCKED)/test.txt
	@$(call pip_install,.venv-3.$*) --no-deps --no-build-isolation --editable .
	@touch $@

$(SAM) $(MINISTACK) $(LOCK) $(SCAN) $(SECURE): .venv-%/.complete: $(PIP) tools/locks/%.txt tools/find_python
	$(call environment,.venv-$*,--without-pip)
	@$(call pip_install,.venv-$*) $(LOCKED)/$*.txt
	@touch $@

$(ASL): tools/asl/package.json tools/asl/package-lock.json
	@command -v npm >/dev/null || { echo "npm was not found. Install Node.js 20 or newer: asl-validator needs it." >&2; exit 1; }
	@cd tools/asl && npm ci --silent
	@touch $@

$(NODE_RED): tools/node-red/package.json tools/node-red/package-lock.json
	@command -v npm >/dev/null || { echo "npm was not found. Install Node.js 20 or newer: Node-RED needs it." >&2; exit 1; }
	@cd tools/node-red && npm ci --silent
	@touch $@

$(CONSOLE): console/package.json console/package-lock.json
	@command -v npm >/dev/null || { echo "npm was not found. Install Node.js 20.19 or newer: the console is built with it." >&2; exit 1; }
	@cd console && npm ci --silent
	@touch $@

$(CONSOLE_FILES): $(CONSOLE) console/index.html console/vite.config.ts $(shell find console/src -type f)
	@cd console && npm run --silent build
	@touch $@
