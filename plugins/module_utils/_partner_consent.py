# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Consent in a customer's tenant, given by the partner: what the partner's people may do there through an app. Private to the collection.

Partner Center gives and withdraws it [doc], and can't be asked what there is. Therefore the customer's directory is: an app that has no
consent there is refused its token, with a number that says so. [recall]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.m365.defender.plugins.module_utils._app_access import GUID
from ansible_collections.m365.defender.plugins.module_utils._converging import Aim, hunk, reach
from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Plan, Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused, SignInFailed
from ansible_collections.m365.defender.plugins.module_utils._principals import API_QUERIES, APIS, PERMISSIONS_SPEC, look, principal
from ansible_collections.m365.defender.plugins.module_utils._secrets import scrubbed
from ansible_collections.m365.defender.plugins.module_utils._task import Work, ledger_of
from ansible_collections.m365.defender.plugins.module_utils._tenant import Tenant

KIND = "partner_consent"
SERVICE = "partner"
NO_CONSENT = ("AADSTS700016", "AADSTS65001")
TWICE = re.compile(r"permission entry already exists", re.IGNORECASE)  # [code] CIPP


@dataclass(frozen=True)
class Consent:
    """What the customer's directory says. scopes: the delegated permissions by API, None when there is no consent at all."""

    scopes: Mapping[str, list[str]] | None


def read_consent(tenant: Tenant, app_id: str) -> Consent:
    """What an app was given in the tenant. Raises TenantError for anything but a refusal that says that there is no consent."""
    own = principal(app_id)
    try:
        first = look(tenant, (own, *API_QUERIES.values()), (own, *API_QUERIES.values()))
    except SignInFailed as error:
        if error.code in NO_CONSENT:
            tenant.renew("graph")  # so that the next look is one
            return Consent(None)
        raise
    if not first[own]:
        return Consent(None)
    grants = Query("oauth2PermissionGrants", (("$filter", f"clientId eq '{first[own][0]['id']}'"),))
    apis = {str(first[query][0]["id"]): api for api, query in API_QUERIES.items() if first[query]}
    scopes: dict[str, set[str]] = {}
    for row in look(tenant, (grants,))[grants]:
        if row.get("consentType") == "AllPrincipals":  # that of single people is theirs
            scopes.setdefault(_api(row, apis), set()).update(str(row.get("scope") or "").split())
    return Consent({api: sorted(names) for api, names in sorted(scopes.items()) if names})


def _api(row: Row, apis: Mapping[str, str]) -> str:
    return apis.get(str(row.get("resourceId")), str(row.get("resourceId")))


def plan_consent(options: Values, customer: str, state: Consent) -> Plan:
    """What has to be done: a consent is given as a whole, so that a different one is withdrawn first. [code] CIPP"""
    app_id = options["app_id"]
    before = shown(state)
    withdrawal = Operation("Remove", "applicationConsent", app_id, (customer, app_id))
    there = bool(state.scopes)
    if options["state"] == "absent":
        return Plan((before,), ({"present": False, "scopes": {}},), (withdrawal,) if there else ())
    wanted = {api: sorted(set(names)) for api, names in sorted(options["scopes"].items()) if names}
    after = {"present": True, "scopes": wanted}
    if there and state.scopes == wanted:
        return Plan((before,), (after,), ())
    grants = [{"EnterpriseApplicationId": APIS[api][0], "Scope": ",".join(names)} for api, names in wanted.items()]
    consent = Operation("New", "applicationConsent", app_id, customer, {"ApplicationId": app_id, "ApplicationGrants": grants})
    return Plan((before,), (after,), (withdrawal, consent) if there else (consent,))


def shown(state: Consent) -> Values:
    return {"present": bool(state.scopes), "scopes": dict(state.scopes or {})}


class _Partner:
    """The partner's side, which is reached only when something is written. there: consents that were there already."""

    def __init__(self, customer: Tenant, params: Values) -> None:
        self._customer = customer
        self._params = {**params, "tenant_id": params["partner_tenant_id"]}
        self._tenant: Tenant | None = None
        self.there: list[str] = []

    def do(self, operation: Operation) -> str:
        if self._tenant is None:
            self._tenant = Tenant(self._params, wait=self._customer.wait)
        try:
            request_id = self._tenant.store(SERVICE).do(operation)
        except Refused as error:
            if operation.verb != "New" or not TWICE.search(error.text):
                raise
            self.there.append(str(operation))
            request_id = error.request_id
        self._customer.renew("graph")  # a token from before says what was allowed before
        return request_id

    def close(self) -> tuple[str, ...]:
        """Ends it, adds its requests to the customer's, and returns the secrets that it had to do with."""
        if self._tenant is None:
            return ()
        for name, count in self._tenant.counts.items():
            self._customer.counts[name] += count
        self._tenant.close()
        return self._tenant.secrets


def _do(tenant: Tenant, params: Values, check: bool, diff: bool) -> Values:
    app_id = str(params.get("app_id") or params.get("client_id") or "").strip().lower()
    options = {**params, "app_id": app_id}
    partner = _Partner(tenant, params)
    secrets: tuple[str, ...] = ()
    try:
        aim = Aim(KIND, lambda: read_consent(tenant, app_id), lambda state: plan_consent(options, tenant.id, state), partner.do)
        reached = reach(tenant, aim, ledger_of(tenant, params), check=check)
    finally:
        secrets = partner.close()
    done = [text for text in reached.done if text not in partner.there]
    (after,) = reached.plan.after
    changed = bool(reached.plan.operations) if check else bool(done)
    result: Values = {
        "changed": changed,
        "operations": [str(one) for one in reached.plan.operations] if check else done,
        "consent": after if check else shown(reached.state),
    }
    if diff:
        result["diff"] = [hunk(f"{KIND} {app_id}", reached.plan)] if changed else []
    return dict(scrubbed(result, secrets))


def _wrong(options: Values) -> list[str]:
    found = []
    if not GUID.fullmatch(str(options.get("app_id") or options.get("client_id") or "").strip()):
        found.append("app_id must be the application (client) id, a GUID")
    scopes = {api: names for api, names in (options.get("scopes") or {}).items() if names}
    if options.get("state") != "absent" and not scopes:
        found.append("scopes must name at least one delegated permission")
    bad = sorted(name for names in scopes.values() for name in names if not re.fullmatch(r"[\w.-]+", name))
    found += [f"scopes: {name} is no name of a permission" for name in bad]
    if options.get("state") == "absent" and scopes:
        found.append("state absent withdraws the whole consent: leave scopes out")
    return found


PARTNER_CONSENT = Work(
    KIND,
    {
        "partner_tenant_id": {"type": "str", "required": True},
        "app_id": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "scopes": PERMISSIONS_SPEC,
    },
    _do,
    _wrong,
)
