# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Preset security policies: every state that a preset can be in, against every sort of wish; with no service near."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Forbidden, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._export import apart, export, predicted, read_object
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils.resources.preset_security_policy import PRESET_SECURITY_POLICY as KIND

EOP, ATP = "EOPProtectionPolicyRule", "ATPProtectionPolicyRule"
POLICIES = {rule.noun: rule.policies for rule in KIND.rules}
CUSTOM = [noun for rule in KIND.rules for noun in rule.outranks]
NAMES = {"standard": "Standard Preset Security Policy", "strict": "Strict Preset Security Policy"}
LISTS = {"TargetedUsersToProtect": [], "TargetedDomainsToProtect": [], "ExcludedSenders": [], "ExcludedDomains": []}
SOME = {"SentTo": ["adele@contoso.com"]}


def digits(noun, preset="standard"):
    """The name of a preset's policy: each has digits of its own."""
    return f"{NAMES[preset]}{1700000000000 + sum(map(ord, noun))}"


def rule(noun, preset="standard", *, on=True, **conditions):
    return {
        "Name": NAMES[preset],
        "Identity": f"identity of {preset}",
        "State": "Enabled" if on else "Disabled",
        **{one: digits(one, preset) for one in POLICIES[noun]},
        **dict.fromkeys(one.wire for one in KIND.assignment),
        **conditions,
    }


def tenant(eop=None, atp=None, *, made=(EOP, ATP), offered=True, lists=None, custom=()):
    """The rows of a tenant. eop, atp: rules of presets. made: of which rules the policies exist. custom: (noun, on) of custom rules."""
    rows = {}
    for noun, policies in POLICIES.items():
        for one in policies:
            mark = {"RecommendedPolicyType": "Standard", "Name": digits(one), "Identity": digits(one), **LISTS, **(lists or {})}
            rows[one] = [{"Name": "Default", "Identity": "Default", "RecommendedPolicyType": "Custom"}, *([mark] if noun in made else [])]
    rows[EOP] = [eop] if eop else []
    rows[ATP] = [atp] if atp else []
    for noun in CUSTOM:
        rows[noun] = [
            {"Name": f"Custom {index}", "State": "Enabled" if on else "Disabled"} for index, (of, on) in enumerate(custom) if of == noun
        ]
    return rows if offered else {noun: found for noun, found in rows.items() if not noun.startswith(("ATP", "Safe"))}


def both(*, on, **conditions):
    return tenant(rule(EOP, on=on, **conditions), rule(ATP, on=on, **conditions))


