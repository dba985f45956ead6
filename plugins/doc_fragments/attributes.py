# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules can be relied on for: the standard fragment, and with it one of the others. Private to the collection."""

from __future__ import annotations


class ModuleDocFragment:
    # Every module
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Runs in check mode without writing anything.
  diff_mode:
    description: Returns what differs when the task runs in diff mode.
  idempotent:
    description: Changes nothing, and says so, when everything already is as it should be.
  action_group:
    description: Connection options can be set once for all modules with C(module_defaults).
    support: full
    details:
      - Use C(group/m365.defender.tenant) in C(module_defaults).
    membership:
      - m365.defender.tenant
  action:
    description: Has an action plugin of the same name, which does the work within the controller.
    support: full
    details:
      - Nothing is copied to the host and no connection to it is made. The variable C(m365_run_as) set to V(module) has the module run
        on the host instead, for example on a jump host.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
    details:
      - A task with C(async) runs as a module on the host.
  platform:
    description: Where the work can be done.
    support: full
    platforms: posix
"""

    # A module that writes
    WRITES = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - Check mode predicts exactly what a real run does, because both make the same plan from the same reading and a real run then
        carries it out.
  diff_mode:
    support: full
    details:
      - The diff shows the options that were given, before and after. What was left out of the task is not part of it.
  idempotent:
    support: full
"""

    # A module that only reads
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module only reads.
  diff_mode:
    support: none
    details:
      - This module only reads.
  idempotent:
    support: full
    details:
      - This module only reads.
"""
