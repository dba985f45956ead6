# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the tests find the collection: as `ansible_collections.m365.defender`, live, in pytest and in the programs that tests start."""

from __future__ import annotations

import os

from ansible.plugins.loader import init_plugin_loader

from tools.workspace import BUILD, environment, link_tree

# Done on import, because test files import the collection while they are collected.
os.environ.update(environment())
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(BUILD / "hypothesis")
init_plugin_loader([str(link_tree())])
