# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The global quarantine policy: a placeholder that is none, spans of time, lists that belong together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, TenantError
from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from ansible_collections.m365.defender.plugins.module_utils.resources.global_quarantine_policy import GLOBAL_QUARANTINE_POLICY, LANGUAGES

TABLE = json.loads((Path(__file__).parents[3] / "emulator/tables/cmdlets.json").read_text())["cmdlets"]["Set-QuarantinePolicy"]
CLEARED = {"@odata.type": "#Exchange.GenericHashTable"}


def row(name="DefaultGlobalTag", **more):
    return {
        "Name": name,
        "Identity": f"contoso.onmicrosoft.com\\{name}",
        "QuarantinePolicyType": "GlobalQuarantineTag",
        "EndUserSpamNotificationFrequency": "PT0S",
        "EndUserSpamNotificationCustomFromAddress": "",
        "OrganizationBrandingEnabled": False,
        "MultiLanguageSetting": [],
        "MultiLanguageSenderName": [],
        "MultiLanguageCustomDisclaimer": [],
        "EsnCustomSubject": [],
        **more,
    }


PLACEHOLDER = row("DefaultGlobalPolicy", Guid="00000000-0000-0000-0000-000000000000")
GERMAN = {
    "MultiLanguageSetting": ["Default", "German"],
    "MultiLanguageSenderName": ["Quarantine", "Quarantäne"],
    "EsnCustomSubject": ["Held", "Zurückgehalten"],
}


def operations(wanted, found=None):
    rows = {"QuarantinePolicy": [PLACEHOLDER if found is None else found]}
    return [(one.verb, one.identity, dict(one.parameters)) for one in plan(GLOBAL_QUARANTINE_POLICY, rows, [wanted]).operations]


def test_it_is_asked_for_by_its_type_because_the_list_leaves_it_out():
    assert GLOBAL_QUARANTINE_POLICY.queries == (Query("QuarantinePolicy", (("QuarantinePolicyType", "GlobalQuarantinePolicy"),)),)


def test_the_placeholder_counts_as_absent():
    assert operations({"end_user_spam_notification_frequency": "04:00:00"}) == [
        (
            "New",
            None,
            {
                "Name": "DefaultGlobalTag",
                "QuarantinePolicyType": "GlobalQuarantinePolicy",
                "EndUserSpamNotificationFrequency": "04:00:00",
            },
        )
    ]


def test_but_what_it_shows_is_so():
    assert operations({"organization_branding_enabled": False, "multi_language_setting": []}) == []


def test_afterwards_the_identity_that_was_read_is_set():
    found = operations({"organization_branding_enabled": True}, row())
    assert found == [("Set", "contoso.onmicrosoft.com\\DefaultGlobalTag", {"OrganizationBrandingEnabled": True})]


@pytest.mark.parametrize(("read", "written"), [("PT4H", "04:00:00"), ("P1D", "1.00:00:00"), ("PT24H", "1.00:00:00"), ("P7D", "7.00:00:00")])
def test_spans_of_time_are_read_in_another_form_than_they_are_written(read, written):
    assert operations({"end_user_spam_notification_frequency": written}, row(EndUserSpamNotificationFrequency=read)) == []
    other = next(one for one in ("04:00:00", "7.00:00:00") if one != written)
    ((dummy, dummy, sent),) = operations({"end_user_spam_notification_frequency": other}, row(EndUserSpamNotificationFrequency=read))
    assert sent == {"EndUserSpamNotificationFrequency": other}


@pytest.mark.parametrize("unset", ["PT0S", None, ""])
def test_a_span_that_was_never_set_is_not_exported(unset):
    rows = {"QuarantinePolicy": [row(EndUserSpamNotificationFrequency=unset)]}
    (found,) = export(GLOBAL_QUARANTINE_POLICY, rows)
    assert "end_user_spam_notification_frequency" not in found
    assert ArgumentSpecValidator(GLOBAL_QUARANTINE_POLICY.spec).validate(found).error_messages == []
    assert operations({"end_user_spam_notification_frequency": "04:00:00"}, rows["QuarantinePolicy"][0])


def test_lists_of_one_length_can_be_changed_one_by_one():
    found = row(**GERMAN)
    ((dummy, dummy, sent),) = operations({"esn_custom_subject": ["Kept", "Behalten"]}, found)
    assert sent == {"EsnCustomSubject": ["Kept", "Behalten"]}
    ((dummy, dummy, sent),) = operations({"esn_custom_subject": []}, found)
    assert sent == {"EsnCustomSubject": CLEARED}


def test_their_order_counts():
    ((dummy, dummy, sent),) = operations({"multi_language_setting": ["German", "Default"]}, row(**GERMAN))
    assert sent == {"MultiLanguageSetting": ["German", "Default"]}


@pytest.mark.parametrize(
    "wanted",
    [
        {"multi_language_setting": ["Default"]},
        {"multi_language_setting": []},
        {"multi_language_sender_name": ["One", "Two", "Three"]},
        {"multi_language_custom_disclaimer": ["One"]},
    ],
)
def test_lists_of_different_length_are_refused_before_anything_is_sent(wanted):
    with pytest.raises(BadInput, match="members, and multi_language_setting"):
        operations(wanted, row(**GERMAN))


def test_texts_without_a_language_are_refused():
    with pytest.raises(BadInput, match="esn_custom_subject would have 1 members, and multi_language_setting 0"):
        operations({"esn_custom_subject": ["Held"]})


def test_a_language_is_one_of_microsofts():
    assert set(LANGUAGES.words) == set(TABLE["parameters"]["MultiLanguageSetting"]["values"])
    wrong = ArgumentSpecValidator(GLOBAL_QUARANTINE_POLICY.spec).validate({"multi_language_setting": ["Germ"]})
    assert wrong.error_messages, "the service would take it for German"


def test_an_empty_answer_is_no_absence():
    with pytest.raises(TenantError, match="at least one"):
        plan(GLOBAL_QUARANTINE_POLICY, {"QuarantinePolicy": []}, [{}])


def test_it_can_not_be_removed():
    assert "state" not in GLOBAL_QUARANTINE_POLICY.spec
