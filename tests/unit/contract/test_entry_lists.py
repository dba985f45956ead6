# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws for kinds whose objects are lists of entries, in an emulated tenant, and the traps of the Tenant Allow/Block List."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION, CONFIGURATION_INFO
from ansible_collections.m365.defender.plugins.module_utils._entries import EntryLists
from ansible_collections.m365.defender.plugins.module_utils._export import export, read_object
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import ENGINE_PARAMETERS

KIND = RESOURCES["tenant_allow_block_list"]
NOUN = "TenantAllowBlockListItems"
TABLES = Path(__file__).parents[3] / "emulator" / "tables"
CMDLETS = json.loads((TABLES / "cmdlets.json").read_text())["cmdlets"]
PASSED, SOON, LATER = "2026-01-31T12:00:00Z", "2031-01-31T12:00:00Z", "2032-02-29T08:30:00Z"
# Four entries for each list, and the times that its entries may have.
ENTRIES = {
    "Sender": ["bad.example", "*.worse.example", "adele@contoso.com", "Alex@fabrikam.com"],
    "Url": ["bad.example/a?b=c", "~worse.example~", "*.adatum.com/*", "contoso.com/Path"],
    "FileHash": [digit * 64 for digit in "abc0"],
    "IP": ["2001:db8::1", "2001:0DB8:0:0::2", "2001:db8:1::/48", "2001:db8::f/128"],
}
LISTS = [
    pytest.param(one.type, one.sub_type, action, id=f"{one.type}-{one.sub_type}-{action}") for one in KIND.lists for action in one.actions
]


def times(list_type, sub_type, action):
    lingers = action == "allow" and sub_type == "Tenant" and list_type != "IP"
    return [{"expires": SOON}, {"expires": LATER}, {"remove_after": 45} if lingers else {"expires": "never"}, {}]


def wish(list_type, sub_type, action, entries, **more):
    return {"list_type": list_type, "list_sub_type": sub_type, "action": action, "entries": entries, **more}


def stages(*which):
    """The life of a list: filled, every time and every note changed, one entry alone, emptied."""
    words, ends = ENTRIES[which[0]], times(*which)
    first = [{"entry": word, "notes": f"Why {index}", **ends[index]} for index, word in enumerate(words)]
    second = [{"entry": word.upper(), "notes": "" if index else 'Für "alle"', **ends[index - 1]} for index, word in enumerate(words)]
    return [
        wish(*which, first),
        wish(*which, second),
        wish(*which, [{"entry": words[0]}], exclusive=True),
        wish(*which, [{"entry": word} for word in words], state="absent"),
    ]


@pytest.mark.parametrize(("list_type", "sub_type", "action"), LISTS)
def test_laws_1_to_3_for_the_life_of_a_list(list_type, sub_type, action, bench):
    label = KIND.label(wish(list_type, sub_type, action, []))
    for stage in stages(list_type, sub_type, action):
        assert KIND.wrong(stage) == []
        bench.clear()
        said = bench.perform(KIND, stage, check=True)
        assert not said.get("failed"), said["msg"]
        assert bench.sent() == [] and bench.tenant.writes() == []
        real = bench.perform(KIND, stage)
        assert not real.get("failed"), real["msg"]
        assert real["changed"] and len(real["operations"]) == len(bench.sent()) > 0
        for key in ("changed", "operations", "diff"):
            assert said[key] == real[key], key
        assert by_entry(said["object"], stage) == by_entry(real["object"], stage)
        rows = bench.rows(KIND)
        assert plan(KIND, rows, [stage]).operations == ()
        assert read_object(KIND, rows, label) == real["object"]
        again = bench.perform(KIND, stage)
        assert (again["changed"], again["operations"], again["diff"]) == (False, [], [])
    assert real["object"] is None


def by_entry(shown, stage):
    """The entries of an object without what only the service decides: the end of an entry for which nobody wished one."""
    which = (stage["list_type"], stage["list_sub_type"], stage["action"])
    silent = {KIND.key(which, entry["entry"]) for entry in stage["entries"] if not {"expires", "remove_after"} & set(entry)}
    entries = (shown or {"entries": []})["entries"]
    quiet = ({**entry, "expires": None, "remove_after": None} if KIND.key(which, entry["entry"]) in silent else entry for entry in entries)
    return [{name: value for name, value in entry.items() if value is not None} for entry in quiet]


