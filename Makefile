# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   make demo    the four steps on an emulated tenant, from nothing
#   make test    every check there is
#
# Both make .venv with what they need and write nothing outside this checkout, but for pip's cache. PYTHON=... chooses the interpreter.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check install -c tests/constraints.txt
DEMO_PINS := requirements.txt requirements-emulator.txt tests/constraints.txt
TEST_PINS := $(DEMO_PINS) tests/requirements.txt tests/unit/requirements.txt
CHECKS := lint sanity ansible-lint docs package units integration molecule

.PHONY: help demo test $(CHECKS) clients format matrix pins build clean

help:
	@echo "make demo        run the four steps on two emulated tenants"
	@echo "make test        run every check: $(CHECKS)"
	@echo "make CHECK       run one of them (PYTEST_ARGS=... for units and integration)"
	@echo "make clients     Microsoft's own clients sign in to the emulated tenant (installs them below build; no part of make test)"
	@echo "make matrix      units and sanity on every Python and ansible-core found"
	@echo "make format      let ruff format and mend the code"
	@echo "make build       build the collection's archive into build/dist"
	@echo "make pins        resolve the requirement files anew into tests/constraints.txt"
	@echo "make clean       remove .venv and build"

demo: $(VENV)/demo
	@$(BIN)/python tools/demo.py $(DEMO_ARGS)

test: $(VENV)/test
	@$(BIN)/python tools/check.py

$(CHECKS): $(VENV)/test
	@$(BIN)/python tools/check.py $@

# Not a part of make test: what it installs has tens of thousands of files.
clients: $(VENV)/test
	@$(BIN)/python tools/clients.py
	@$(BIN)/pytest -q $(PYTEST_ARGS) tests/clients

matrix: $(VENV)/test
	@$(BIN)/python tools/matrix.py $(MATRIX_ARGS)

format: $(VENV)/test
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
	@$(BIN)/python tools/action_groups.py

build: $(VENV)/demo
	@$(BIN)/python tools/package.py

pins: $(VENV)/test
	@$(BIN)/python tools/pins.py

clean:
	rm -rf $(VENV) build

# An environment whose interpreter is gone is made anew.
$(VENV)/demo: $(DEMO_PINS)
	@$(BIN)/python -c "" 2> /dev/null || { python=$$(tools/python.sh) && echo "Making $(VENV) with $$python" && "$$python" -m venv --clear $(VENV); }
	@echo "Installing what the demonstration needs"
	@$(PIP) -r requirements.txt -r requirements-emulator.txt ansible-core
	@touch $@

$(VENV)/test: $(VENV)/demo $(TEST_PINS)
	@echo "Installing what the tests need"
	@$(PIP) -r tests/requirements.txt
	@touch $@
