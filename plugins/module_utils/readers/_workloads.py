# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What licences and the portal say of a workload of Defender XDR. Pure; private to the collection."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers
from ansible_collections.m365.defender.plugins.module_utils._resource import Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import rows_of
from ansible_collections.m365.defender.plugins.module_utils.readers._identity import HEALTH, SENSORS, identity_of, said

# Of each workload the member of TenantContext [live] and its name. Workloads are called as `products_of` calls what licences bring.
MEMBERS = {
    "defender_for_endpoint": ("IsMdatpActive", "Defender for Endpoint"),
    "defender_for_office_365": ("IsOatpActive", "Defender for Office 365"),
    "defender_for_identity": ("IsMdiActive", "Defender for Identity"),
    "defender_for_cloud_apps": ("IsMapgActive", "Defender for Cloud Apps"),
}


def context_of(answers: Answers) -> Row | TenantError:
    """The portal's TenantContext."""
    answer = rows_of(answers, "portal", "tenant_context")
    if isinstance(answer, TenantError):
        return answer
    return answer[0] if answer else {}


def licensed(products: Values | None, workload: str) -> bool | None:
    """Whether a licence brings it; None where the licences could not be read."""
    return None if products is None else products[workload] not in ("none", False)


def active(context: Row | TenantError, workload: str) -> bool | None:
    """What the portal says of it; None where there is no session or no such member."""
    word = None if isinstance(context, TenantError) else context.get(MEMBERS[workload][0])
    return word if isinstance(word, bool) else None


def unlicensed(workload: str) -> Values:
    """Without a licence it is off."""
    return said("off", f"No licence brings {MEMBERS[workload][1]}.")


def shown(workload: str, word: bool) -> Values:
    """On or off, as the portal shows it."""
    return said("on" if word else "off", f"The portal shows {MEMBERS[workload][1]} as {'active' if word else 'not active'}.", "portal")


def identity(answers: Answers, products: Values | None, context: Row | TenantError) -> Values:
    """Defender for Identity, by its sensors first."""
    workload = "defender_for_identity"
    sensors, issues = rows_of(answers, "graph", SENSORS), rows_of(answers, "graph", HEALTH)
    return identity_of(sensors, issues, licensed(products, workload), active(context, workload))
