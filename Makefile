# make start  set everything up, make the data if there are none, open the course in JupyterLab
# make demo   set everything up, make the embedded data, run the six lessons, write scorecard and report
# make gallery  put all figures of the demo's lessons on one page
# make test   set everything up, run the tests in three processes (many of them wait); 'make test WORKERS=0' runs them in one
# make test-quick   the tests that need neither pipeline products nor sandbox nor browser: the edit loop
# Everything lives in .venv and work/; 'make clean' removes both.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
WORKERS := 3
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
# A hundred processes import the package: let the first one keep it compiled, also where the shell says not to.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup start demo gallery test test-quick lint lock clean
setup: $(VENV)/.installed

# The first interpreter that starts and is 3.11, 3.12 or 3.13.
$(VENV)/.installed: requirements.lock pyproject.toml
	@set -e; found=; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
	  then found=$$python; break; fi; done; \
	if [ -z "$$found" ]; then echo "mrskit needs Python 3.11, 3.12 or 3.13 with venv; found: $$(python3 --version 2>&1). Install one, or run 'make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)'."; exit 1; fi; \
	echo "Setting up $(VENV) with $$($$found --version) (a few minutes, once)"; \
	$$found -m venv --clear $(VENV); \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .; \
	touch $@

start: setup
	@$(BIN)/mrskit start

demo: setup
	$(BIN)/mrskit demo --workspace work/demo

gallery: setup
	@$(BIN)/python scripts/gallery.py work/demo

test: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-quick: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q -m "not pipeline and not programs"

lint: setup
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

lock: setup
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) work
