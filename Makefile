# make app: the dashboard. make test: the tests for daily work; make test-browser, test-slow and
# test-frames: those that take long; make test-all: all of them. Each sets up what is missing once.
PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin

.PHONY: app test test-browser test-slow test-frames test-all check check-js zoo report clean

app: .venv/app-installed
	@$(BIN)/python -c 'import socket, sys; sys.exit(socket.socket().connect_ex(("127.0.0.1", $(PORT))) == 0)' \
	  || (echo "Port $(PORT) is in use, perhaps by another dashboard: stop that one, or choose another with make app PORT=8502."; exit 1)
	$(BIN)/streamlit run app.py --server.port $(PORT)

# The runs of zoo.toml, in order, at low priority; make zoo HOURS=3 stops after three hours, saved.
zoo: .venv/app-installed
	$(BIN)/python -m betavae_core zoo $(if $(HOURS),--hours $(HOURS))

# docs/reproduction.md from the runs that are here; a test fails if it is older than they are.
report: .venv/app-installed
	$(BIN)/python -m betavae_core report

# One thread per test, so two at a time.
test: check
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile --ignore tests/browser

# The pages as a visitor sees them, one test at a time, since frames per second are measured.
test-browser: .venv/chromium-installed
	$(BIN)/python -m pytest -m "not slow" tests/browser

# What takes long: whole sweeps that are killed, fuzzing, every page after every other.
test-slow: .venv/dev-installed
	$(BIN)/python -m pytest -m slow -n 2 --dist loadfile --ignore tests/browser

# The rest of what is driven in a browser, frames per second of the largest decoder among it.
test-frames: .venv/chromium-installed
	$(BIN)/python -m pytest -m slow tests/browser

test-all: test test-browser test-slow test-frames

check: .venv/dev-installed check-js
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Types and style of the JavaScript, where Node is; the dashboard needs no Node.
check-js: node_modules/installed
	@if test -e $<; then echo "tsc and eslint"; node_modules/.bin/tsc && node_modules/.bin/eslint .; fi

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/app-installed: requirements.txt | .venv/bin/python
	$(BIN)/pip install -r requirements.txt
	@touch $@

.venv/dev-installed: requirements.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install -r requirements-dev.txt
	@touch $@ .venv/app-installed

node_modules/installed: package.json package-lock.json
	@if ! command -v npm > /dev/null; then \
	  echo "The JavaScript is not checked: Node is not installed."; \
	elif npm ci --engine-strict --no-audit --no-fund --fetch-retries 1 --silent; then touch $@; \
	else rm -f $@; echo "The JavaScript is not checked: its tools could not be installed (npm ci says why)."; fi

# One on PATH, else the system's package manager, else Playwright's own.
.venv/chromium-installed: | .venv/dev-installed
	@command -v chromium || command -v chromium-browser || command -v google-chrome \
	  || (apt-get update -qq && apt-get install -y -qq chromium) \
	  || $(BIN)/playwright install --with-deps chromium \
	  || $(BIN)/playwright install chromium
	@touch $@

clean:
	rm -rf .venv node_modules .pytest_cache .mypy_cache .ruff_cache
