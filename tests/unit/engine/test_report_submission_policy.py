# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that people report: what goes together, what excludes each other, and a rule that nobody keeps in step."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.report_submission_policy import (
    MAILBOXES,
    REPORT_SUBMISSION_POLICY,
    SWITCHES,
)

MAILBOX = ["reports@contoso.com"]
CLEARED = {"@odata.type": "#Exchange.GenericHashTable"}
SWITCH_OPTIONS = tuple(f"report_{verdict}_to_customized_address" for verdict in ("junk", "not_junk", "phish"))
MAILBOX_OPTIONS = tuple(f"report_{verdict}_addresses" for verdict in ("junk", "not_junk", "phish"))
ON = dict.fromkeys(SWITCH_OPTIONS, True)
EMPTIED = {option: [] for option in MAILBOX_OPTIONS}
OFF = dict.fromkeys(SWITCH_OPTIONS, False)
TO_MAILBOX = {**ON, **dict.fromkeys(MAILBOX_OPTIONS, MAILBOX)}


def row(**more):
    return {
        "Name": "DefaultReportSubmissionPolicy",
        "Identity": "DefaultReportSubmissionPolicy",
        "EnableReportToMicrosoft": True,
        "EnableThirdPartyAddress": False,
        "ThirdPartyReportAddresses": [],
        "EnableUserEmailNotification": False,
        **dict.fromkeys(SWITCHES, False),
        **{wire: [] for wire in MAILBOXES},
        **more,
    }


def to_mailbox(**more):
    return row(**{**dict.fromkeys(SWITCHES, True), **dict.fromkeys(MAILBOXES, MAILBOX), **more})


RULE = {
    "Name": "DefaultReportSubmissionRule",
    "Identity": "DefaultReportSubmissionRule",
    "ReportSubmissionPolicy": "DefaultReportSubmissionPolicy",
    "State": "Enabled",
    "Comments": None,
    "SentTo": MAILBOX,
}


def operations(wanted, *policies, rules=()):
    rows = {"ReportSubmissionPolicy": list(policies), "ReportSubmissionRule": list(rules)}
    return [(one.verb, one.noun, dict(one.parameters)) for one in plan(REPORT_SUBMISSION_POLICY, rows, [wanted]).operations]


def test_the_policy_is_made_without_a_name_and_its_rule_with_one():
    assert operations({"enable_report_to_microsoft": True, "rule": {"sent_to": MAILBOX}}) == [
        ("New", "ReportSubmissionPolicy", {"EnableReportToMicrosoft": True}),
        (
            "New",
            "ReportSubmissionRule",
            {"Name": "DefaultReportSubmissionRule", "ReportSubmissionPolicy": "DefaultReportSubmissionPolicy", "SentTo": MAILBOX},
        ),
    ]


def test_people_read_which_policy_it_is_all_the_same():
    rows = {"ReportSubmissionPolicy": [row()], "ReportSubmissionRule": []}
    (one,) = plan(REPORT_SUBMISSION_POLICY, rows, [{"enable_report_to_microsoft": False}]).operations
    assert str(one) == "Set-ReportSubmissionPolicy DefaultReportSubmissionPolicy {EnableReportToMicrosoft}"


def test_three_switches_and_three_mailboxes_go_in_one_command():
    ((verb, noun, sent),) = operations(TO_MAILBOX, row())
    assert (verb, noun) == ("Set", "ReportSubmissionPolicy")
    assert sent == {**dict.fromkeys(SWITCHES, True), **dict.fromkeys(MAILBOXES, MAILBOX)}


def test_also_when_only_one_of_them_is_behind():
    ((dummy, dummy, sent),) = operations(TO_MAILBOX, to_mailbox(ReportPhishToCustomizedAddress=False))
    assert sent == dict.fromkeys(SWITCHES, True)


def test_the_mailboxes_are_emptied_together():
    ((dummy, dummy, sent),) = operations({**OFF, **EMPTIED}, to_mailbox())
    assert sent == {**dict.fromkeys(SWITCHES, False), **dict.fromkeys(MAILBOXES, CLEARED)}


