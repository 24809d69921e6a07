# Every target installs what it needs into .venv on first use.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STATE ?= state
INSTALLED := $(VENV)/.installed

.PHONY: demo test slow bench up cluster lint format proto clean

## demo: start the service with embedded defaults, train on real data, show the result, stop
demo: $(INSTALLED)
	@BIN=$(BIN) STATE=$(STATE) bash examples/demo.sh

## test: the whole suite, on two processes, since much of it waits
test: $(INSTALLED) $(VENV)/.chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile

## slow: the proofs that take minutes each
slow: $(INSTALLED) $(VENV)/.redis
	$(BIN)/python -m pytest -m slow

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
