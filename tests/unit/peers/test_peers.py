# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other products check: the page is in step, what is not met has a reason that holds, and each way of reading is read right."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import NOUNS, TARGETS, advice_for
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import snake
from tests.unit.peers.evaluate import READERS, Check, Tenant, Want, checks, evaluate, holds, sources
from tests.unit.peers.states import STATES
from tools import peer_page

# Properties that a check reads although no playbook can set them: the service's own marks, or what it does not return any more.
NO_OPTIONS = {
    ("anti_phish_policy", "enabled"),
    ("hosted_content_filter_policy", "recommended_policy_type"),
    ("malware_filter_policy", "action"),
    ("malware_filter_policy", "enable_internal_sender_notifications"),
    ("safe_links_policy", "track_user_clicks"),
    ("tenant_allow_block_list", "action"),
    ("device_group", "automation level"),
}
ELSEWHERE = {"remote_domain", "portal"}  # what no kind of the collection is


@pytest.fixture(scope="module")
def results():
    return peer_page.results()


class TestTheEmulatedTenant:
    def test_the_page_is_in_step(self, results):
        assert peer_page.PAGE.read_text(encoding="utf-8") == peer_page.page(results), "run tools/peer_page.py"

    def test_the_tool_tells_when_it_is_not(self, results, monkeypatch, tmp_path, capsys):
        monkeypatch.setattr(peer_page, "results", lambda: results)
        assert peer_page.main(["--check"]) == 0
        monkeypatch.setattr(peer_page, "ROOT", tmp_path)
        monkeypatch.setattr(peer_page, "PAGE", tmp_path / "page.rst")
        assert peer_page.main(["--check"]) == 1
        assert "page.rst is not in step" in capsys.readouterr().err
        assert peer_page.main([]) == 0 and peer_page.main(["--check"]) == 0

    def test_every_reason_is_needed(self, results):
        assert [check for check in peer_page.in_scope() if check.because] == results.never()

    def test_no_overlay_is_at_odds_with_microsoft_and_nothing_of_others_is_touched(self, results):
        for state, decided in results.decided.items():
            if decided is not None:
                left = (decided.overlay_conflicts, decided.foreign, decided.contested, decided.not_applicable, decided.manual)
                assert not any(left), state

    def test_a_fresh_tenant_meets_less_than_any_other(self, results):
        met = {state: {check for check, verdict in verdicts.items() if verdict.met} for state, verdicts in results.verdicts.items()}
        assert list(met) == list(STATES)
        for one, more in (("untouched", "standard"), ("standard", "strict"), ("strict", "default"), ("default", "full")):
            assert met[one] <= met[more], f"{more} loses {[check.id for check in met[one] - met[more]]}"

    def test_by_presets_or_without_everything_is_met_that_can_be(self, results):
        for check in set(peer_page.in_scope()) - set(results.never()):
            met = results.met(check)
            assert met["full"] or met["presets"], check.id


class TestTheFacts:
    def test_every_check_has_a_public_source_and_is_there_once(self):
        assert {check.source for check in checks()} == set(sources())
        names = [(check.source, check.id, check.stricter) for check in checks()]
        assert len(names) == len(set(names))
        for about in sources().values():
            assert about["repository"].count("/") == 1 and about["paths"] and about["date"]

    @pytest.mark.parametrize("check", peer_page.in_scope(), ids=lambda check: f"{check.source} {check.id}")
    def test_what_is_in_scope_asks_for_options_of_kinds(self, check):
        assert check.reads in READERS and check.wants
        for want in check.wants:
            if want.kind in ELSEWHERE or (want.kind, want.option) in NO_OPTIONS:
                continue
            spec = RESOURCES[want.kind].spec
            if check.reads == "rules":
                spec = spec["rule"]["options"]
            assert want.option in spec, f"{want.kind} has no {want.option}"

    def test_what_contradicts_microsoft_does(self):
        found = [check for check in checks() if check.because and check.because.kind == "microsoft"]
        assert found
        for check in found:
            for want in check.wants:
                advice = {snake(one.setting): one for one in advice_for(NOUNS[want.kind], "e5")}[want.option]
                assert not any(holds(want, {want.option: advice.value(target)}) for target in TARGETS)

    def test_an_unknown_way_of_reading_is_refused(self):
        with pytest.raises(ValueError, match="no way of reading"):
            evaluate(check("elsewhere"), tenant())


# ---------------------------------------------------------------- each way of reading

MALWARE, LINKS = "malware_filter_policy", "safe_links_policy"
DOMAINS = ["contoso.com", "fabrikam.com"]


def check(reads, *wants, **more):
    return Check(id="1", source="x", title="x", in_scope=True, reads=reads, wants=wants or (on(),), **more)


