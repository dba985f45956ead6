# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for somebody's approval: as supported APIs show it, and with a portal session as the Action center itself does.

No public API lists the Action center. An alert carries the state of its investigation (`pendingApproval`), its evidence the state of the
single action; the state can't be filtered by the service, so that all recent alerts are read. [doc] shapes, [recall] filters.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._reader import Answers, Ask, Reader
from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Row, Values
from ansible_collections.m365.defender.plugins.module_utils.readers._actions import LAPSES, LINKS, counts, has_no_session
from ansible_collections.m365.defender.plugins.module_utils.readers._answers import Clock, folded, rows_of, utc_now
from ansible_collections.m365.defender.plugins.module_utils.readers._pending import matched, of_alert, of_incident, of_item, waits

ALERTS = "security/alerts_v2"
INCIDENTS = "security/incidents"
ACTIONS = Query("pending_actions")
CONTEXT = Query("tenant_context")
NOT_TOLD = "not told"
# Options that narrow the list -> the words of an entry that they are compared with.
FILTERS = {"product": "product", "severity": "severity", "device_group": "device_groups", "action_type": "action_type"}


def asks(options: Values, now: Clock = utc_now) -> tuple[Ask, ...]:
    """Alerts and incidents that changed in the last days, and what the portal lists."""
    since = (now() - timedelta(days=options["days"])).replace(microsecond=0, tzinfo=None).isoformat()
    recent = ("$filter", f"lastUpdateDateTime ge {since}Z")
    return (
        Ask("graph", Query(ALERTS, (recent,))),
        Ask("graph", Query(INCIDENTS, (recent, ("$top", 50)))),
        Ask("portal", CONTEXT),
        Ask("portal", ACTIONS),
    )


def _told(entry: Values, name: str) -> list[str]:
    """The words of an entry that a filter looks at; none where it does not tell."""
    value = entry[FILTERS[name]]
    words = value if isinstance(value, list) else [value]
    return [word for word in words if word and not (name == "severity" and word == "unknown")]


def _narrowed(entries: list[Values], options: Values) -> tuple[list[Values], int]:
    """The entries that fit every filter, and how many were left out only because they don't tell."""
    kept, silent = [], 0
    for entry in entries:
        wanted = {name: set(map(folded, options[name])) for name in FILTERS if options.get(name)}
        told = {name: set(map(folded, _told(entry, name))) for name in wanted}
        if all(wanted[name] & told[name] for name in wanted):
            kept.append(entry)
        elif all(wanted[name] & told[name] or not told[name] for name in wanted):
            silent += 1
    return kept, silent


def _merged(alerts: list[Row], incidents: list[Row], items: list[Row], now: Clock) -> list[Values]:
    """Every approval, oldest first, each thing once where items and alerts can be told to be the same."""
    time = now()
    pairs = matched(items, alerts)
    covered = {id(alert) for dummy, found in pairs for alert in found}
    entries = [of_item(row, found, time) for row, found in pairs]
    entries += [of_alert(alert, time) for alert in alerts if id(alert) not in covered]
    told = {entry["incident"] for entry in entries} | {str(alert.get("incidentId")) for alert in alerts}
    entries += [
        of_incident(row, time) for row in incidents if folded(row.get("status")) == "awaitingaction" and str(row.get("id")) not in told
    ]
    return sorted(entries, key=lambda entry: (entry["age_days"] is None, -(entry["age_days"] or 0), entry["id"]))


def answer(options: Values, answers: Answers, now: Clock = utc_now) -> Values:
    """Every approval that waits, oldest first. complete: whether everything that could be asked was read. now: what time it is."""
    found = {name: rows_of(answers, "graph", noun) for name, noun in (("alerts", ALERTS), ("incidents", INCIDENTS))}
    items, context = rows_of(answers, "portal", ACTIONS.noun), rows_of(answers, "portal", CONTEXT.noun)
    in_portal = not isinstance(items, TenantError)
    if isinstance(found["alerts"], TenantError) and not in_portal:
        raise found["alerts"]
    not_read = [{"what": name, "reason": rows.message} for name, rows in found.items() if isinstance(rows, TenantError)]
    missing = len(not_read)
    if isinstance(items, TenantError):
        if not has_no_session(items):
            not_read.append({"what": "portal", "reason": items.message})
            missing += 1
    elif isinstance(context, list) and context and context[0].get("IsExposedToAllMachineGroups") is True:
        missing = 0  # the Action center's own list, seen by somebody who sees all device groups
    else:
        not_read.append({"what": "portal", "reason": "The portal session sees only some device groups, so others may wait unseen."})
        missing += 1
    rows: dict[str, list[Row]] = {name: [] if isinstance(value, TenantError) else value for name, value in found.items()}
    every = _merged([one for one in rows["alerts"] if waits(one)], rows["incidents"], [] if isinstance(items, TenantError) else items, now)
    pending, silent = _narrowed(every, options)
    oldest = pending[0] if pending else None
    limit = options.get("max_pending_age")
    ahead = [entry["lapses_in_days"] for entry in pending if entry["lapses_in_days"] is not None and entry["lapses_in_days"] >= 0]
    unmatched = counts(entry["driver"] for entry in pending if entry["driver"] != "portal" or not entry["alerts"])
    return {
        "pending": pending,
        "count": len(pending),
        "oldest": oldest["since"] if oldest else "",
        "oldest_days": oldest["age_days"] if oldest else None,
        "late": None if limit is None else sum((entry["age_days"] or 0) > limit for entry in pending),
        "lapses_after_days": LAPSES,
        "next_lapse_in_days": min(ahead, default=None),
        "by_product": _by(pending, "product"),
        "by_severity": counts(entry["severity"] for entry in pending),
        "by_device_group": _by(pending, "device_group"),
        "by_action_type": _by(pending, "action_type"),
        "by_driver": counts(entry["driver"] for entry in pending),
        "maybe_twice": min(unmatched.values()) if len(unmatched) > 1 else 0,
        "filtered_out": len(every) - len(pending),
        "not_told": silent,
        "driver": "portal" if in_portal else "public_api",
        "complete": not missing,
        "not_read": not_read,
        "links": dict(LINKS),
    }


def _by(entries: list[Values], name: str) -> dict[str, int]:
    return counts(word for entry in entries for word in (_told(entry, name) or [NOT_TOLD]))


def _wrong(options: Values) -> list[str]:
    faults = [] if 1 <= options["days"] <= 180 else [f"days must be between 1 and 180, not {options['days']}"]
    limit = options.get("max_pending_age")
    if limit is not None and limit < 0:
        faults.append(f"max_pending_age must not be below 0, but is {limit:g}")
    return faults


_WORDS: dict[str, Any] = {"type": "list", "elements": "str"}
PENDING_ACTION_INFO = Reader(
    kind="pending_action_info",
    asks=asks,
    answer=answer,
    options={
        "days": {"type": "int", "default": 30},
        "max_pending_age": {"type": "float"},
        "product": _WORDS,
        "severity": {**_WORDS, "choices": ["high", "medium", "low", "informational"]},
        "device_group": _WORDS,
        "action_type": _WORDS,
    },
    wrong=_wrong,
)