@pytest.mark.parametrize("seed", ["bench", "lived_in"])
def test_law_4_an_export_plans_to_nothing(seed, request):
    bench = request.getfixturevalue(seed)
    bench.apply(KIND, *(stages(*which.values)[0] for which in LISTS if which.values[2] == "block"))
    bench.apply(KIND, wish("Sender", "Tenant", "allow", [{"entry": "good.example"}]))
    found = bench.perform(CONFIGURATION_INFO, {"kinds": [KIND.kind]})["configuration"][KIND.kind]
    assert {KIND.label(one) for one in found} >= {"Sender allow", "Sender block", "Url block", "FileHash block", "IP block"}
    result = bench.perform(CONFIGURATION, {"config": {KIND.kind: found}})
    assert not result.get("failed"), result["msg"]
    assert (result["changed"], result["diff"]) == (False, [])


def test_law_5_and_6_only_what_changes_is_sent(bench):
    first = stages("Url", "Tenant", "block")[0]
    for change, sent in (
        ({"notes": "Another"}, {"Notes"}),
        ({"expires": "never"}, {"NoExpiration"}),
        ({"expires": LATER}, {"ExpirationDate"}),
    ):
        bench.apply(KIND, first)
        bench.clear()
        bench.apply(KIND, {**first, "entries": [{**first["entries"][0], **change}, *first["entries"][2:]]})
        assert [(one.verb, set(one.settings) - {"ListType", "Ids"}) for one in bench.sent()] == [("Set", sent)]
        assert len(bench.sent()[0].settings["Ids"]) == 1


def test_law_9_and_10_every_parameter_of_the_noun_is_used_or_left_out_with_a_reason():
    used = {"New": {"Entries"}, "Set": {"Ids"}, "Remove": {"Ids"}}
    other = {"New": set(), "Set": {"Entries", "Allow", "Block"}, "Remove": {"Entries"}}  # another way to say the same
    shared = {"ListType", "ListSubType"}
    settings = {"Allow", "Block", "NoExpiration", "ExpirationDate", "RemoveAfter", "Notes"}
    for verb, naming in used.items():
        facts = CMDLETS[f"{verb}-{NOUN}"]["parameters"]
        wanted = naming | shared | (settings if verb != "Remove" else set())
        assert wanted <= set(facts)
        assert set(facts) - wanted - other[verb] - set(KIND.left_out) - set(ENGINE_PARAMETERS) == set()
    assert set(KIND.left_out) <= set(CMDLETS[f"New-{NOUN}"]["parameters"])
    facts = CMDLETS[f"New-{NOUN}"]["parameters"]
    spec = KIND.spec
    assert set(spec["list_type"]["choices"]) == set(facts["ListType"]["values"])
    assert set(spec["list_sub_type"]["choices"]) == set(facts["ListSubType"]["values"])
    assert spec["entries"]["options"]["remove_after"]["choices"] == facts["RemoveAfter"]["values"]


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "transient", "reset"])
def test_law_12_a_write_that_is_disturbed(kind, bench):
    bench.tenant.fault(
        kind=kind, match={"service": "exchange", "cmdlet": f"New-{NOUN}"}, times=1, when="after" if kind == "reset" else "before"
    )
    first = stages("Sender", "Tenant", "block")[0]
    result = bench.perform(KIND, first)
    assert not result.get("failed"), result["msg"]
    assert len(bench.tenant.state(NOUN)) == len(first["entries"])
    assert bench.perform(KIND, first)["changed"] is False


def test_law_12_reads_that_lag(bench):
    bench.tenant.fault(kind="lag", match={"service": "exchange"}, reads=8)
    bench.tenant.fault(kind="reset", match={"service": "exchange", "cmdlet": f"New-{NOUN}"}, times=1, when="after")
    first = stages("IP", "Tenant", "block")[0]
    result = bench.perform(KIND, first)
    assert not result.get("failed"), result["msg"]
    assert len(bench.tenant.state(NOUN)) == len(first["entries"])


# ---------------------------------------------------------------- traps