STATES = {
    "never": tenant(made=()),
    "removed": tenant(),
    "off for all": both(on=False),
    "off for some": both(on=False, **SOME),
    "on for some": both(on=True, **SOME),
    "on for all": both(on=True),
    "eop alone is on": tenant(rule(EOP), rule(ATP, on=False)),
    "apart": tenant(rule(EOP), rule(ATP, **SOME)),
    "atp removed": tenant(rule(EOP)),
    "atp never": tenant(rule(EOP), made=(EOP,)),
    "no licence, never": tenant(made=(), offered=False),
    "no licence, removed": tenant(made=(EOP,), offered=False),
    "no licence, on for all": tenant(rule(EOP), offered=False),
}
WISHES = {
    "nothing": {},
    "on": {"enabled": True},
    "off": {"enabled": False},
    "on for all": {"enabled": True, "everyone": True},
    "on for some": {"enabled": True, "sent_to": ["Adele@contoso.com"]},
    "for all": {"everyone": True},
    "not for all": {"everyone": False},
    "for some": {"sent_to": ["adele@contoso.com"]},
    "condition away": {"sent_to": []},
    "for some, off": {"enabled": False, "sent_to": ["adele@contoso.com"]},
    "exception": {"except_if_recipient_domain_is": ["fabrikam.com"]},
    "lists": {"targeted_domains_to_protect": ["adatum.com"]},
    "empty lists": {"targeted_domains_to_protect": []},
}
# What comes of it: the writes (E for the EOP rule, A for the other one, L for lists), nothing, or a refusal. In the order of WISHES.
NO, ALL, FIRST, LICENCE = "", "everybody", "preset_not_initialised", "not_offered"
TABLE = {
    "never": [NO, FIRST, NO, FIRST, FIRST, FIRST, NO, FIRST, NO, NO, FIRST, FIRST, NO],
    "removed": [NO, ALL, NO, "New-E New-A", "New-E New-A", "New-E New-A", NO, "New-E New-A", NO, "New-E New-A", ALL, "Set-L", NO],
    "off for all": [
        NO, ALL, NO, "Enable-E Enable-A", "Set-E Enable-E Set-A Enable-A", NO, ALL, "Set-E Set-A", NO, "Set-E Set-A", "Set-E Set-A",
        "Set-L", NO,
    ],
    "off for some": [
        NO, "Enable-E Enable-A", NO, "Set-E Enable-E Set-A Enable-A", "Enable-E Enable-A", "Set-E Set-A", NO, NO, ALL, NO, "Set-E Set-A",
        "Set-L", NO,
    ],
    "on for some": [
        NO, NO, "Disable-E Disable-A", "Set-E Set-A", NO, "Set-E Set-A", NO, NO, ALL, "Disable-E Disable-A", "Set-E Set-A", "Set-L", NO,
    ],
    "on for all": [
        NO, NO, "Disable-E Disable-A", NO, "Set-E Set-A", NO, ALL, "Set-E Set-A", NO, "Disable-E Set-E Disable-A Set-A", "Set-E Set-A",
        "Set-L", NO,
    ],
    "eop alone is on": [
        NO, ALL, "Disable-E", "Enable-A", "Set-E Set-A Enable-A", NO, ALL, "Set-E Set-A", NO, "Set-A Disable-E Set-E", "Set-E Set-A",
        "Set-L", NO,
    ],
    "apart": [
        NO, NO, "Disable-E Disable-A", "Set-A", "Set-E", "Set-A", ALL, "Set-E", ALL, "Disable-E Set-E Disable-A", "Set-E Set-A",
        "Set-L", NO,
    ],
    "atp removed": [
        NO, ALL, "Disable-E", "New-A", "Set-E New-A", "New-A", ALL, "Set-E New-A", NO, "New-A Disable-E Set-E", ALL, "Set-L", NO,
    ],
    "atp never": [NO, FIRST, "Disable-E", FIRST, FIRST, FIRST, ALL, FIRST, NO, "Disable-E Set-E", FIRST, "Set-L", NO],
    "no licence, never": [NO, FIRST, NO, FIRST, FIRST, FIRST, NO, FIRST, NO, NO, FIRST, FIRST, NO],
    "no licence, removed": [NO, ALL, NO, "New-E", "New-E", "New-E", NO, "New-E", NO, "New-E", ALL, LICENCE, NO],
    "no licence, on for all": [NO, NO, "Disable-E", NO, "Set-E", NO, ALL, "Set-E", NO, "Disable-E Set-E", "Set-E", LICENCE, NO],
}  # fmt: skip
CASES = [
    pytest.param(STATES[state], wish, expected, id=f"{state} - {name}")
    for state, row in TABLE.items()
    for (name, wish), expected in zip(WISHES.items(), row, strict=True)
]
SHORT = {EOP: "E", ATP: "A", "AntiPhishPolicy": "L"}


def short(found):
    return " ".join(f"{one.verb}-{SHORT[one.noun]}" for one in found.operations)


def wishing(rows, preset="standard", **wish):
    return plan(KIND, rows, [{"name": preset, **wish}])


@pytest.mark.parametrize(("rows", "wish", "expected"), CASES)
def test_every_wish_in_every_state(rows, wish, expected):
    if expected == ALL:
        with pytest.raises(BadInput, match="everybody"):
            wishing(rows, **wish)
    elif expected in (FIRST, LICENCE):
        with pytest.raises(Refused) as caught:
            wishing(rows, **wish)
        assert caught.value.code == expected
        assert expected != FIRST or "https://security.microsoft.com/presetSecurityPolicies" in caught.value.hint
    else:
        found = wishing(rows, **wish)
        assert short(found) == expected
        assert (found.before == found.after) == (expected == "")


