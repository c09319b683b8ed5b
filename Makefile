# accessmap: `make map` writes the map of Central Asia, `make test` runs every check.
# Both build what they need in .venv beside this file; nothing else on the machine is touched, but that `make test`
# run by root installs missing Debian packages (a browser for the tests of the page, see .ci/prepare).

ROOT := $(shell cd "$$(dirname "$(strip $(MAKEFILE_LIST))")" && pwd -P)

ifneq ($(CURDIR),$(ROOT))
# Started from another folder: go home first.
.PHONY: map test lint bench clean
map test lint bench clean:
	@$(MAKE) --no-print-directory -C "$(ROOT)" $@
else

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install -c constraints.txt
# Whatever decides what gets installed; a change of any renews the environment.
GROUND := pyproject.toml constraints.txt

.PHONY: help map test lint bench clean
.DELETE_ON_ERROR:

help:
	@echo 'make map    write access-map.html, the interactive map of Central Asia'
	@echo 'make test   install what the tests need, then lint, types, floors, tests'
	@echo 'make lint   the same without the tests'
	@echo 'make bench  measure the speed, print a table (docs/benchmarks.md)'
	@echo 'make clean  remove what these made'

map: $(VENV)/.map-ready
	@$(BIN)/accessmap map -o "$(CURDIR)/access-map.html"

test: lint $(VENV)/.test-ready
	@.ci/prepare $(BIN)/python chromium firefox java postgresql
	$(BIN)/python -m pytest -n logical --maxprocesses=4 --dist loadgroup

lint: $(VENV)/.test-ready
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.bench-ready
	$(BIN)/python -m benchmarks -o docs/benchmarks.md

clean:
	rm -rf $(VENV) access-map.html dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment that was moved, or whose Python is gone, is built anew.
$(VENV)/.made: FORCE
	@.ci/environment $(VENV)

FORCE:

$(VENV)/.map-ready: $(VENV)/.made $(GROUND)
	@echo 'installing accessmap and what it needs into $(VENV) (once)'
	@$(PIP) --editable .
	@touch $@

$(VENV)/.test-ready: $(VENV)/.made $(GROUND)
	@echo 'installing accessmap and what its tests need into $(VENV) (once)'
	@$(PIP) --editable '.[test]'
	@touch $(VENV)/.map-ready $@

$(VENV)/.bench-ready: $(VENV)/.made $(GROUND)
	@echo 'installing accessmap and what its benchmarks need into $(VENV) (once)'
	@$(PIP) --editable '.[bench]'
	@touch $@

endif
