# Every target installs what it needs into .venv on first use.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STATE ?= state
INSTALLED := $(VENV)/.installed

.PHONY: demo test slow chaos kill-points fuzz bench up cluster lint format proto lock clean

## demo: start the service with embedded defaults, train on real data, show the result, stop
demo: $(INSTALLED)
	@BIN=$(BIN) STATE=$(STATE) bash examples/demo.sh

## test: the whole suite, on two processes, since much of it waits
test: $(INSTALLED) $(VENV)/.chromium $(VENV)/.typescript
	$(BIN)/python -m pytest -n 2 --dist loadfile

## slow: the proofs that take minutes each
slow: $(INSTALLED) $(VENV)/.typescript $(VENV)/.slurm $(VENV)/.redis
	$(BIN)/python -m pytest -m slow

## chaos: jobs while everything around them is killed at random, for eight minutes. CHAOS_SEED=n repeats an order
chaos: $(INSTALLED)
	$(BIN)/python -m pytest -m chaos -s tests/chaos

## kill-points: kill -9 before every statement of submit, finish and publication; `make slow` tries each fifth
kill-points: $(INSTALLED)
	KILL_POINT_STRIDE=1 $(BIN)/python -m pytest -m slow -k "two_statements" tests/integration

## fuzz: hostile requests on every call, N of them; SEED=n repeats a run
fuzz: $(INSTALLED)
	FUZZ=$(or $(N),100000) $(if $(SEED),SEED=$(SEED)) $(BIN)/python -m pytest -m slow -s tests/fuzz

## bench: measure against named peers; writes bench.json. ONLY=name runs one
bench: $(INSTALLED)
	$(BIN)/python -m tests.benchmarks $(if $(ONLY),--only $(ONLY))

## up: start the service and stay in the foreground
up: $(INSTALLED)
	$(BIN)/trainwright-server

## cluster: start a Ray with dashboard and Jobs API on this machine, its token on; Ctrl-C ends it
cluster: $(INSTALLED)
	$(BIN)/python -m cluster --state $(STATE)/cluster

## lint: style, types, layers, contract
lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd proto && ../$(BIN)/buf lint
	cd proto && ../$(BIN)/buf breaking --against '../.git#branch=main,subdir=proto'

## format: rewrite the sources in the house style
format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## proto: generate the client stubs from proto/
proto:
	proto/generate.sh

## lock: exact versions of what the container image has, for Linux x86_64, from what pyproject.toml allows today
IMAGE := cluster/deploy/image
LOCK := $(BIN)/uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock: $(INSTALLED)
	$(LOCK) $(IMAGE)/requirements.in -o $(IMAGE)/requirements.lock --no-emit-package trainwright --no-emit-package trainwright-server
	$(LOCK) $(IMAGE)/requirements-cuda.in -o $(IMAGE)/requirements-cuda.lock -c $(IMAGE)/requirements.lock

## clean: remove everything that is not in the repository
clean:
	rm -rf $(VENV) .venv-proto $(STATE) out bench.json

# uv resolves in seconds what takes pip minutes. It reads no settings of pip's; where pip is told of wheels for this machine,
# such as a torch without several GB of CUDA, uv is told as well.
$(INSTALLED): pyproject.toml clients/python/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	VIRTUAL_ENV=$(VENV) UV_FIND_LINKS="$(PIP_FIND_LINKS)" $(BIN)/uv pip install --quiet -e 'clients/python[cli,pandas,yaml]' -e '.[dev]'
	@touch $@

# A head that comes back needs a real Redis: the machine's, or Debian's package where it can be installed.
$(VENV)/.redis: $(INSTALLED)
	@command -v redis-server >/dev/null || { apt-get update -qq && apt-get install -y -qq redis-server >/dev/null; } \
		|| echo "No redis-server: the test of a lost head will be skipped. Install it to run it."
	@touch $@

# The report is tested in a real browser: the machine's Chromium, or Debian's package where it can be installed.
$(VENV)/.chromium: $(INSTALLED)
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
		|| echo "No chromium: the browser tests will be skipped. Install it to run them."
	@touch $@

# The TypeScript client is tested where there is node.
$(VENV)/.typescript: $(INSTALLED) clients/typescript/package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --prefix clients/typescript; \
		else echo "No node: the TypeScript client will not be tested. Install it to test it."; fi
	@touch $@

# The batch script is tested on a real Slurm: the machine's, or Debian's packages where they can be installed.
$(VENV)/.slurm: $(INSTALLED)
	@command -v slurmctld >/dev/null || { apt-get update -qq && apt-get install -y -qq slurm-wlm munge >/dev/null; } \
		|| echo "No Slurm: its tests will be skipped. Install slurm-wlm and munge to run them."
	@touch $@
