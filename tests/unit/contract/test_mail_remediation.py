# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Acting on delivered mail: only when asked to, exactly what was shown before, and never more than once by itself."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._mail_remediation import HISTORY, MAIL_REMEDIATION

MAIL = {"network_message_id": "fb000000-0000-4000-8000-000000000001", "recipient": "adele@contoso.com"}
WISH = {"name": "Clean up", "description": "Phishing of the morning", "action": "softDelete", "messages": [MAIL]}


def perform(bench, check=False, **options):
    return bench.perform(MAIL_REMEDIATION, {**WISH, **options}, check=check)


def test_without_being_asked_it_only_shows_what_would_be_sent(bench):
    result = perform(bench)
    assert (result["changed"], result["operations"], result["diff"], result["tracking"]) == (False, [], [], "")
    assert result["request"]["analyzedEmails"] == [
        {"networkMessageId": MAIL["network_message_id"], "recipientEmailAddress": MAIL["recipient"]}
    ]
    assert bench.tenant.writes() == []


def test_check_mode_foretells_what_is_sent(bench):
    said = perform(bench, check=True, remediate=True)
    assert bench.tenant.writes() == []
    done = perform(bench, remediate=True)
    for key in ("changed", "operations", "diff", "request"):
        assert said[key] == done[key], key
    assert done["operations"] == ["Remediate-Mail Clean up (softDelete, 1 message)"]
    (entry,) = bench.tenant.writes()
    assert entry["body"] == said["request"]
    assert entry["body"] == {
        "displayName": "Clean up",
        "description": "Phishing of the morning",
        "severity": "medium",
        "action": "softDelete",
        "remediateSendersCopy": False,
        "analyzedEmails": [{"networkMessageId": MAIL["network_message_id"], "recipientEmailAddress": MAIL["recipient"]}],
    }
    assert done["tracking"].startswith(HISTORY) and "bulkId" in done["tracking"]


def test_a_message_named_twice_is_sent_once(bench):
    other = {**MAIL, "recipient": "megan@contoso.com"}
    twice = {**MAIL, "network_message_id": MAIL["network_message_id"].upper(), "recipient": "Adele@contoso.com"}
    result = perform(bench, messages=[MAIL, twice, other], remediate=True)
    assert result["operations"] == ["Remediate-Mail Clean up (softDelete, 2 messages)"]
    assert len(bench.tenant.state("mailRemediations")[0]["analyzedEmails"]) == 2


@pytest.mark.parametrize("check", [True, False])
def test_without_the_permission_nothing_is_sent_and_it_is_named(check, bench):
    result = bench.perform(MAIL_REMEDIATION, {**WISH, "remediate": True}, check=check, identity="reader")
    assert result["failed"] and result["failure"]["kind"] == "forbidden" and bench.tenant.writes() == []
    assert "SecurityAnalyzedMessage.ReadWrite.All of Microsoft Graph" in result["failure"]["hint"]


def test_a_request_of_which_nobody_knows_is_not_repeated(bench):
    bench.tenant.fault(kind="reset", match={"path": "*/remediate"}, when="after")
    result = perform(bench, remediate=True)
    assert result["failed"] and result["failure"]["kind"] == "outcome_unknown" and HISTORY in result["failure"]["hint"]
    assert len(bench.tenant.state("mailRemediations")) == 1


def test_a_throttled_request_was_not_carried_out_and_is_sent_again(bench):
    bench.tenant.fault(kind="throttle", match={"path": "*/remediate"}, retry_after=3)
    assert perform(bench, remediate=True)["changed"]
    assert 3 in bench.waits and len(bench.tenant.state("mailRemediations")) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": " "}, "name must not be empty"),
        ({"description": ""}, "description must not be empty"),
        ({"messages": []}, "messages must name between 1 and 100"),
        ({"messages": [MAIL] * 101}, "messages must name between 1 and 100"),
        ({"messages": [{**MAIL, "network_message_id": "7"}]}, "messages[0].network_message_id must be a GUID"),
        ({"messages": [MAIL, {**MAIL, "recipient": "adele"}]}, "messages[1].recipient must be one address"),
        ({"messages": [{**MAIL, "recipient": "a@contoso.com, b@contoso.com"}]}, "must be one address"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(options, words, bench):
    result = perform(bench, remediate=True, **options)
    assert result["failed"] and words in result["msg"] and bench.tenant.journal() == []


@pytest.mark.parametrize("cloud", ["gcc_high", "dod", "china"])
@pytest.mark.parametrize("check", [True, False])
def test_a_cloud_without_it_is_refused_before_anything_is_sent(cloud, check, bench):
    result = bench.perform(MAIL_REMEDIATION, {**WISH, "remediate": True}, cloud=cloud, check=check)
    assert result["failed"] and result["failure"]["code"] == "not_in_cloud" and bench.tenant.journal() == []
    assert f"the cloud {cloud} does not have remediation of mail by Microsoft Graph" in result["msg"] and "Explorer" in result["msg"]