def test_every_list_is_asked_for_by_its_type_in_one_request(bench):
    bench.rows(KIND)
    asked = [entry for entry in bench.tenant.journal() if "/adminapi/" in entry["url"]]
    assert len(asked) == 1
    given = [item["body"]["CmdletInput"]["Parameters"] for item in asked[0]["body"]["requests"]]
    assert given == [*({"ListType": word} for word in ENTRIES), {"ListType": "Url", "ListSubType": "AdvancedDelivery"}]


def test_a_row_says_neither_its_type_nor_has_it_only_sensible_keys(bench):
    bench.apply(KIND, wish("Url", "Tenant", "block", [{"entry": "bad.example"}]))
    row = bench.rows(KIND)[NOUN][0]
    assert row["ListType"] == "Url" and "LastUsedDate(DateTime])" in row
    assert bench.rows(KIND)[NOUN][0]["Value"] == "bad.example"


def test_an_entry_moves_from_one_action_to_the_other(bench):
    one = [{"entry": "bad.example"}]
    bench.apply(KIND, wish("Url", "Tenant", "allow", one))
    bench.clear()
    bench.apply(KIND, wish("Url", "Tenant", "block", one), wish("Url", "Tenant", "allow", one, state="absent"))
    assert [one.verb for one in bench.sent()] == ["Remove", "New"]
    assert [row["Action"] for row in bench.tenant.state(NOUN)] == ["Block"]


@pytest.mark.parametrize("check", [True, False])
def test_an_entry_that_would_stand_there_with_either_action_is_refused_before_anything_is_written(check, bench):
    allow, block = (wish("Url", "Tenant", action, [{"entry": "ok.example"}, {"entry": "bad.example"}]) for action in ("allow", "block"))
    bench.apply(KIND, {**allow, "entries": [{"entry": "Bad.Example"}]})
    bench.clear()
    one_list = (KIND, {**block, "entries": [{"entry": "new.example"}, {"entry": "bad.example"}]})
    both_lists = (CONFIGURATION, {"config": {KIND.kind: [allow, {**block, "entries": [{"entry": "ok.example"}]}]}})
    for (kind, options), entry in ((one_list, "bad.example"), (both_lists, "ok.example")):
        result = bench.perform(kind, options, check=check)
        assert result["failure"]["kind"] == "refused" and result["operations"] == [] and bench.sent() == []
        assert f"{entry} would stand in the lists Url allow and Url block" in result["msg"]
        assert "remove it from Url allow" in result["failure"]["hint"]


def test_an_entry_with_the_other_action_that_does_not_show_yet_is_left_to_the_service(bench):
    bench.tenant.fault(kind="lag", match={"service": "exchange"}, reads=1000)
    one = [{"entry": "bad.example"}]
    first, second = (bench.perform(KIND, wish("Url", "Tenant", word, one), read_back_timeout=3) for word in ("allow", "block"))
    assert first["failure"]["kind"] == "not_read_back" and second["failure"]["kind"] == "already_exists"
    assert "other action" in second["failure"]["hint"]


@pytest.mark.parametrize("check", [True, False])
def test_an_allow_entry_without_an_end_is_refused_before_anything_is_written(check, bench):
    never = wish("Url", "Tenant", "allow", [{"entry": "good.example", "expires": "never"}])
    block = wish("Url", "Tenant", "block", [{"entry": "bad.example"}])
    bench.apply(KIND, wish("Url", "Tenant", "allow", [{"entry": "good.example", "expires": SOON}]))
    other = {**never, "entries": [{"entry": "new.example", "expires": "never"}]}
    bench.clear()
    for kind, options in ((KIND, other), (KIND, never), (CONFIGURATION, {"config": {KIND.kind: [block, other]}})):
        result = bench.perform(kind, options, check=check)
        assert result["failure"]["kind"] == "refused" and result["operations"] == [] and bench.sent() == []
        assert "can't be never for entries of the list Url allow" in result["msg"] and bench.tenant.tenant_id in result["msg"]


def many(count, *which):
    return wish(*(which or ("Sender", "Tenant", "block")), [{"entry": f"bad{number}.example"} for number in range(count)])


