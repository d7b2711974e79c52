# Two commands matter: `make demo` shows it, `make test` proves it. Nothing but Python 3.11 or newer is presumed.
PYTHON ?= python3
BIN    := .venv/bin
PORT   ?= 8710

.PHONY: demo test test-long check format openapi lock clean

demo: .venv/ready client     ## set up, create the sample workspace, serve it on loopback, print a signed-in link
	$(BIN)/strongroom demo --port $(PORT)

test: check                  ## everything that this machine can run; says what it skipped and why
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -rs -m "not long"

check: .venv/ready client    ## format, lint, types, import contracts, the client's types and unit tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python hatch_build.py check

test-long: .venv/ready client ## the long programmes too, and whole
	STRONGROOM_LONG=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -rs

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

client: .venv/ready          ## build the web client where its sources changed
	$(BIN)/python hatch_build.py build

openapi: .venv/ready         ## write the committed description of the API and the client's types from it
	$(BIN)/strongroom openapi > openapi.json
	$(BIN)/python hatch_build.py types

lock: .venv/ready            ## renew the lock files; they name no index
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header -o requirements/base.txt pyproject.toml
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --group dev -o requirements/dev.txt pyproject.toml

clean:
	rm -rf .venv ui/node_modules src/strongroom/web/static .cache

.venv/ready: requirements/dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Strongroom needs Python 3.11 or newer; this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	touch $@