def on(kind=MALWARE, option="zap_enabled"):
    return Want(kind, option, "eq", True)


def policy(name="custom", value=True, *, rule=None, **marks):
    return {"name": name, "zap_enabled": value, **({"rule": rule} if rule else {}), **marks}


def rule(priority=0, enabled=True, **conditions):
    return {"priority": priority, "enabled": enabled, **(conditions or {"recipient_domain_is": DOMAINS})}


def default(value=True):
    return policy("Default", value, is_default=True)


def built_in(value=True):
    return policy("Built-In Protection Policy", value, is_built_in_protection=True)


def of_preset(name, value=True):
    return policy(f"{name} Preset Security Policy", value, recommended_policy_type=name)


def preset(name, enabled=True, **conditions):
    return {"name": name, "enabled": enabled, "everyone": not conditions, **conditions}


def tenant(*policies, kind=MALWARE, presets=(), **others):
    return Tenant({kind: policies, "preset_security_policy": presets, **others}, DOMAINS)


@pytest.mark.parametrize(
    ("reads", "policies", "presets", "met"),
    [
        # the policy that covers everybody
        ("covers_everyone", [default(False), policy(rule=rule())], [], True),
        ("covers_everyone", [default(False), policy(rule=rule(enabled=False))], [], False),
        ("covers_everyone", [default(False), policy(rule=rule(recipient_domain_is=DOMAINS[:1]))], [], False),
        (
            "covers_everyone",
            [default(False), policy(rule=rule(recipient_domain_is=DOMAINS, except_if_sent_to=["a@contoso.com"]))],
            [],
            False,
        ),
        ("covers_everyone", [default(), policy("x", False, rule=rule(1)), policy(rule=rule(0))], [], True),
        ("covers_everyone", [default(), policy("x", False, rule=rule(0)), policy(rule=rule(1))], [], False),
        ("covers_everyone", [policy(value=False, rule=rule()), of_preset("Strict")], [preset("strict")], True),
        ("covers_everyone", [policy(rule=rule()), of_preset("Strict", False)], [preset("strict", sent_to=["a@contoso.com"])], True),
        ("covers_everyone", [of_preset("Strict", False), of_preset("Standard")], [preset("strict", False), preset("standard")], True),
        ("covers_everyone", [], [], False),
        # every policy that applies
        ("applied", [default(), policy("x", False)], [], True),
        ("applied", [default(False), policy(rule=rule())], [], False),
        ("applied", [default(False), of_preset("Strict")], [preset("strict")], True),
        ("applied", [default(), of_preset("Strict", False)], [preset("strict", False)], True),
        ("applied", [of_preset("Standard", False), of_preset("Strict")], [preset("standard"), preset("strict")], False),
        # every one, any one, one of its own
        ("all", [default(), policy("x", False)], [], False),
        ("all", [default(), policy()], [], True),
        ("any", [default(False), policy()], [], True),
        ("any", [default(False)], [], False),
        ("default_object", [policy(value=False), default()], [], True),
        ("built_in_object", [default(False), built_in()], [], True),
        ("built_in_object", [default()], [], False),
        ("singleton", [policy()], [], True),
        ("own_policy", [default(False), policy(rule=rule())], [], True),
        # presets
        ("preset_pair", [of_preset("Standard"), of_preset("Strict", False)], [], True),
        ("preset_pair", [of_preset("Standard"), default()], [], False),
        ("both_presets", [of_preset("Standard"), of_preset("Strict", False)], [], False),
        ("both_presets", [of_preset("Standard"), of_preset("Strict")], [], True),
        ("portal", [default()], [], None),
    ],
)
def test_ways_of_reading(reads, policies, presets, met):
    assert evaluate(check(reads), tenant(*policies, presets=presets)).met is met


def test_of_safe_links_built_in_protection_counts_where_a_rule_has_conditions():
    there = tenant(built_in(False), policy(rule=rule()), kind=LINKS)
    assert evaluate(check("covers_everyone", on(LINKS)), there).met is False
    assert evaluate(check("own_policy", on(LINKS)), there).met is True


def test_a_tier_can_be_skipped():
    there = tenant(built_in(False), policy(rule=rule()), kind=LINKS)
    assert evaluate(check("applied", on(LINKS)), there).met is False
    assert evaluate(check("applied", on(LINKS), skips="built_in"), there).met is True


@pytest.mark.parametrize(
    ("which", "presets", "met"),
    [
        ("any", [preset("standard"), preset("strict", False)], True),
        ("all", [preset("standard"), preset("strict", False)], False),
        ("all", [preset("standard"), preset("strict")], True),
        ("strict", [preset("standard")], False),
        ("strict", [preset("strict")], True),
        ("any", [], False),
    ],
)
def test_presets_as_they_are_assigned(which, presets, met):
    assert evaluate(check("preset_rules", on("preset_security_policy", "enabled"), presets=which), tenant(presets=presets)).met is met


