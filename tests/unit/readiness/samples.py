# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of tasks as the report gets them, for tenants of every sort."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden
from ansible_collections.m365.defender.plugins.module_utils._readiness.attestable import Attestation
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import STEPS

FINE = {"changed": False, "operations": []}
ALERT = "A potentially malicious URL click was detected"
# What no API shows of step 1, so that the rest of it decides.
INTEGRATED = {
    "identity_cloud_apps_integration": Attestation("identity_cloud_apps_integration", "on", "Kim", "2026-11-02", "2027-02-01", "CHG-1")
}


SKIPPED = {"changed": False, "skipped": True, "skip_reason": "Conditional result was False"}


def licenses(endpoint="plan2", office="plan2", identity=True, cloud_apps=True, xdr=True, exchange=True, missing=()):
    products = {
        "defender_for_endpoint": endpoint,
        "defender_for_office_365": office,
        "defender_for_identity": identity,
        "defender_for_cloud_apps": cloud_apps,
        "defender_xdr": xdr,
        "exchange_online": exchange,
    }
    air = {"qualifies": not missing, "line": "" if missing else "Microsoft 365 E5", "missing": [], "missing_products": list(missing)}
    return {"changed": False, "licenses": {"products": products, "air": air, "skus": [], "service_plans": [], "remarks": []}}


NO_LICENCES = licenses(
    "none", "none", False, False, False, False, missing=("Microsoft Defender for Identity", "Microsoft Defender for Cloud Apps")
)


def failed(error=None, **more):
    error = error or Forbidden("the permission is missing", tried="Reading machines", hint="Grant Machine.Read.All.")
    return {"failed": True, "changed": False, "msg": error.message, "failure": error.failure, **more}


def devices(enough=True, counted=10, ready=10, groups=None, **changed):
    summary = {
        "counted": counted,
        "ready": ready,
        "unknown": 0,
        "percent": 100 * ready / counted if counted else None,
        "min_device_coverage": 95,
        "enough": enough,
        "groups": groups or {},
        "worst": [{"name": "old", "reasons": ["not onboarded"]}] if ready < counted else [],
        "antivirus_unknown_because": "",
        **changed,
    }
    return {"changed": False, "summary": summary, "devices": []}


def permissions(*missing):
    """missing: (step, access, optional) of needs that are not met."""
    steps = {step: {"read": "granted", "write": "granted", "needs": [], "missing": []} for step in STEPS}
    for step, access, audience, optional in missing:
        need = {
            "access": access,
            "purpose": "things",
            "audience": audience,
            "optional": optional,
            "state": "missing",
            "remedy": "Grant it.",
        }
        steps[step]["missing"].append(need)
    return {"changed": False, "permissions": {"steps": steps, "caller": {}, "held": {}, "remarks": []}}


def xdr(state="on", driver="public_api", licensed=True, identity="on", cloud_apps="on", investigation=None, ill=0, action_center="unknown"):
    def said(word):
        return {"state": word, "reason": f"It is {word}.", "driver": driver}

    return {
        "changed": False,
        "xdr": {
            **said(state),
            "licensed": licensed,
            "incidents": said(state),
            "hunting": said(state),
            "action_center": said(action_center),
            "automated_investigation": investigation,
            "workloads": {
                "defender_for_identity": {**said(identity), "sensors_not_healthy": ill},
                "defender_for_cloud_apps": said(cloud_apps),
            },
        },
    }


def groups(**levels):
    return {
        "changed": False,
        "configuration": {"device_group": [{"name": name, "automation_level": level} for name, level in levels.items()]},
    }


NO_SESSION = {"changed": False, "failed": False, "msg": "no session", "failure": {"code": "no_portal_session", "kind": "forbidden"}}


def seen(fine=True, by="ours", reason="", target="standard", **more):
    """What effective_protection_info says of one domain and of Safe Links."""
    policy = {"policy": by, "at_target": fine, "shortfalls": [] if fine else [{"setting": "TrackClicks"}]}
    threat = {"title": "Safe Links", "state": "known", "reason": reason, "at_target": fine, "policies": [policy], **more}
    return {target: [{"subject": "contoso.com", "kind": "domain", "threats": {"safe_links_policy": threat}}]}


def alerts(*rows):
    policies = [{"name": name, "starts_investigation": starts, "disabled": off} for name, starts, off in rows]
    return {
        "changed": False,
        "policies": policies,
        "switched_off": [one["name"] for one in policies if one["starts_investigation"] and one["disabled"]],
    }


def mail(decided=None, **changed):
    facts = {"licenses": licenses(), "decided": decided or {}, "seen": seen(), "files": FINE, "alerts": alerts((ALERT, True, False))}
    return {**facts, **changed}


def pending(count=0, oldest=None, complete=True):
    return {
        "changed": False,
        "count": count,
        "oldest_days": oldest,
        "complete": complete,
        "not_read": [] if complete else [{"what": "incidents", "reason": "No permission."}],
        "by_product": {"Defender": count} if count else {},
        "lapses_after_days": 7,
        "links": {"pending": "https://security.microsoft.com/action-center/pending"},
    }


def workloads(identity="on", cloud_apps="on", office="on", integration="unknown", ill=0):
    """What workload_info says."""

    def said(word, **more):
        return {"state": word, "reason": f"It is {word}.", "driver": "public_api", "remedy": "" if word == "on" else "See to it.", **more}

    return {
        "workloads": {
            "changed": False,
            "workloads": {
                "defender_for_identity": said(identity, sensors_not_healthy=ill),
                "defender_for_cloud_apps": said(cloud_apps),
                "defender_for_office_365": said(office),
                "identity_cloud_apps_integration": said(integration, attestable=True),
            },
        }
    }


def approvers(devices="some", mail="some", later=0):
    """What approver_info says."""

    def said(word):
        return {
            "state": word,
            "count": 2 if word == "some" else 0,
            "only_after_activation": later,
            "people": [],
            "unknown_because": ["No permission."] if word == "unknown" else [],
            "remedy": "" if word == "some" else "Assign a role.",
        }

    return {"approvers": {"changed": False, "approvers": {"devices": said(devices), "mail": said(mail)}}}


def reachability(*away):
    """What reachability_info says."""
    services = ("login", "graph", "exchange", "compliance", "defender", "portal")
    hosts = [
        {
            "service": one,
            "host": f"{one}.example.com",
            "reached": one not in away,
            "reason": f"{one}.example.com {'does not answer' if one in away else 'answers'}.",
            "remedy": "Open the firewall." if one in away else "",
        }
        for one in services
    ]
    return {"reachability": {"changed": False, "reachability": {"reachable": not away, "hosts": hosts, "not_asked": [], "remarks": []}}}
