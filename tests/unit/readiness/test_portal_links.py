# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links in words of ours lead to the portal of the tenant's cloud; what belongs to the tenant is left as it is."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._portal_links import led, remarks

SITE = "https://security.microsoft.com"
RESULT = {
    "msg": f"No. Look at {SITE}/securitysettings/endpoints/machine_groups.",
    "failure": {"kind": "manual", "hint": f"Open {SITE}/ once."},
    "xdr": {"remedy": f"See whether {SITE}/incidents opens, and grant it.", "incidents": {"link": f"{SITE}/incidents"}},
    "links": {"pending": f"{SITE}/action-center/pending"},
    "warnings": [f"Look: {SITE}/alertpoliciesv2"],
    "object": {"do_not_rewrite_urls": [f"{SITE}/incidents"], "reason": SITE},
    "diff": [{"before": {"link": SITE}}],
    "configuration": {"text": SITE},
    "records": [{"target": SITE, "link": SITE}],
    "count": 1,
}
THEIRS = ("object", "diff", "configuration", "records", "count")


@pytest.mark.parametrize("cloud", ["commercial", "gcc"])
def test_the_worldwide_portal_stays(cloud):
    assert led(RESULT, CLOUDS[cloud]) is RESULT


@pytest.mark.parametrize("cloud", ["gcc_high", "dod"])
def test_a_portal_of_another_cloud(cloud):
    found = led(RESULT, CLOUDS[cloud])
    assert {name: found[name] for name in THEIRS} == {name: RESULT[name] for name in THEIRS}
    ours = str({name: value for name, value in found.items() if name not in THEIRS})
    assert SITE not in ours and ours.count(f"https://{CLOUDS[cloud].portal}") == 6
    assert found["failure"]["kind"] == "manual"


def test_a_cloud_without_a_portal():
    found = led(RESULT, CLOUDS["china"])
    nowhere = "the Defender portal (the cloud china does not have it)"
    assert found["msg"] == f"No. Look at {nowhere}." and found["failure"]["hint"] == f"Open {nowhere} once."
    assert found["xdr"] == {"remedy": f"See whether {nowhere} opens, and grant it.", "incidents": {"link": ""}}
    assert found["links"] == {"pending": ""} and found["warnings"] == [f"Look: {nowhere}"]
    assert {name: found[name] for name in THEIRS} == {name: RESULT[name] for name in THEIRS}


def test_all_of_a_report_is_ours_but_for_what_was_done_and_what_people_refer_to():
    report = {"notes": [f"{SITE}/x"], "operations": [f"Set {SITE}"], "attestations": [{"reference": SITE, "note": f"see {SITE}"}]}
    found = led(report, CLOUDS["dod"], ours=True)
    assert found["operations"] == report["operations"] and found["notes"] == ["https://security.apps.mil/x"]
    assert found["attestations"] == [{"reference": SITE, "note": "see https://security.apps.mil"}]


def test_links_to_another_portal_are_called_a_guess():
    told = {name: remarks(cloud) for name, cloud in CLOUDS.items()}
    assert [name for name, texts in told.items() if texts] == ["gcc_high", "dod"]
    assert told["dod"][0].endswith("is a guess.") and "the cloud dod" in told["dod"][0]
