# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is peculiar to anti-spam policies: senders that come as objects, codes, and words that mean the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.hosted_content_filter_policy import (
    HOSTED_CONTENT_FILTER_POLICY,
    LANGUAGES,
    REGIONS,
)

TABLES = Path(__file__).parents[3] / "emulator" / "tables"
DEFAULT = json.loads((TABLES / "objects.json").read_text())["nouns"]["HostedContentFilterPolicy"]["fresh"][0]
PARAMETERS = json.loads((TABLES / "cmdlets.json").read_text())["cmdlets"]["Set-HostedContentFilterPolicy"]["parameters"]
PART = HOSTED_CONTENT_FILTER_POLICY.parts[0]


def rows(**more):
    return {"HostedContentFilterPolicy": [{**DEFAULT, **more}], "HostedContentFilterRule": []}


def sent(wish, **more):
    """What a Set on the default policy with more values would carry; nothing when nothing differs."""
    operations = plan(HOSTED_CONTENT_FILTER_POLICY, rows(**more), [{"name": "Default", **wish}]).operations
    return dict(operations[0].parameters) if operations else {}


@pytest.mark.parametrize(
    ("read", "text"),
    [
        ("Adele@contoso.com", "Adele@contoso.com"),
        ({"Sender": {"Address": "Adele@contoso.com", "IsValidAddress": True}}, "Adele@contoso.com"),
        ({"Sender": "Adele@contoso.com"}, "Adele@contoso.com"),
        ({"Address": "Adele@contoso.com"}, "Adele@contoso.com"),
        ({"Domain": "contoso.com"}, "contoso.com"),
        ({"Sender": {"Domain": "contoso.com"}}, "contoso.com"),
    ],
)
def test_a_sender_is_a_text_however_it_is_read(read, text):
    for field in ("AllowedSenders", "AllowedSenderDomains", "BlockedSenders", "BlockedSenderDomains"):
        found = rows(**{field: [read]})
        option = next(one.option for one in PART.fields if one.wire == field)
        (shown,) = export(HOSTED_CONTENT_FILTER_POLICY, found)
        assert shown[option] == [text]
        assert plan(HOSTED_CONTENT_FILTER_POLICY, found, [shown]).operations == ()
        assert sent({option: [text.upper()]}, **{field: [read]}) == {}


def test_a_changed_list_of_senders_is_sent_as_texts():
    read = [{"Sender": {"Address": "adele@contoso.com"}}]
    wish = {"allowed_senders": ["adele@contoso.com", "alex@contoso.com"]}
    assert sent(wish, AllowedSenders=read) == {"AllowedSenders": ["adele@contoso.com", "alex@contoso.com"]}
    assert sent({"allowed_senders": []}, AllowedSenders=read) == {"AllowedSenders": {"@odata.type": "#Exchange.GenericHashTable"}}


def test_codes_are_the_same_in_any_case_and_sent_in_upper_case():
    assert (
        sent(
            {"language_block_list": ["de", "zh-CN"], "region_block_list": ["NL"]}, LanguageBlockList=["zh-cn", "DE"], RegionBlockList=["nl"]
        )
        == {}
    )
    assert sent({"language_block_list": ["de"], "region_block_list": ["nl"]}) == {"LanguageBlockList": ["DE"], "RegionBlockList": ["NL"]}


def test_unknown_codes_are_refused_before_anything_is_asked():
    wrong = HOSTED_CONTENT_FILTER_POLICY.wrong({"name": "x", "language_block_list": ["DE", "QQ"], "region_block_list": ["XX"]})
    assert wrong == [
        "language_block_list must have codes that the service knows; QQ is no language to it",
        "region_block_list must have codes that the service knows; XX is no country or region to it",
    ]


def test_the_codes_are_those_of_the_service():
    assert LANGUAGES.split() == PARAMETERS["LanguageBlockList"]["values"]
    assert REGIONS.split() == PARAMETERS["RegionBlockList"]["values"]


def test_default_means_phishing_of_high_certainty():
    assert sent({"intra_org_filter_state": "HighConfidencePhish"}, IntraOrgFilterState="Default") == {}
    assert sent({"intra_org_filter_state": "Default"}, IntraOrgFilterState="HighConfidencePhish") == {}
    assert sent({"intra_org_filter_state": "Phish"}, IntraOrgFilterState="Default") == {"IntraOrgFilterState": "Phish"}
    assert sent({"intra_org_filter_state": "Default"}, IntraOrgFilterState="Disabled") == {"IntraOrgFilterState": "Default"}


def test_a_setting_that_a_tenant_does_not_have_counts_as_not_set():
    found = rows()
    del found["HostedContentFilterPolicy"][0]["BulkMovesEnabled"]
    assert plan(HOSTED_CONTENT_FILTER_POLICY, found, [{"name": "Default", "bulk_moves_enabled": "NotSet"}]).operations == ()
    (operation,) = plan(HOSTED_CONTENT_FILTER_POLICY, found, [{"name": "Default", "bulk_moves_enabled": "On"}]).operations
    assert operation.parameters == {"BulkMovesEnabled": "On"}
    assert "bulk_moves_enabled" not in export(HOSTED_CONTENT_FILTER_POLICY, found)[0]


def test_phishing_of_high_certainty_is_quarantined_or_redirected():
    assert PART.by_option["high_confidence_phish_action"].type.words == ("Quarantine", "Redirect")


def test_parameters_without_effect_are_left_out_with_the_reason():
    dead = {name for name, fact in PARAMETERS.items() if fact.get("ignored")}
    assert dead and all("without effect" in PART.left_out[name] for name in dead)
