# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for whom, how the licences are told, and that an answer that is missing is never taken for none."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._effective.precedence import THREATS
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, NotFound, TenantError
from ansible_collections.m365.defender.plugins.module_utils.readers._licences import PLANS
from ansible_collections.m365.defender.plugins.module_utils.readers.effective_protection_info import EFFECTIVE_PROTECTION_INFO
from tests.unit.effective.tenants import STANDARD, fresh, with_preset

NONE_GIVEN = {"recipients": None, "groups": None, "domains": None, "target": "standard", "plan": None}
GROUP = {"@odata.type": "#microsoft.graph.group", "id": "1", "displayName": "Sales", "mail": "sales@contoso.com"}


def skus(*plans):
    working = [{"servicePlanId": PLANS[plan], "provisioningStatus": "Success"} for plan in plans]
    return [{"skuPartNumber": "A", "capabilityStatus": "Enabled", "servicePlans": working}]


def tenant():
    rows = {noun: answer for threat in THREATS for noun, answer in fresh(threat).items()}
    rows["ATPBuiltInProtectionRule"][0]["SafeAttachmentPolicy"] = "Built-In Protection Policy"
    rows["AcceptedDomain"] = [{"DomainName": "contoso.com", "Default": True}, {"DomainName": "Contoso.onmicrosoft.com"}]
    return rows


def read(rows=None, licences=None, memberships=(), analyzer=(), users=(), with_mail=(GROUP,), by_id=(), **options):
    """memberships: of whoever is found by the sign-in name, by_id of whoever is found by the primary address among `users`."""
    options = {**NONE_GIVEN, **options}
    rows = rows or tenant()
    answers = {}

    def answer(ask):
        noun = ask.query.noun
        if noun == "subscribedSkus":
            value = licences if licences is not None else skus("EXCHANGE_S_ENTERPRISE", "ATP_ENTERPRISE")
        elif noun == "ConfigAnalyzerPolicyRecommendation":
            value = analyzer
        elif noun in ("users", "groups"):
            value = {"users": users, "groups": with_mail}[noun]
        elif noun.startswith("users/"):
            value = memberships if "@" in noun else by_id
        else:
            value = rows[noun]
        answers[ask] = value if isinstance(value, TenantError) else list(value)

    for ask in EFFECTIVE_PROTECTION_INFO.asks(options):
        answer(ask)
    while further := [ask for ask in EFFECTIVE_PROTECTION_INFO.further(options, answers) if ask not in answers]:
        for ask in further:
            answer(ask)
    return EFFECTIVE_PROTECTION_INFO.answer(options, answers)["effective_protection"]


def asked(**options):
    return [ask.query.noun for ask in EFFECTIVE_PROTECTION_INFO.asks({**NONE_GIVEN, **options})]


def test_every_domain_is_meant_where_nobody_is_named():
    found = read()
    assert [(one["kind"], one["subject"]) for one in found["subjects"]] == [
        ("domain", "Contoso.onmicrosoft.com"),
        ("domain", "contoso.com"),
    ]
    assert found["at_target"] is False
    assert found["plan"] == {"name": "plan1", "told_by": "licences", "reason": ""}


def test_only_those_who_are_named():
    found = read(recipients=["adele@contoso.com", "adele@contoso.com"], groups=["sales@contoso.com"])
    assert [(one["kind"], one["subject"]) for one in found["subjects"]] == [
        ("recipient", "adele@contoso.com"),
        ("group", "sales@contoso.com"),
    ]
    assert set(found["subjects"][0]["threats"]) == {threat.kind for threat in THREATS}


def test_nothing_is_asked_twice():
    nouns = asked(recipients=["adele@contoso.com"])
    assert len([noun for noun in nouns if noun != "ConfigAnalyzerPolicyRecommendation"]) == len(
        {noun for noun in nouns if noun != "ConfigAnalyzerPolicyRecommendation"}
    )
    assert nouns.count("ConfigAnalyzerPolicyRecommendation") == 2
    assert "users/adele@contoso.com/transitiveMemberOf" in nouns
    assert "users/o%27neil%2Bx@contoso.com/transitiveMemberOf" in asked(recipients=["o'neil+x@contoso.com"])


def test_without_the_licence_nothing_is_asked_that_would_fail():
    nouns = asked(plan="none")
    assert not [noun for noun in nouns if noun.startswith(("Safe", "ATP"))]
    assert "subscribedSkus" not in nouns
    found = read(plan="none")["subjects"][0]["threats"]
    assert [kind for kind, one in found.items() if one["state"] == "not_applicable"] == ["safe_attachment_policy", "safe_links_policy"]