@pytest.mark.parametrize(
    ("wanted", "found", "reason"),
    [
        ({SWITCH_OPTIONS[0]: False}, to_mailbox(), "must all have one value"),
        ({**ON, SWITCH_OPTIONS[2]: False, **dict.fromkeys(MAILBOX_OPTIONS, MAILBOX)}, row(), "must all have one value"),
        ({MAILBOX_OPTIONS[1]: ["other@contoso.com"]}, to_mailbox(), "must all have one value"),
        ({"enable_third_party_address": True}, row(), "can't be on while third_party_report_addresses is empty"),
        (
            {"enable_third_party_address": True, "third_party_report_addresses": MAILBOX},
            to_mailbox(),
            "enable_third_party_address and report_junk_to_customized_address can't both be on",
        ),
        ({**TO_MAILBOX, "enable_third_party_address": True, "third_party_report_addresses": MAILBOX}, None, "can't both be on"),
        ({SWITCH_OPTIONS[0]: True, MAILBOX_OPTIONS[0]: MAILBOX}, None, "must all have one value"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_sent(wanted, found, reason):
    with pytest.raises(BadInput, match=reason):
        operations(wanted, *([found] if found else []))


@pytest.mark.parametrize(
    "configuration",
    [
        {"enable_report_to_microsoft": True, "enable_third_party_address": False, **OFF},
        {"enable_report_to_microsoft": True, "enable_third_party_address": False, **TO_MAILBOX},
        {"enable_report_to_microsoft": False, "enable_third_party_address": False, **TO_MAILBOX},
        {"enable_report_to_microsoft": True, "enable_third_party_address": True, "third_party_report_addresses": MAILBOX, **OFF},
        {"enable_report_to_microsoft": False, "enable_third_party_address": True, "third_party_report_addresses": MAILBOX, **OFF},
        {"enable_report_to_microsoft": False, "enable_third_party_address": False, **OFF},
    ],
)
def test_every_configuration_that_microsoft_documents_is_possible(configuration):
    for start in ([], [row()], [to_mailbox()], [row(EnableThirdPartyAddress=True, ThirdPartyReportAddresses=MAILBOX)]):
        operations(configuration, *start)


def test_what_was_left_half_done_does_not_stop_other_settings():
    # The second one is documented: the rule alone names the mailbox.
    for odd in (row(ReportJunkToCustomizedAddress=True, ReportJunkAddresses=MAILBOX), row(**dict.fromkeys(SWITCHES, True))):
        assert operations({"enable_user_email_notification": True}, odd) == [
            ("Set", "ReportSubmissionPolicy", {"EnableUserEmailNotification": True})
        ]


def test_the_rule_is_not_kept_in_step():
    other = ["others@contoso.com"]
    assert [noun for dummy, noun, dummy in operations(dict.fromkeys(MAILBOX_OPTIONS, other), to_mailbox(), rules=[RULE])] == [
        "ReportSubmissionPolicy"
    ]
    assert operations({"rule": {"sent_to": other}}, to_mailbox(), rules=[RULE]) == [("Set", "ReportSubmissionRule", {"SentTo": other})]


def test_the_rule_is_switched_by_verbs_and_removed_before_its_policy():
    assert [verb for verb, dummy, dummy in operations({"rule": {"enabled": False}}, row(), rules=[RULE])] == ["Disable"]
    assert operations({"state": "absent"}, row(), rules=[RULE]) == [
        ("Remove", "ReportSubmissionRule", {"Confirm": False}),
        ("Remove", "ReportSubmissionPolicy", {}),
    ]


def test_switches_for_investigations_that_are_never_returned_are_set_each_time():
    wanted = {"notifications_for_submission_air_investigations_enabled": True}
    assert operations(wanted, row()) == [("Set", "ReportSubmissionPolicy", {"NotificationsForSubmissionAirInvestigationsEnabled": True})]
    assert operations(wanted, row(NotificationsForSubmissionAirInvestigationsEnabled=True)) == []
