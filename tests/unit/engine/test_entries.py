# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of entries: what is wrong with a wish, how a plan groups and shows, without a service."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused
from ansible_collections.m365.defender.plugins.module_utils._export import export, predicted, read_object
from ansible_collections.m365.defender.plugins.module_utils._plan import further, plan
from ansible_collections.m365.defender.plugins.module_utils.resources.tenant_allow_block_list import TENANT_ALLOW_BLOCK_LIST as KIND

NOUN = KIND.noun
PASSED, SOON, LATER = "2026-01-31T12:00:00Z", "2031-01-31T12:00:00Z", "2032-02-29T08:30:00Z"


def wish(*entries, list_type="Sender", sub_type="Tenant", action="block", **more):
    spelt = [{"entry": one} if isinstance(one, str) else one for one in entries]
    return {"list_type": list_type, "list_sub_type": sub_type, "action": action, "entries": spelt, **more}


def row(value, *, list_type="Sender", sub_type="Tenant", action="Block", expires=None, after=None, notes=""):
    return {
        "ListType": list_type,
        "ListSubType": sub_type,
        "Action": action,
        "Identity": f"id of {value}",
        "Value": value,
        "ExpirationDate": expires,
        "RemoveAfter": after,
        "Notes": notes,
    }


def done(rows, operations):
    """The rows after operations, as the service would carry them out."""
    rows = [dict(one) for one in rows]
    for one in operations:
        given = one.parameters
        ends = {}
        if given.get("NoExpiration") or "ExpirationDate" in given or "RemoveAfter" in given:
            ends = {"ExpirationDate": given.get("ExpirationDate"), "RemoveAfter": given.get("RemoveAfter")}
        if "Notes" in given:
            ends["Notes"] = given["Notes"]
        if one.verb == "Remove":
            rows = [each for each in rows if each["Identity"] not in given["Ids"]]
        elif one.verb == "Set":
            rows = [{**each, **ends} if each["Identity"] in given["Ids"] else each for each in rows]
        else:
            action = "Allow" if given.get("Allow") else "Block"
            sub_type = given.get("ListSubType", "Tenant")
            assert not {each["Value"].lower() for each in rows if each["ListType"] == given["ListType"]} & {
                value.lower() for value in given["Entries"]
            }
            rows += [{**row(value, list_type=given["ListType"], sub_type=sub_type, action=action), **ends} for value in given["Entries"]]
    return rows


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (wish("no domain"), 'entries[0] "no domain" is neither a domain nor an e-mail address'),
        (wish("a.example", "A.example"), 'entries[1] "A.example" is there twice'),
        (wish("192.0.2.1", list_type="IP"), "IPv6"),
        (wish("::/0", list_type="IP"), "0 bits"),
        (wish("2001:db8::1", "2001:0db8:0::1", list_type="IP"), "twice"),
        (wish("abc", list_type="FileHash"), "SHA-256"),
        (wish("https://a.example", list_type="Url"), "protocol"),
        (wish("user@a.example/x", list_type="Url"), "user"),
        (wish("a.example/" + "x" * 250, list_type="Url"), "250"),
        (wish("", list_type="Url"), "is no address"),
        (wish({"entry": "a.example", "expires": "tomorrow"}), "entries[0].expires must be a UTC time"),
        (wish({"entry": "a.example", "expires": ""}), "entries[0].expires must be a UTC time"),
        (wish("fe80::1%eth0", list_type="IP"), "IPv6"),
        (wish({"entry": "a.example", "expires": "2027-02-30T12:00:00Z"}), "entries[0].expires must be a UTC time"),
        (
            wish({"entry": "a.example", "remove_after": 45}, list_type="Url", sub_type="AdvancedDelivery", action="allow"),
            "is not for entries of the list Url AdvancedDelivery allow",
        ),
        (wish({"entry": "a.example", "remove_after": 45}), "is not for entries of the list Sender block"),
        (wish({"entry": "a.example", "remove_after": 45, "expires": SOON}, action="allow"), "excludes expires"),
        (wish({"entry": "2001:db8::1", "remove_after": 45}, list_type="IP", action="allow"), "IP allow"),
        (wish({"entry": "a.example", "notes": "n" * 101}), "at most 100 characters"),
        (wish("a.example", sub_type="AdvancedDelivery"), "there is no list Sender AdvancedDelivery block"),
        (wish("a.example", list_type="Url", sub_type="AdvancedDelivery"), "there is no list Url AdvancedDelivery block"),
        (wish("a.example", state="absent", exclusive=True), "exclude each other"),
    ],
)
def test_what_is_wrong(wanted, said):
    (sentence,) = KIND.wrong(wanted)
    assert said in sentence