def done(rows, operations):
    """The rows after operations, as the service would have them."""
    result = {noun: [dict(row) for row in found] for noun, found in rows.items()}
    for one in operations:
        if one.verb == "New":
            state = "Enabled" if one.parameters["Enabled"] else "Disabled"
            result[one.noun].append(
                {**dict.fromkeys(each.wire for each in KIND.assignment), **one.parameters, "Identity": "x", "State": state}
            )
            continue
        (row,) = [row for row in result[one.noun] if row["Identity"] == one.identity]
        row.update({name: [] if isinstance(value, dict) else value for name, value in one.parameters.items()})
        row.update({"State": f"{one.verb}d"} if one.verb != "Set" else {})
    return result


@pytest.mark.parametrize(("rows", "wish", "expected"), [case for case in CASES if case.values[2] not in (ALL, FIRST, LICENCE)])
def test_afterwards_it_is_so_and_stays_so(rows, wish, expected):
    found = wishing(rows, **wish)
    then = done(rows, found.operations)
    assert wishing(then, **wish).operations == ()
    foretold = predicted(KIND, read_object(KIND, rows, "standard"), found.before[0], found.after[0])
    now = read_object(KIND, then, "standard")
    assert now == foretold
    assert wishing(then, **wish).before == found.after == wishing(then, **wish).after


@pytest.mark.parametrize("state", STATES)
def test_what_is_exported_plans_to_nothing(state):
    rows = STATES[state]
    exported = export(KIND, rows)
    assert bool(exported) == ("never" not in state or state == "atp never")
    assert plan(KIND, rows, exported).operations == ()
    for one in exported:
        assert one.keys() <= KIND.spec.keys() and KIND.wrong(one) == []


def test_reading_tells_what_rules_have_in_common_and_what_each_has():
    now = read_object(KIND, STATES["apart"], "standard")
    assert (now["initialised"], now["enabled"], now["everyone"], now["sent_to"], now["except_if_sent_to"]) == (True, True, None, None, [])
    assert now["rules"][EOP]["everyone"] is True
    assert now["rules"][ATP]["sent_to"] == ["adele@contoso.com"]
    assert apart(KIND, STATES["apart"]) == {"standard": now["rules"]} and apart(KIND, STATES["on for all"]) == {}
    assert read_object(KIND, STATES["eop alone is on"], "standard")["enabled"] is None
    never = read_object(KIND, STATES["never"], "standard")
    assert (never["initialised"], never["enabled"], never["rules"]) == (False, False, {EOP: None, ATP: None})
    assert read_object(KIND, STATES["atp never"], "standard")["initialised"] is False
    assert list(read_object(KIND, STATES["no licence, on for all"], "standard")["rules"]) == [EOP]
    assert read_object(KIND, STATES["on for all"], "nothing of ours") is None


def test_a_difference_between_the_rules_is_shown_by_rule():
    found = wishing(STATES["apart"], sent_to=["megan@contoso.com"], enabled=True)
    assert found.before == ({"name": "standard", "enabled": True, "sent_to": {EOP: [], ATP: ["adele@contoso.com"]}},)
    assert found.after == ({"name": "standard", "enabled": True, "sent_to": ["megan@contoso.com"]},)


@pytest.mark.parametrize(("preset", "priority"), [("standard", 1), ("strict", 0)])
def test_a_rule_is_made_with_its_policies_and_the_default_priority(preset, priority):
    rows = tenant(made=())
    kind = next(one for one in KIND.presets if one.name == preset)
    for policies in POLICIES.values():
        for one in policies:
            rows[one].append({"Name": digits(one, preset), "Identity": "x", "RecommendedPolicyType": kind.type, **LISTS})
    made = {one.noun: one.parameters for one in wishing(rows, preset, enabled=True, sent_to_member_of=["a@contoso.com"]).operations}
    common = {"Name": NAMES[preset], "Priority": priority, "Enabled": True, "SentToMemberOf": ["a@contoso.com"]}
    assert made == {noun: {**common, **{one: digits(one, preset) for one in POLICIES[noun]}} for noun in (EOP, ATP)}


