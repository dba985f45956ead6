# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cmdlets of Exchange that the collection uses, found in its own descriptions. Pure; private to the collection.

A role group for applications is given them, and a caller is judged by them. Those of Security & Compliance are none of these.
"""

from __future__ import annotations

from collections.abc import Collection

from ansible_collections.m365.defender.plugins.module_utils._description import Description
from ansible_collections.m365.defender.plugins.module_utils._entries import EntryLists
from ansible_collections.m365.defender.plugins.module_utils._presets import Presets
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import Life, Part, Resource

# Kinds that the service offers with Defender for Office 365 only. [code] CIPP asks for the plan before it calls these cmdlets.
OFFICE = ("safe_attachment_policy", "safe_links_policy", "atp_policy_for_o365", "built_in_protection")
# By plan, the kinds that nobody is asked to be able to write without it; whether the service offers them all the same is not known.
PLANS = ("none", "plan1", "plan2")
BROUGHT_BY = {**dict.fromkeys((*OFFICE, "teams_protection_policy"), "plan1"), "email_tenant_settings": "plan2"}
# Besides the policies: what tells for whom they are, Microsoft's own comparison, and the one switch that some changes need at first.
DOMAINS, ANALYZER = "Get-AcceptedDomain", "Get-ConfigAnalyzerPolicyRecommendation"
CUSTOMIZED, CUSTOMIZE = "Get-OrganizationConfig", "Enable-OrganizationCustomization"


def used_cmdlets(access: str) -> list[str]:
    """All of them, for a role group that holds no others. access: write includes read."""
    found = {DOMAINS, ANALYZER, CUSTOMIZED} | _of("read", "plan2")
    return sorted(found | (_of("write", "plan2") | {CUSTOMIZE} if access == "write" else set()))


def decisive_cmdlets(access: str, plan: str | None, offered: Collection[str]) -> list[str]:
    """Those that a caller has to be offered for reading alone or for writing alone, as far as its tenant has them.

    plan: of Defender for Office 365; where it is not told, a tenant has the first if any cmdlet of it is offered. offered: folded names.
    Security Reader reads every policy, yet not the settings of the organization [code], and no step needs these.
    """
    if plan is None:
        told = {name.lower() for kind in OFFICE for name in _of_kind(RESOURCES[kind], access, licensed=True)}
        plan = "plan1" if told & set(offered) else "none"
    return sorted(_of(access, plan) | ({DOMAINS} if access == "read" else set()))


def _of(access: str, plan: str) -> set[str]:
    has = PLANS[: PLANS.index(plan) + 1]
    kinds = [kind for name, kind in RESOURCES.items() if kind.service == "exchange" and BROUGHT_BY.get(name, "none") in has]
    return {name for kind in kinds for name in _of_kind(kind, access, licensed=plan != "none")}


def _of_kind(kind: Description, access: str, *, licensed: bool) -> set[str]:
    without = {rule.noun for rule in kind.rules if rule.licensed and not licensed} if isinstance(kind, Presets) else set()
    if access == "read":
        brought = {query.noun for name in BROUGHT_BY for query in RESOURCES[name].queries} if not licensed else set()
        return {f"Get-{query.noun}" for query in kind.queries if query.noun not in without | brought}
    return {name for name in _writing(kind) if name.partition("-")[2] not in without}


def _writing(kind: Description) -> set[str]:
    if isinstance(kind, EntryLists):
        return {f"{verb}-{kind.noun}" for verb in ("New", "Set", "Remove")}
    if isinstance(kind, Presets):
        rules = {f"{verb}-{rule.noun}" for rule in kind.rules for verb in ("New", "Set", "Enable", "Disable")}
        return {*rules, f"Set-{kind.lists_on}"}
    return {f"{verb}-{part.noun}" for part in kind.parts for verb in _verbs(part)} if isinstance(kind, Resource) else set()


def _verbs(part: Part) -> tuple[str, ...]:
    made = () if part.life is Life.FIXED else ("New",) if part.lasting else ("New", "Remove")
    return ("Set", *made, *(("Enable", "Disable") if part.switched else ()))