@pytest.mark.parametrize(
    ("policies", "presets", "met"),
    [
        ([policy(rule=rule())], [], True),
        ([policy(rule=rule(recipient_domain_is=["Contoso.com"]))], [preset("strict", recipient_domain_is=["fabrikam.com"])], True),
        ([policy(rule=rule(enabled=False))], [], False),
        ([policy(rule=rule(recipient_domain_is=DOMAINS, except_if_sent_to_member_of=["all@contoso.com"]))], [], False),
        ([policy()], [preset("strict")], False),
    ],
)
def test_every_domain_in_a_rule(policies, presets, met):
    wanted = Want(MALWARE, "recipient_domain_is", "all_domains")
    assert evaluate(check("rules", wanted), tenant(*policies, presets=presets)).met is met


def test_lists_of_all_policies_are_counted_together_where_the_switch_is_on():
    wanted = (on(), Want(MALWARE, "file_types", "includes", ["exe", "js"]))
    right = tenant(policy(file_types=[".EXE"]), policy("x", file_types=["js"]))
    assert evaluate(check("together", *wanted), right).met is True
    assert evaluate(check("together", *wanted), tenant(policy(file_types=["exe"]), policy("x", False, file_types=["js"]))).met is False


def test_alert_policies_by_name_by_id_and_where_they_exist():
    enabled = Want("protection_alert", "disabled", "eq", False)
    alerts = [
        {"name": "Messages removed\u200b", "disabled": False, "exchange_object_id": "1"},
        {"name": "Mail delayed", "disabled": True, "exchange_object_id": "2"},
    ]
    there = tenant(protection_alert=alerts)
    assert evaluate(check("alerts", enabled, names=("Messages removed",)), there).met is True
    assert evaluate(check("alerts", enabled, names=("Messages removed", "Missing")), there).met is False
    assert evaluate(check("alerts", enabled, if_there=("Messages removed", "Missing")), there).met is True
    assert evaluate(check("alerts", enabled, if_there=("Mail delayed",)), there).met is False
    assert evaluate(check("alerts", enabled, ids=("1",)), there).met is True
    assert evaluate(check("alerts", enabled, ids=("2",)), there).met is False
    assert evaluate(check("alerts", enabled), there).met is True


def test_quarantine_policies_to_which_spam_goes():
    kind = "hosted_content_filter_policy"
    wanted = Want("quarantine_policy", "esn_enabled", "eq", True)
    spam = {
        "is_default": True,
        "spam_action": "Quarantine",
        "spam_quarantine_tag": "Told",
        "bulk_spam_action": "MoveToJmf",
        "bulk_quarantine_tag": "Silent",
    }
    policies = [{"name": "told", "esn_enabled": True}, {"name": "Silent", "esn_enabled": False}]
    reads = check("quarantine_policies_in_use", wanted)
    assert evaluate(reads, tenant(spam, kind=kind, quarantine_policy=policies)).met is True
    assert evaluate(reads, tenant({**spam, "bulk_spam_action": "Quarantine"}, kind=kind, quarantine_policy=policies)).met is False


def test_what_is_not_read_is_open_and_what_is_read_beside_it_counts():
    elsewhere = Want("remote_domain", "auto_forward_enabled", "eq", False)
    assert evaluate(check("all", elsewhere), tenant()).met is None
    assert evaluate(check("all", on(), elsewhere), tenant(default())).met is None
    assert evaluate(check("all", on(), elsewhere), tenant(default(False))).met is False
    assert evaluate(check("singleton", Want("sharepoint_tenant", "x", "eq", True)), tenant()).met is None


def test_one_wish_of_several_can_be_enough():
    either = (on(), on(option="other"))
    assert evaluate(check("any", *either, match="any"), tenant(default())).met is True
    assert evaluate(check("any", *either), tenant(default())).met is False


@pytest.mark.parametrize(
    ("op", "has", "value", "met"),
    [
        ("eq", "quarantine", "Quarantine", True),
        ("ne", None, True, True),
        ("in", "Delete", ["Quarantine", "delete"], True),
        ("not_in", "NoAction", ["NoAction"], False),
        ("empty", [], None, True),
        ("not_empty", ["a"], None, True),
        ("between", 5, [4, 6], True),
        ("between", 7, [4, 6], False),
        ("between", None, [4, 6], False),
        ("ge", 2, 2, True),
        ("le", 3, 2, False),
        ("count_ge", ["a", "A"], 2, False),
        ("tenant", "x", "somebody's", None),
    ],
)
def test_operators(op, has, value, met):
    assert holds(Want(MALWARE, "x", op, value), {"x": has}) is met