def test_conditions_are_cleared_with_null_and_lists_with_a_hashtable():
    rows = tenant(rule(EOP, **SOME), rule(ATP, **SOME), lists={"ExcludedSenders": ["a@contoso.com"]})
    first, *others = wishing(rows, everyone=True, excluded_senders=[]).operations
    assert (str(first), dict(first.parameters)) == (
        f"Set-AntiPhishPolicy {digits('AntiPhishPolicy')} {{ExcludedSenders}}",
        {"ExcludedSenders": {"@odata.type": "#Exchange.GenericHashTable"}},
    )
    assert [dict(one.parameters) for one in others] == [{"SentTo": None}, {"SentTo": None}]


def test_only_what_differs_is_sent():
    rows = both(on=True, **SOME, ExceptIfSentTo=["alex@contoso.com"])
    wish = {"sent_to": ["Adele@Contoso.com"], "except_if_sent_to": ["megan@contoso.com"], "enabled": True}
    assert {frozenset(one.parameters) for one in wishing(rows, **wish).operations} == {frozenset({"ExceptIfSentTo"})}


def test_the_lists_of_a_preset_are_on_the_policy_that_its_rule_names():
    rows = both(on=True)
    rows["AntiPhishPolicy"].insert(1, {"Name": "Left behind", "Identity": "other", "RecommendedPolicyType": "Standard", **LISTS})
    (one,) = wishing(rows, excluded_domains=["adatum.com"]).operations
    assert one.identity == digits("AntiPhishPolicy")


def test_a_renamed_rule_is_found_by_its_policies():
    rows = both(on=False)
    rows[EOP][0]["Name"] = rows[ATP][0]["Name"] = "Everyday protection"
    assert short(wishing(rows, enabled=True, everyone=True)) == "Enable-E Enable-A"


def test_one_preset_is_on_before_the_other_one_is_off():
    rows = both(on=True)
    for noun, policies in POLICIES.items():
        rows[noun].append(rule(noun, "strict", on=False, **SOME))
        for one in policies:
            rows[one].append({"Name": digits(one, "strict"), "Identity": "x", "RecommendedPolicyType": "Strict", **LISTS})
    found = plan(KIND, rows, [{"name": "standard", "enabled": False}, {"name": "strict", "enabled": True}])
    assert [f"{one.verb} {one.name.partition(' ')[0]}" for one in found.operations] == 2 * ["Enable Strict"] + 2 * ["Disable Standard"]
    assert [one["name"] for one in export(KIND, rows)] == ["standard", "strict"]


# ---------------------------------------------------------------- what a preset comes before

WIDER = {
    "switched on": (both(on=False, **SOME), {"enabled": True}, True),
    "made on": (tenant(), {"enabled": True, "everyone": True}, True),
    "made off": (tenant(), {"everyone": True}, False),
    "another member": (both(on=True, **SOME), {"sent_to": ["adele@contoso.com", "alex@contoso.com"]}, True),
    "other members": (both(on=True, **SOME), {"sent_to": ["alex@contoso.com"]}, True),
    "fewer members": (both(on=True, SentTo=["adele@contoso.com", "alex@contoso.com"]), {"sent_to": ["ALEX@contoso.com"]}, False),
    "for everybody": (both(on=True, **SOME), {"everyone": True}, True),
    "no more for everybody": (both(on=True), {"sent_to": ["adele@contoso.com"]}, False),
    "a second condition": (both(on=True, **SOME), {"recipient_domain_is": ["contoso.com"]}, False),
    "a condition less": (both(on=True, **SOME, RecipientDomainIs=["contoso.com"]), {"sent_to": []}, True),
    "a condition for another": (both(on=True, **SOME), {"sent_to": [], "recipient_domain_is": ["contoso.com"]}, True),
    "an exception more": (both(on=True), {"except_if_sent_to": ["adele@contoso.com"]}, False),
    "an exception less": (both(on=True, ExceptIfSentTo=["adele@contoso.com"]), {"except_if_sent_to": []}, True),
    "another exception": (both(on=True, ExceptIfSentTo=["adele@contoso.com"]), {"except_if_sent_to": ["alex@contoso.com"]}, True),
    "off already": (both(on=False, **SOME), {"sent_to": ["alex@contoso.com"]}, False),
    "switched off": (both(on=True, **SOME), {"enabled": False, "sent_to": ["alex@contoso.com"]}, False),
    "lists": (both(on=True), {"targeted_domains_to_protect": ["adatum.com"]}, False),
    "as it is": (both(on=True), {"enabled": True, "everyone": True}, False),
}


