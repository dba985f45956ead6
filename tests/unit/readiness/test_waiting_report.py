# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits in many tenants: the verdict on each, one order for all, and a table of any width."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.plugin_utils._waiting_report import MOST_ROWS, judged, render

WHEN = datetime(2026, 9, 15, 12, 30, 1, 999, tzinfo=UTC)
SKIPPED = {"skipped": True, "changed": False}
USAGE = {"name": "contoso.onmicrosoft.com", "endpoint": "", "requests": 3}


def entry(number="a1", age=1.0, **changed):
    return {
        "what": "alert",
        "driver": "public_api",
        "id": number,
        "title": "Malware was found",
        "severity": "high",
        "since": "2026-09-14T12:00:00Z",
        "age_days": age,
        "lapses": "2026-09-21T12:00:00Z",
        "lapses_in_days": None if age is None else 7 - age,
        "link": f"https://security.microsoft.com/alerts/{number}",
        "product": "Microsoft Defender for Endpoint",
        "incident": "201",
        "acts_on": ["invoice.exe"],
        "devices": ["laptop-02"],
        "device_groups": [],
        "action_type": "",
        "action": {},
        "alerts": [number],
        **changed,
    }


def pending(*entries, complete=True, **more):
    ages = [one["age_days"] for one in entries if one["age_days"] is not None]
    not_read = [] if complete else [{"what": "incidents", "reason": "No permission."}]
    return {
        "pending": list(entries),
        "count": len(entries),
        "oldest_days": max(ages, default=None),
        "driver": "public_api",
        "complete": complete,
        "not_read": not_read,
        "tenant": USAGE,
        **more,
    }


FAILED = {"failed": True, "msg": "Reading alerts on tenant adatum.com: no token.", "failure": {"kind": "sign_in"}, "tenant": USAGE}
VERDICTS = (
    ({"pending": pending()}, "clear", "Nothing waits."),
    ({"pending": pending(entry())}, "waiting", "1 approval, none older than 3 days."),
    ({"pending": pending(entry(), entry("a2", 3.1))}, "late", "1 approval of 2 older than 3 days."),
    ({"pending": pending(entry(age=None))}, "waiting", "1 approval"),
    ({"pending": pending(complete=False)}, "not_read", "No permission."),
    ({"pending": pending(entry(age=9.0), complete=False)}, "late", "older than 3 days. Not everything could be read. No permission."),
    ({"pending": SKIPPED, "licenses": {"tenant": USAGE}}, "not_applicable", "No licence"),
    ({"pending": FAILED, "stopped": FAILED}, "not_read", "no token"),
    ({"pending": {}, "stopped": {"failed": True}}, "not_read", "without a message"),
    ({"pending": {}, "licenses": {}, "stopped": {}}, "not_read", "was not asked"),
)


@pytest.mark.parametrize(("facts", "verdict", "word"), VERDICTS)
def test_the_verdict_on_a_tenant(facts, verdict, word):
    found = judged({"contoso": facts}, 3.0, WHEN)
    assert (found["verdict"], found["tenants"]["contoso"]["verdict"]) == (verdict, verdict)
    assert word in found["tenants"]["contoso"]["message"]
    assert json.loads(json.dumps(found)) == found


def test_all_tenants_in_one_order():
    seen = {
        "fabrikam": {"pending": pending(entry("f1", 2.0), entry("f2", None))},
        "contoso": {"pending": pending(entry("c1", 8.5), entry("c2", 2.0))},
        "adatum": {"stopped": FAILED},
    }
    found = judged(seen, 3.0, WHEN)
    assert [(one["host"], one["id"], one["late"]) for one in found["pending"]] == [
        ("contoso", "c1", True),
        ("contoso", "c2", False),
        ("fabrikam", "f1", False),
        ("fabrikam", "f2", False),
    ]
    assert (found["verdict"], found["count"], found["late"], found["real"]) == ("late", 4, 1, True)
    text = render(found, 130)
    assert "4 approvals in 2 tenants, 1 of them for more than 3 days; 1 tenant could not be read, or not wholly. Run" in text
    assert "8.5 days !" in text and "lapsed" in text and "not told" in text
    assert "* adatum: Reading alerts on tenant adatum.com: no token." in text
    assert "[1] https://security.microsoft.com/alerts/c1" in text
    assert text.index("c1") < text.index("f1")


@pytest.mark.parametrize("endpoint", ["", "https://127.0.0.1:8443"])
@pytest.mark.parametrize("seen", [{}, {"stopped": {"failed": True, "msg": "No."}}, {"stopped": FAILED}])
def test_whether_it_was_the_real_service_is_not_known_where_nobody_was_asked(seen, endpoint):
    unsent = {
        name: {**one, **({"tenant": {**USAGE, "requests": 0, "endpoint": endpoint}} if "tenant" in one else {})}
        for name, one in seen.items()
    }
    found = judged({"adatum": unsent}, 3.0, WHEN)
    assert (found["real"], found["tenants"]["adatum"]["asked"]) == (None, False)
    assert "Nobody was asked." in render(found) and "real service" not in render(found)
    other = judged({"adatum": unsent, "contoso": {"pending": pending()}}, 3.0, WHEN)
    assert other["real"] is True and "was asked" not in render(other)


@pytest.mark.parametrize("width", [20, 90, 100, 120, 160])
def test_no_line_is_wider_than_the_terminal(width):
    seen = {"a-tenant-with-a-very-long-name.onmicrosoft.com": {"pending": pending(entry(title="x" * 300, action_type="y" * 50))}}
    lines = render(judged(seen, 3.0, WHEN), width).splitlines()
    assert max(len(line) for line in lines if not line.startswith("[")) <= max(width, 90)


def test_nothing_waits_anywhere():
    text = render(judged({"contoso": {"pending": pending()}}, 3.0, WHEN))
    assert "0 approvals in 0 tenants. Run" in text
    assert "* contoso: Nothing waits." in text
    assert judged({}, 3.0, WHEN)["verdict"] == "not_read"


def test_one_day_is_one_and_a_host_is_no_link():
    seen = {
        "contoso": {"pending": pending(entry(age=1.0))},
        "adatum": {"stopped": {**FAILED, "msg": "No token for https://graph.microsoft.com."}},
    }
    text = render(judged(seen, 1.0, WHEN), 130)
    assert "none of them for more than 1 day;" in text and "contoso  1 day  6 days" in text
    assert "* adatum: No token for https://graph.microsoft.com." in text


def test_what_others_wrote_does_not_steer_the_terminal():
    text = render(judged({"contoso": {"pending": pending(entry(title="\x1b[31mred\nline", product="a\x07b"))}}, 3.0, WHEN))
    assert "\x1b" not in text and "\x07" not in text and "red line" in text


def test_very_many_are_cut_in_the_table_alone():
    found = judged({"contoso": {"pending": pending(*(entry(f"a{number}") for number in range(MOST_ROWS + 7)))}}, 3.0, WHEN)
    assert len(found["pending"]) == MOST_ROWS + 7
    assert "and 7 more" in render(found)


def test_a_service_that_is_not_the_real_one_is_said():
    found = judged({"contoso": {"pending": pending(tenant={**USAGE, "endpoint": "https://127.0.0.1:1"})}}, 3.0, WHEN)
    assert found["real"] is False and "NOT the real service" in render(found)
