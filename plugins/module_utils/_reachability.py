# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts the control node needs, and whether it can reach them. Private to the collection."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ansible_collections.m365.defender.plugins.module_utils._addresses import endpoint_of, is_loopback, proxy_of
from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS, Cloud
from ansible_collections.m365.defender.plugins.module_utils._description import Values
from ansible_collections.m365.defender.plugins.module_utils._http import check_ca
from ansible_collections.m365.defender.plugins.module_utils._reach import Reached, reach_each
from ansible_collections.m365.defender.plugins.module_utils._task import Glance

SERVICES = ("login", "graph", "exchange", "compliance", "defender", "portal", "sharepoint")
# A tenant's hosts in SharePoint begin with the name that its first domain has. [doc]
_INITIAL = re.compile(r"([a-z0-9-]+)\.(onmicrosoft\.(?:com|us)|partner\.onmschina\.cn)")
REMARKS = (
    "This says that the control node can talk to Microsoft's services. It says nothing of the network requirements of the article, which "
    "are products that run, nor of the addresses that devices need.",
    "The compliance host leads to one of its regions, whose name is told only to those who sign in: "
    "allow *.ps.compliance.protection.outlook.com or its like in other clouds.",
)


def hosts_of(cloud: Cloud, tenant: str, sharepoint: str) -> tuple[dict[str, str], dict[str, str]]:
    """The host of each service, and why there is none. tenant: a domain or an id. sharepoint: the tenant's name in SharePoint, if given."""
    hosts = {"login": cloud.login, **{service: cloud.host(service) for service in SERVICES[1:-1]}}
    missing = {service: "This cloud does not have it." for service, host in hosts.items() if not host}
    initial = _INITIAL.fullmatch(tenant.lower())
    name = sharepoint or (initial[1] if initial else "")
    if name:
        hosts["sharepoint"] = f"{name}-admin.{cloud.sharepoint}"
    else:
        missing["sharepoint"] = (
            "The tenant's name in SharePoint is not known: give sharepoint_name, or the onmicrosoft domain as tenant_id."
        )
    return {service: host for service, host in hosts.items() if host}, missing


def _shown(service: str, found: Reached) -> Values:
    return {
        "service": service,
        "host": found.host,
        "reached": not found.stage,
        "stage": found.stage,
        "reason": f"{found.host} {found.text}.",
        "remedy": found.hint,
        "status": found.status,
        "seconds": round(found.seconds, 2),
    }


def _do(params: Values) -> Values:
    endpoint = endpoint_of(params.get("endpoint"), bool(params["endpoint_trusted"]))
    proxy = proxy_of(params.get("proxy"))
    check_ca(params.get("ca_path"))
    hosts, missing = hosts_of(CLOUDS[params["cloud"]], str(params["tenant_id"]), str(params.get("sharepoint_name") or ""))
    wanted = params.get("services") or SERVICES
    asked = {service: host for service, host in hosts.items() if service in wanted}
    found = reach_each(
        list(dict.fromkeys(asked.values())),
        endpoint=endpoint,
        ca_path=params.get("ca_path"),
        proxy=proxy,
        seconds=float(params["seconds"]),
    )
    shown = [_shown(service, found[host]) for service, host in asked.items()]
    through = urlsplit(proxy or "")
    return {
        "changed": False,
        "reachability": {
            "reachable": all(one["reached"] for one in shown),
            "hosts": shown,
            "not_asked": [{"service": service, "reason": reason} for service, reason in missing.items() if service in wanted],
            "proxy": "" if is_loopback(endpoint) else through.netloc.rpartition("@")[2],  # without the name and the password in it
            "endpoint": endpoint,
            "remarks": list(REMARKS),
        },
    }


def _wrong(params: Values) -> list[str]:
    errors = []
    if not 1 <= params["seconds"] <= 60:
        errors.append(f"seconds must be between 1 and 60, not {params['seconds']}")
    if params.get("sharepoint_name") and not re.fullmatch(r"[a-z0-9-]+", str(params["sharepoint_name"]).lower()):
        errors.append("sharepoint_name must be the first part of name.sharepoint.com")
    return errors


REACHABILITY_INFO = Glance(
    "reachability_info",
    {
        "services": {"type": "list", "elements": "str", "choices": list(SERVICES)},
        "seconds": {"type": "int", "default": 5},
        "sharepoint_name": {"type": "str"},
    },
    _do,
    _wrong,
)