@pytest.mark.parametrize(
    ("licences", "links", "name", "told_by"),
    [
        (skus("EXCHANGE_S_ENTERPRISE"), None, "none", "licences"),
        (skus("EXCHANGE_S_ENTERPRISE", "THREAT_INTELLIGENCE"), None, "plan2", "licences"),
        (Forbidden("no permission"), None, "plan1", "policies"),
        (Forbidden("no permission"), Forbidden("no cmdlet"), None, ""),
    ],
)
def test_what_the_tenant_may_use(licences, links, name, told_by):
    rows = tenant()
    if links is not None:
        rows["SafeLinksPolicy"] = links
    found = read(rows, licences)
    assert (found["plan"]["name"], found["plan"]["told_by"]) == (name, told_by)
    links_state = found["subjects"][0]["threats"]["safe_links_policy"]["state"]
    assert links_state == {"none": "not_applicable", None: "unknown"}.get(name, "known")


@pytest.mark.parametrize(
    ("memberships", "state", "by", "words"),
    [
        ([GROUP], "known", "standard", "members of sales@contoso.com"),
        ([], "known", "built_in", ""),
        (Forbidden("Insufficient privileges"), "unknown", "", "Insufficient privileges"),
        (NotFound("does not exist"), "unknown", "", "no user with that sign-in name"),
        ([{**GROUP, "displayName": None, "mail": None}], "unknown", "", "GroupMember.Read.All"),
    ],
)
def test_groups_are_read_where_permitted(memberships, state, by, words):
    rows = tenant()
    for threat in THREATS:
        if threat.preset == "ATPProtectionPolicyRule":
            with_preset(rows, threat, STANDARD, SentToMemberOf=["sales@contoso.com"])
    found = read(rows, memberships=memberships, recipients=["adele@contoso.com"])["subjects"][0]["threats"]["safe_attachment_policy"]
    assert (found["state"], found["by"]) == (state, by)
    assert words in found["reason"]


@pytest.mark.parametrize(
    ("users", "state", "words"),
    [
        ([], "unknown", "no user with that sign-in name or that primary address"),
        (Forbidden("Insufficient privileges"), "unknown", "Insufficient privileges"),
        ([{"id": "7", "mail": "adele@contoso.com"}], "known", "its rule is for the members of sales@contoso.com"),
    ],
)
def test_a_recipient_that_the_directory_does_not_have_gets_nothing(users, state, words):
    """Not even what everybody gets. A user with another sign-in name than its address is found all the same, with its groups."""
    rows = tenant()
    for threat in THREATS:
        if threat.preset == "ATPProtectionPolicyRule":
            with_preset(rows, threat, STANDARD, SentToMemberOf=["sales@contoso.com"])
    found = read(rows, recipients=["adele@contoso.com"], memberships=NotFound("gone"), users=users, by_id=[GROUP])
    threats = found["subjects"][0]["threats"]
    assert {one["state"] for one in threats.values()} == {state}
    assert words in threats["safe_attachment_policy"]["reason"]
    if state == "unknown":
        assert found["at_target"] is None


def test_a_group_that_the_directory_does_not_have_gets_nothing():
    found = read(groups=["nogroup@contoso.com"], with_mail=())
    assert found["at_target"] is None
    assert "no group with that address" in found["subjects"][0]["threats"]["safe_links_policy"]["reason"]
    for there in ([GROUP], Forbidden("Insufficient privileges")):
        assert read(groups=["sales@contoso.com"], with_mail=there)["subjects"][0]["threats"]["safe_links_policy"]["state"] == "known"


def test_domains_that_can_not_be_read():
    rows = {**tenant(), "AcceptedDomain": Forbidden("no role")}
    with pytest.raises(Forbidden, match="no role"):
        read(rows)
    assert read(rows, domains=["contoso.com"])["subjects"][0]["threats"]["malware_filter_policy"]["state"] == "known"


def test_the_analyzer_is_asked_for_both_levels():
    found = read(analyzer=Forbidden("no role"))["config_analyzer"]
    assert {level: one["state"] for level, one in found.items()} == {"standard": "unknown", "strict": "unknown"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"recipients": ["contoso.com"]}, "recipients must hold addresses"),
        ({"groups": ["Sales"]}, "groups must hold addresses"),
        ({"domains": ["@contoso.com"]}, "domains must hold domains"),
        ({"domains": ["contoso"]}, "domains must hold domains"),
    ],
)
def test_wrong_options(options, words):
    (error,) = EFFECTIVE_PROTECTION_INFO.wrong({**NONE_GIVEN, **options})
    assert words in error