def test_many_faults_of_one_kind_are_one_sentence():
    (sentence,) = KIND.wrong(wish(*(f"no domain {number}" for number in range(1000))))
    assert "and 997 more" in sentence and len(sentence) < 200


@pytest.mark.parametrize(
    "wanted",
    [
        wish("*.com", "*.a.example", "a@b.example", "localhost.localdomain"),
        wish("~a.example~", "*.a.example/*", "a.example/path?x=y@z", "192.0.2.1", list_type="Url"),
        wish({"entry": "*.a.example", "expires": "never"}, list_type="Url", sub_type="AdvancedDelivery", action="allow"),
        wish({"entry": "2001:db8::1", "expires": "never"}, list_type="IP", action="allow"),
        wish({"entry": "a.example", "expires": "nonsense"}, state="absent"),
        wish(),
    ],
)
def test_what_is_right(wanted):
    assert KIND.wrong(wanted) == []


def test_entries_that_are_alike_go_together_in_parts_of_a_hundred():
    entries = [{"entry": f"a{number}.example", "expires": ("never", SOON)[number % 2], "notes": "x"} for number in range(500)]
    operations = plan(KIND, {NOUN: []}, [wish(*entries)]).operations
    assert [len(one.parameters["Entries"]) for one in operations] == [100, 100, 50] * 2
    assert {one.parameters.get("NoExpiration") for one in operations[:3]} == {True}
    assert {one.parameters.get("ExpirationDate") for one in operations[3:]} == {SOON}
    assert all(one.parameters["Block"] is True and "ListSubType" not in one.parameters for one in operations)
    assert len({one.name for one in operations}) == len(operations), "a lost write is known by its name"
    assert str(operations[0]).startswith("New-TenantAllowBlockListItems Sender block: a0.example and 99 more")


def test_a_plan_shows_what_changes_and_nothing_else():
    rows = [row(f"a{number}.example", expires=SOON, notes="x") for number in range(9_000)]
    made = plan(KIND, {NOUN: rows}, [wish({"entry": "A5.example", "notes": "y"}, "a6.example", "new.example")])
    assert made.before[0]["entries"] == [{"entry": "a5.example", "expires": SOON, "notes": "x"}]
    assert made.after[0]["entries"] == [{"entry": "a5.example", "expires": SOON, "notes": "y"}, {"entry": "new.example"}]
    assert [one.verb for one in made.operations] == ["Set", "New"]
    assert made.operations[0].parameters == {"ListType": "Sender", "Ids": ["id of a5.example"], "Notes": "y"}


def test_what_goes_goes_first():
    rows = [row("a.example", action="Allow"), row("old.example")]
    made = plan(KIND, {NOUN: rows}, [wish("a.example", exclusive=True), wish("a.example", action="allow", state="absent")])
    assert [(one.verb, one.name) for one in made.operations] == [
        ("Remove", "Sender block: old.example"),
        ("Remove", "Sender allow: a.example"),
        ("New", "Sender block: a.example"),
    ]


def test_a_time_is_compared_as_a_time():
    rows = {NOUN: [row("a.example", expires="2031-01-31T12:00:00.0000000Z"), row("b.example")]}
    same = wish({"entry": "a.example", "expires": "2031-01-31T12:00Z"}, {"entry": "b.example", "expires": "never"})
    assert plan(KIND, rows, [same]).operations == ()
    other = wish({"entry": "a.example", "expires": "never"}, {"entry": "b.example", "expires": LATER})
    assert [set(one.parameters) - {"ListType", "Ids"} for one in plan(KIND, rows, [other]).operations] == [
        {"NoExpiration"},
        {"ExpirationDate"},
    ]


PLAN_1 = {"servicePlanId": "f20fedf3-f3c3-43c3-8267-2bfdd51c0939", "provisioningStatus": "Success"}


@pytest.mark.parametrize(
    ("skus", "most"),
    [([], 500), ([{"capabilityStatus": "Enabled", "servicePlans": [PLAN_1]}], 1000), (None, 10_000)],
)
def test_how_many_there_may_be(skus, most):
    """By the licences, and by those of the best where they are not known; what goes makes room."""
    there = [row(f"a{number}.example") for number in range(most)]
    rows = {NOUN: there} if skus is None else {NOUN: there, "subscribedSkus": skus}
    assert plan(KIND, rows, [wish("a0.example")]).operations == ()
    with pytest.raises(Refused, match=f"{most + 1} entries of the type Sender with the action block, and .* than {most}"):
        plan(KIND, rows, [wish("new.example")])
    kept = [f"a{number}.example" for number in range(1, most)]
    assert [one.verb for one in plan(KIND, rows, [wish(*kept, "new.example", exclusive=True)]).operations] == ["Remove", "New"]
    assert plan(KIND, rows, [wish("new.example", list_type="IP", action="allow"), wish("new.example", action="allow")]).operations