@pytest.mark.parametrize(("rows", "wish", "more"), WIDER.values(), ids=WIDER)
@pytest.mark.parametrize("noun", CUSTOM)
def test_whoever_is_newly_covered_may_lose_a_custom_policy(rows, wish, more, noun):
    there = {**rows, noun: [{"Name": "Board", "State": "Enabled"}, {"Name": "Idle", "State": "Disabled"}]}
    allowed = wishing(there, **wish, outrank=True)
    assert allowed == wishing(rows, **wish)
    if not more:
        assert wishing(there, **wish) == allowed
        return
    with pytest.raises(Refused) as caught:
        wishing(there, **wish)
    assert caught.value.code == "would_outrank" and f'"Board" ({noun})' in caught.value.text and "Idle" not in caught.value.text
    assert "outrank=true" in caught.value.hint


def test_a_rule_that_reaches_nobody_new_outranks_nobody_new():
    rows = {**STATES["eop alone is on"], "AntiPhishRule": [{"Name": "Board", "State": "Enabled"}]}
    assert short(wishing(rows, enabled=True, everyone=True)) == "Enable-A"


# ---------------------------------------------------------------- what is wrong


def test_wishes_that_exclude_each_other():
    assert KIND.wrong({"name": "strict", "everyone": True, "sent_to": ["a@contoso.com"]}) == ["everyone and sent_to exclude each other"]
    assert KIND.wrong({"name": "strict", "everyone": True, "sent_to": [], "except_if_sent_to": ["a@contoso.com"]}) == []
    assert KIND.wrong({"name": "strict", "everyone": False, "sent_to": ["a@contoso.com"]}) == []
    assert KIND.wrong({"name": "strict", "targeted_users_to_protect": ["nobody"]})[0].startswith("targeted_users_to_protect must read")
    assert "350" in KIND.wrong({"name": "strict", "targeted_users_to_protect": [f"A;a{number}@contoso.com" for number in range(351)]})[0]
    with pytest.raises(BadInput, match="twice"):
        plan(KIND, STATES["never"], [{"name": "strict"}, {"name": "strict"}])


@pytest.mark.parametrize("noun", POLICIES[EOP])
def test_no_policy_at_all_is_a_failed_reading(noun):
    with pytest.raises(TenantError, match=f"returned no {noun}"):
        wishing({**STATES["on for all"], noun: []}, enabled=True)


@pytest.mark.parametrize("noun", [query.noun for query in KIND.optional])
def test_what_comes_with_a_licence_comes_together(noun):
    rows = STATES["on for all"]
    without, alone = {name: found for name, found in rows.items() if name != noun}, {**STATES["no licence, on for all"], noun: rows[noun]}
    for some in (without, alone):
        with pytest.raises(Forbidden, match="but not"):
            wishing(some, enabled=False)


def test_impossible_descriptions():
    with pytest.raises(ValueError, match="no rule names"):
        replace(KIND, lists_on="SafeDocsPolicy")
    with pytest.raises(ValueError, match="every tenant has"):
        replace(KIND, rules=KIND.rules[1:], lists_on="SafeLinksPolicy")