@pytest.mark.parametrize("check", [True, False])
def test_more_than_the_licence_allows_is_refused_before_anything_is_written(check, bench_of):
    bench = bench_of("exchange_only")
    bench.apply(KIND, many(500))
    bench.clear()
    result = bench.perform(KIND, wish("Sender", "Tenant", "block", [{"entry": "worse.example"}]), check=check)
    assert result["failure"]["kind"] == "refused" and result["operations"] == [] and bench.sent() == []
    assert (
        "501 entries of the type Sender" in result["msg"]
        and "allow no more than 500" in result["msg"]
        and "plan 2" in result["failure"]["hint"]
    )
    # What goes makes room, other lists have their own, and what stands there needs no question.
    assert bench.perform(KIND, {**many(400), "exclusive": True})["changed"]
    assert not bench.perform(KIND, many(500, "Url", "Tenant", "block"), check=check).get("failed")
    assert not [entry for entry in bench.tenant.journal() if "subscribedSkus" in entry["url"] and entry["status"] != 200]


def test_with_a_better_licence_there_may_be_more(bench):
    for check in (True, False):
        assert bench.perform(KIND, many(600), check=check)["changed"]
    bench.clear()
    assert bench.perform(KIND, many(600))["changed"] is False
    assert not [entry for entry in bench.tenant.journal() if "subscribedSkus" in entry["url"]], "nothing grows"


def test_where_the_licences_are_not_known_the_service_has_to_say(bench_of):
    bench = bench_of("exchange_only")
    bench.tenant.fault(kind="transient", status=403, match={"service": "graph", "path": "/v1.0/subscribedSkus"}, times=9)
    result = bench.perform(KIND, many(501), check=True)
    assert result["changed"] and "left to the service" in " ".join(result["warnings"])
    result = bench.perform(KIND, many(501))
    assert result["failure"]["kind"] == "refused" and "500 allowed and 500 blocked" in result["failure"]["hint"]
    assert len(result["operations"]) == 5 and result["changed"]
    result = bench.perform(KIND, many(10001), check=True)
    assert result["failure"]["kind"] == "refused" and "no licence allows more than 10000" in result["msg"]


def test_a_saved_list_can_be_put_back_when_a_time_has_passed(bench):
    saved = [
        {"entry": "ended.example", "expires": PASSED, "notes": "Why"},
        {"entry": "stays.example", "expires": LATER},
        {"entry": "longer.example", "expires": PASSED},
    ]
    bench.apply(KIND, wish("Url", "Tenant", "block", [{"entry": "longer.example", "expires": SOON}]))
    one = wish("Url", "Tenant", "block", saved, exclusive=True)
    bench.clear()
    said = bench.perform(CONFIGURATION, {"config": {KIND.kind: [one]}}, check=True)
    real = bench.perform(CONFIGURATION, {"config": {KIND.kind: [one]}})
    assert not real.get("failed"), real["msg"]
    for key in ("changed", "operations", "diff", "warnings"):
        assert said[key] == real[key], key
    assert real["warnings"] == ["Url block: the time of ended.example, longer.example has passed, so nothing is done about it."]
    assert [sent.settings["Entries"] for sent in bench.sent()] == [["stays.example"]]
    assert bench.perform(KIND, one)["changed"] is False
    gone = bench.perform(KIND, {**one, "exclusive": False, "state": "absent"})
    assert gone["object"] is None and "warnings" not in gone


def test_exclusive_removes_nothing_of_other_lists(bench):
    bench.apply(KIND, *(wish("Url", "Tenant", action, [{"entry": f"{action}.example"}]) for action in ("allow", "block")))
    bench.apply(KIND, wish("Sender", "Tenant", "block", [{"entry": "bad.example"}]))
    bench.apply(KIND, wish("Url", "Tenant", "block", [], exclusive=True))
    assert {KIND.label(one) for one in export(KIND, bench.rows(KIND))} == {"Url allow", "Sender block"}


def test_an_entry_without_a_time_keeps_the_one_it_has(bench):
    bench.apply(KIND, wish("Sender", "Tenant", "allow", [{"entry": "good.example", "remove_after": 45, "notes": "Why"}]))
    bench.clear()
    bench.apply(KIND, wish("Sender", "Tenant", "allow", [{"entry": "GOOD.example"}]))
    assert bench.sent() == []
    assert read_object(KIND, bench.rows(KIND), "Sender allow")["entries"] == [{"entry": "good.example", "remove_after": 45, "notes": "Why"}]


def test_the_kind_is_described_in_words_of_its_own():
    assert isinstance(KIND, EntryLists) and not KIND.single
