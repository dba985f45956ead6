#!/bin/sh
# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints the first interpreter that can make a virtual environment for this project: Python 3.11 or newer with venv.
# A name that is found but does not run (the shims of version managers) is passed over. $PYTHON names one to take instead.

for name in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python3.14 /usr/bin/python3 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9].*/bin/python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
        command -v "$name"
        exit 0
    fi
    if [ -n "${PYTHON:-}" ]; then
        break
    fi
done
echo "No Python 3.11 or newer with the venv module was found${PYTHON:+ at $PYTHON}. Set PYTHON=/path/to/python3." >&2
exit 1
