# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The face of a module: the only file that knows AnsibleModule. Private to the collection."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.m365.defender.plugins.module_utils._description import Description
from ansible_collections.m365.defender.plugins.module_utils._reader import Reader
from ansible_collections.m365.defender.plugins.module_utils._task import Glance, Work, perform, work_of


def environment(*names: str) -> Any:
    """The first of these environment variables that says something: an empty one counts as not given."""
    return env_fallback(*(name for name in names if os.environ.get(name)))


def run(value: Description | Reader | Work | Glance) -> None:
    """Runs a module: validates, works, answers."""
    work = work_of(value)
    module = AnsibleModule(argument_spec=work.spec(environment), supports_check_mode=True)
    result = perform(work, module.params, check=module.check_mode, diff=module._diff, nobody="a module has no terminal")
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
