# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the products run that automated investigation leans on: Defender for Identity, Cloud Apps and Office 365.

For each the surest evidence counts: its own list or data, then the portal, and where there is neither it is unknown and why. Only a licence
that is missing, an empty list of sensors, or the portal can prove that one is off.
"""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._clouds import NOT_IN_CLOUD
from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import folded
from ansible_collections.m365.defender.plugins.module_utils.readers._identity import HEALTH, SENSORS, absent, lacking, said
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import plans_of, products_of
from ansible_collections.m365.defender.plugins.module_utils.readers._workloads import (
    active,
    context_of,
    identity,
    licensed,
    shown,
    unlicensed,
)

CONTEXT = Ask("portal", Query("tenant_context"))
SKUS = Ask("graph", Query("subscribedSkus"))
# Cloud Apps has no list of its own. Its table of hunting has a row for everything that happens in an app that is connected. [recall]
EVENTS = Ask("graph", Query("security/runHuntingQuery", (("Query", "CloudAppEvents | take 1"), ("Timespan", "P7D"))))
# Its cmdlets are offered only where Defender for Office 365 is there. [code] CIPP
OFFICE = Ask("exchange", Query("AtpPolicyForO365"))
CLOUD_APPS_LINK = "https://security.microsoft.com/cloudapps/settings"  # [recall]
OFFICE_LINK = "https://security.microsoft.com/threatpolicy"  # [recall]
INTEGRATION = "identity_cloud_apps_integration"


def _products(answers: Answers) -> Values | None:
    skus = answers[SKUS]
    return None if isinstance(skus, TenantError) else products_of(plans_of(skus))


def further(options: Values, answers: Answers) -> tuple[Ask, ...]:
    """What is worth asking only where a licence brings it, or nobody knows."""
    products = _products(answers)
    asks = [EVENTS] if licensed(products, "defender_for_cloud_apps") is not False else []
    return (*asks, OFFICE) if licensed(products, "defender_for_office_365") is not False else tuple(asks)


def _cloud_apps(answers: Answers, products: Values | None, word: bool | None) -> Values:
    workload, link = "defender_for_cloud_apps", CLOUD_APPS_LINK
    if licensed(products, workload) is False:
        return {**unlicensed(workload), "remedy": "Get a licence that brings it.", "link": link}
    events = answers[EVENTS]
    if not isinstance(events, TenantError) and events:
        return {**said("on", "Advanced hunting has events of connected apps of the last seven days."), "remedy": "", "link": link}
    if isinstance(events, TenantError) and absent(events):
        return lacking(events)
    if word is not None:
        remedy = "" if word else f"Open its settings once and connect apps: {link}"
        return {**shown(workload, word), "remedy": remedy, "link": link}
    if not isinstance(events, TenantError):
        reason = "Advanced hunting has its table, but no event of the last seven days: no app may be connected."
    elif events.status == 400 and "resolve table" in folded(events.text):
        # That a table is missing with its workload is not documented for certain. [recall]
        reason = "Advanced hunting has no table CloudAppEvents, so it is probably not set up; no supported API proves it."
    else:
        reason = f"No supported API shows whether it is set up. {events.message}"
    return {**said("unknown", reason), "remedy": f"See whether Defender for Cloud Apps is set up: {link}", "link": link}


def _office(answers: Answers, products: Values | None, word: bool | None) -> Values:
    workload, link = "defender_for_office_365", OFFICE_LINK
    if licensed(products, workload) is False:
        return {**unlicensed(workload), "remedy": "Get a licence that brings it.", "link": link}
    found = answers[OFFICE]
    if not isinstance(found, TenantError):
        return {**said("on", "Exchange Online offers its settings."), "remedy": "", "link": link}
    if word is not None:
        return {**shown(workload, word), "remedy": "" if word else f"See its policies: {link}", "link": link}
    return {
        **said("unknown", found.message),
        "remedy": f"Mend that, or look at the policies of Defender for Office 365: {link}",
        "link": link,
    }


def _integration(identity: Values, cloud_apps: Values) -> Values:
    """The article's third line. No API shows it, and the toggles among Endpoint's advanced features are not it. [doc]"""
    off = [name for name, one in (("Identity", identity), ("Cloud Apps", cloud_apps)) if one["state"] == "off"]
    if off:
        reason = f"Defender for {' and '.join(off)} {'is' if len(off) == 1 else 'are'} off, so nothing can be integrated."
        return {**said("off", reason), "remedy": "Set both up first.", "link": CLOUD_APPS_LINK, "attestable": False}
    lacks = next((one for one in (identity, cloud_apps) if one["state"] == NOT_IN_CLOUD), None)
    if lacks:
        return {**said(NOT_IN_CLOUD, lacks["reason"]), "remedy": "", "link": "", "attestable": False}
    reason = "No API shows whether Defender for Identity is integrated with Defender for Cloud Apps; the portal does, to a person."
    remedy = f"Look at the settings of Cloud Apps, and say in an attestation what you saw: {CLOUD_APPS_LINK}"
    return {**said("unknown", reason), "remedy": remedy, "link": CLOUD_APPS_LINK, "attestable": True}


def _answer(options: Values, answers: Answers) -> Values:
    products = _products(answers)
    context = context_of(answers)
    of_identity = identity(answers, products, context)
    cloud_apps = _cloud_apps(answers, products, active(context, "defender_for_cloud_apps"))
    return {
        "workloads": {
            "defender_for_identity": of_identity,
            "defender_for_cloud_apps": cloud_apps,
            "defender_for_office_365": _office(answers, products, active(context, "defender_for_office_365")),
            INTEGRATION: _integration(of_identity, cloud_apps),
        },
        "portal_unknown_because": context.message if isinstance(context, TenantError) else "",
    }


WORKLOAD_INFO = Reader(
    kind="workload_info",
    asks=lambda options: (SKUS, Ask("graph", Query(SENSORS)), Ask("graph", Query(HEALTH)), CONTEXT),
    answer=_answer,
    further=further,
)