def test_the_licences_are_asked_for_only_where_they_matter():
    rows = {NOUN: [row(f"a{number}.example") for number in range(500)]}
    assert further(KIND, rows, [wish("a0.example"), wish("new.example", action="allow")]) == ()
    assert [(service, query.noun) for service, query in further(KIND, rows, [wish("new.example")])] == [("graph", "subscribedSkus")]


def test_an_end_that_has_passed_is_neither_made_nor_set_nor_removed():
    rows = {NOUN: [row("here.example", expires=PASSED), row("longer.example", expires=SOON)]}
    ended = [{"entry": name, "expires": PASSED} for name in ("here.example", "longer.example", "a.example", "b.example", "c.example")]
    made = plan(KIND, rows, [wish(*ended, exclusive=True)])
    assert made.operations == () and made.before == made.after
    assert made.warnings == (
        "Sender block: the time of longer.example, a.example, b.example and 1 more has passed, so nothing is done about it",
    )
    assert [one.verb for one in plan(KIND, rows, [wish(*ended, state="absent")]).operations] == ["Remove"]


@pytest.mark.parametrize("there", [[], [row("a.example", action="Allow", after=45)], [row("a.example", action="Allow", expires=SOON)]])
def test_an_allow_entry_can_not_be_given_no_end(there):
    with pytest.raises(Refused, match=r"a\.example can't stay for good: .* for entries of the list Sender allow"):
        plan(KIND, {NOUN: there}, [wish({"entry": "a.example", "expires": "never"}, action="allow")])


def test_an_allow_entry_that_has_no_end_may_say_so():
    there = {NOUN: [row("a.example", action="Allow")]}
    (found,) = export(KIND, there)
    assert found == wish({"entry": "a.example", "expires": "never"}, action="allow")
    assert KIND.wrong(found) == [] and plan(KIND, there, [found]).operations == ()
    (operation,) = plan(KIND, there, [wish({**found["entries"][0], "notes": "Why"}, action="allow")]).operations
    assert operation.parameters == {"ListType": "Sender", "Ids": ["id of a.example"], "Notes": "Why"}


def test_a_list_is_wanted_once():
    with pytest.raises(BadInput, match="Sender block is wanted twice"):
        plan(KIND, {NOUN: []}, [wish("a.example"), wish("b.example")])


ENTRY = st.fixed_dictionaries(
    {"entry": st.sampled_from(["a.example", "B.example", "c@d.example", "*.e.example"])},
    optional={"expires": st.sampled_from(["never", SOON, LATER]), "notes": st.sampled_from(["", "x", "y"])},
)
ENTRIES = st.lists(ENTRY, unique_by=lambda one: one["entry"].lower())


@given(before=ENTRIES, wanted=ENTRIES, exclusive=st.booleans(), absent=st.booleans())
def test_from_any_list_to_any_wish(before, wanted, exclusive, absent):
    """One run reaches it, a second does nothing, what was foretold is there, and an export plans to nothing."""
    rows = done([row("other.example", action="Allow")], plan(KIND, {NOUN: []}, [wish(*before)]).operations)
    one = wish(*wanted, state="absent") if absent else wish(*wanted, exclusive=exclusive)
    made = plan(KIND, {NOUN: rows}, [one])
    after = done(rows, made.operations)
    assert plan(KIND, {NOUN: after}, [one]).operations == ()
    assert bool(made.operations) == (made.before != made.after)
    foretold = predicted(KIND, read_object(KIND, {NOUN: rows}, "Sender block"), made.before[0], made.after[0])
    real = read_object(KIND, {NOUN: after}, "Sender block")
    # An entry that was added without a time gets the service's own.
    assert plain(foretold, wanted) == plain(real, wanted)
    objects = export(KIND, {NOUN: after})
    assert plan(KIND, {NOUN: after}, objects).operations == ()
    assert [other for other in objects if other["action"] == "allow"] == [
        wish({"entry": "other.example", "expires": "never"}, action="allow")
    ]
    if exclusive and not absent:
        assert {entry["entry"].lower() for entry in (real or {"entries": []})["entries"]} == {entry["entry"].lower() for entry in wanted}


def plain(shown, wanted):
    silent = {entry["entry"].lower() for entry in wanted if "expires" not in entry}
    entries = (shown or {"entries": []})["entries"]
    return [{k: v for k, v in one.items() if k != "expires" or one["entry"].lower() not in silent} for one in entries]
