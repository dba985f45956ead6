# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The traps of Exchange and of Security & Compliance: for each the test that keeps us out of it, and the tests that stand nowhere else."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._bulk import CONFIGURATION
from ansible_collections.m365.defender.plugins.module_utils.resources.protection_alert import PROTECTION_ALERT
from ansible_collections.m365.defender.plugins.module_utils.resources.safe_links_policy import SAFE_LINKS_POLICY

TESTS = Path(__file__).parents[2]
HERE = "unit/contract/test_traps.py"
TRAPS = {
    # policies and rules
    "the default policy takes no rule": "unit/engine/test_plan.py::test_the_default_policy_can_be_set_but_takes_no_rule",
    "the service refuses a rule for it": "emulator/test_exchange_rules.py::test_no_rule_on_a_default_policy",
    "a rule is found by its policy": "unit/engine/test_plan.py::test_a_rule_is_found_by_its_policy_whatever_it_is_called",
    "one rule for one policy": "emulator/test_exchange_rules.py::test_one_rule_for_one_policy",
    "a rule's name may belong to another": "unit/engine/test_plan.py::test_a_rules_name_that_belongs_to_another_policy_is_refused_by_name",
    "Set-*Rule has no Enabled": "emulator/test_exchange_rules.py::test_set_rule_has_no_enabled",
    "on and off are verbs": "unit/contract/test_laws.py::test_law_6_on_and_off",
    "the unchanged policy is refused": "emulator/test_exchange_rules.py::test_the_unchanged_policy_is_refused",
    "only what changed is sent": "unit/engine/test_plan.py::test_set_carries_the_changed_fields_and_no_others",
    "priorities push each other": "emulator/test_exchange_rules.py::test_priorities_shift_and_close_gaps",
    "an order is planned as a whole": "unit/contract/test_ordering.py::test_an_ordering_is_carried_out_with_the_fewest_writes",
    "removing a rule leaves its policy": "emulator/test_exchange_rules.py::test_removing_a_rule_leaves_the_policy",
    "removing a policy leaves its rule": "unit/engine/test_plan.py::test_absent_removes_a_rule_that_was_left_behind",
    "rule before policy when removed": "unit/engine/test_plan.py::test_absent_removes_the_rule_before_the_policy",
    "a rule left behind is taken over": "unit/engine/test_plan.py::test_an_orphan_rule_of_our_name_is_taken_over",
    "a rule needs a condition": "unit/engine/test_plan.py::test_a_rule_without_condition_is_refused",
    "conditions are ANDed, values ORed": "unit/effective/test_matching.py::test_the_whole_truth_table",
    "blank conditions differ by type": "unit/effective/test_matching.py::test_blank_conditions_differ_by_type",
    "rules have null, policies have []": "emulator/test_exchange_protocol.py::test_null_has_no_annotation_and_rules_have_null_lists",
    "lists are cleared in two forms": "unit/engine/test_plan.py::test_a_cleared_list_is_sent_in_the_form_that_clears_it",
    "outbound rules choose by sender": "unit/engine/test_hosted_outbound_spam_filter_policy.py::test_rules_choose_by_sender",
    # presets and built-ins
    "presets are absent until switched on": "emulator/test_exchange_rules.py::test_presets_are_absent_until_switched_on",
    "the first time is the portal's": "unit/contract/test_presets.py::test_the_first_time_is_the_portals",
    "priorities of presets stay": "unit/contract/test_presets.py::test_the_priorities_of_both_presets_stay",
    "a preset alone reads priority 0": "emulator/test_exchange_rules.py::test_a_preset_rule_is_made_again_with_its_default_priority",
    "a preset's policies are not edited": "unit/engine/test_plan.py::test_a_preset_lets_its_lists_be_changed_and_nothing_else",
    "a preset goes before custom policies": (
        "unit/effective/test_precedence.py::test_strict_before_standard_before_evaluation_before_custom_before_the_last"
    ),
    "built-in: exceptions only": "emulator/test_exchange_rules.py::test_only_exceptions_of_the_built_in_protection_can_be_set",
    # read otherwise than written
    "permissions: a number, read as text": "unit/engine/test_quarantine_policy.py::test_the_text_is_read_whatever_its_order_and_line_ends",
    "two permissions without effect": "unit/engine/test_quarantine_policy.py::test_the_two_permissions_without_effect_count_for_nothing",
    "exclusive permissions": "unit/engine/test_quarantine_policy.py::test_what_can_not_be_together",
    "an identity with the organization": "unit/engine/test_quarantine_policy.py::test_the_number_is_sent_on_the_identity_that_was_read",
    "spans are written plain, read as PT4H": (
        "unit/engine/test_global_quarantine_policy.py::test_spans_of_time_are_read_in_another_form_than_they_are_written"
    ),
    "a span that was never set": "unit/engine/test_global_quarantine_policy.py::test_a_span_that_was_never_set_is_not_exported",
    "settings under the organization's name": (
        "unit/contract/test_mail_filters.py::test_settings_of_mail_are_found_under_the_name_of_the_organization"
    ),
    "sealers are one joined text": "emulator/test_exchange_nouns.py::test_arc_sealers_are_one_joined_text",
    "senders come as objects": "unit/contract/test_mail_filters.py::test_senders_that_the_service_gives_as_objects",
    "codes in any case": "unit/engine/test_hosted_content_filter_policy.py::test_codes_are_the_same_in_any_case_and_sent_in_upper_case",
    "Default means phishing": "unit/engine/test_hosted_content_filter_policy.py::test_default_means_phishing_of_high_certainty",
    "file types in any order, without dot": (
        "unit/engine/test_malware_filter_policy.py::test_file_types_are_the_same_in_any_order_and_case_with_or_without_a_dot"
    ),
    "times are compared as times": "unit/engine/test_entries.py::test_a_time_is_compared_as_a_time",
    "an entry's end has three forms": "unit/contract/test_entry_lists.py::test_an_entry_without_a_time_keeps_the_one_it_has",
    "a number for a word": f"{HERE}::test_a_number_that_the_service_keeps_for_a_word_is_that_word",
    "an empty text is null in rules": ("emulator/test_exchange_binding.py::test_texts_clear_to_empty_in_policies_and_to_null_in_rules"),
    "a switch that comes as text": "unit/engine/test_singletons_of_mail.py::test_a_text_that_says_false_is_false",
    # single cmdlets
    "enums bind by prefix": "emulator/test_exchange_binding.py::test_enums_bind_in_full_and_by_unique_prefix",
    "a prefix is refused by us": f"{HERE}::test_the_beginning_of_a_word_is_not_the_word",
    "the list leaves the global policy out": (
        "unit/engine/test_global_quarantine_policy.py::test_it_is_asked_for_by_its_type_because_the_list_leaves_it_out"
    ),
    "a placeholder is no policy": "unit/engine/test_global_quarantine_policy.py::test_the_placeholder_counts_as_absent",
    "parallel lists": ("unit/engine/test_global_quarantine_policy.py::test_lists_of_different_length_are_refused_before_anything_is_sent"),
    "Teams' policy is virtual until made": "unit/engine/test_teams_protection_policy.py::test_what_differs_from_it_makes_the_policy",
    "report settings move together": (
        "unit/engine/test_report_submission_policy.py::test_three_switches_and_three_mailboxes_go_in_one_command"
    ),
    "the report's rule is not kept in step": "unit/engine/test_report_submission_policy.py::test_the_rule_is_not_kept_in_step",
    "overrides have fixed names": "emulator/test_exchange_nouns.py::test_overrides_have_fixed_names",
    "phishing exercises: add and remove": (
        "emulator/test_exchange_nouns.py::test_phish_simulation_rules_are_edited_by_adding_and_removing"
    ),
    "a malformed key, a list not echoed": (
        "unit/contract/test_entry_lists.py::test_a_row_says_neither_its_type_nor_has_it_only_sensible_keys"
    ),
    "IP means IPv6": "unit/engine/test_entries.py::test_what_is_wrong",
    "entries are limited by licence": "emulator/test_exchange_nouns.py::test_allow_block_limits_follow_the_licence",
    "system alerts are refused": "emulator/test_exchange_nouns.py::test_system_alerts_can_be_neither_set_nor_removed",
    "they are compared": "unit/engine/test_plan.py::test_equality_is_ok",
    "alerts end in U+200B, or have a slash": f"{HERE}::test_names_of_alerts_with_characters_that_an_identity_does_not_take",
    "dead parameters": "unit/engine/test_hosted_content_filter_policy.py::test_parameters_without_effect_are_left_out_with_the_reason",
    "two actions for certain phishing": (
        "unit/engine/test_hosted_content_filter_policy.py::test_phishing_of_high_certainty_is_quarantined_or_redirected"
    ),
    "outbound reads off and zero": (
        "unit/engine/test_hosted_outbound_spam_filter_policy.py::test_the_default_policy_reads_limits_of_zero_and_off_and_is_like_any_other"
    ),
    "one connection filter, no New": "emulator/test_exchange_nouns.py::test_connection_filter_has_one_policy_and_no_new",
    "notices need a sender": "unit/engine/test_malware_filter_policy.py::test_custom_notices_need_a_sender",
    "one Atp policy without identity": "emulator/test_exchange_nouns.py::test_atp_policy_is_one_and_needs_no_identity",
    "Safe Documents need their licence": "unit/roles/test_protection.py::test_settings_that_a_licence_would_bring_to_a_kind_are_told_too",
    "a singleton is the row that comes back": "unit/engine/test_plan.py::test_the_one_row_is_it_whatever_its_name",
    "the organization has 336 properties": "emulator/test_exchange_protocol.py::test_select_projects",
    "the audit log has its own anchor": (
        "unit/contract/test_mail_filters.py::test_the_audit_log_has_an_anchor_mailbox_of_its_own_and_no_identity"
    ),
    "DKIM waits for its records": "emulator/test_exchange_nouns.py::test_dkim_waits_for_its_cnames",
    # returned and not settable, or not documented
    "returned only": (
        "unit/engine/test_safe_attachment_policy.py::test_settings_that_no_documented_parameter_sets_are_shown_but_are_no_options"
    ),
    "a property that is new": f"{HERE}::test_a_property_that_nobody_knows_yet_breaks_nothing",
}


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_has_a_test(trap):
    path, dummy, name = TRAPS[trap].partition("::")
    assert name in functions(path)


def test_every_trap_has_a_test_of_its_own():
    assert len(set(TRAPS.values())) == len(TRAPS)


def test_a_property_that_nobody_knows_yet_breaks_nothing(lived_in):
    wanted = {"name": "Links for staff", "track_clicks": True}
    for noun in ("SafeLinksPolicy", "SafeLinksRule"):
        rows = [{**row, "EnableSomethingNew": {"Deep": [None]}, "Another": "2031"} for row in lived_in.tenant.state(noun)]
        lived_in.tenant.put_state(noun, rows)
    lived_in.apply(SAFE_LINKS_POLICY, wanted)
    lived_in.clear()
    assert lived_in.apply(SAFE_LINKS_POLICY, wanted).done == ()
    assert "enable_something_new" not in str(lived_in.perform(SAFE_LINKS_POLICY, wanted)["object"])


def test_a_number_that_the_service_keeps_for_a_word_is_that_word(bench):
    wanted = {"name": "Many", "category": "Others", "threat_type": "Activity", "aggregation_type": "SimpleAggregation"}
    bench.tenant.cmdlet(
        "New-ProtectionAlert",
        Name="Many",
        Category="Others",
        ThreatType="Activity",
        Operation=["MailRedirect"],
        NotifyUser=["a@contoso.com"],
        AggregationType="1",
    )
    bench.clear()
    assert bench.apply(PROTECTION_ALERT, wanted).done == ()
    row = {**bench.tenant.state("ProtectionAlert")[-1], "AggregationType": "1"}
    bench.tenant.put_state("ProtectionAlert", [*bench.tenant.state("ProtectionAlert")[:-1], row])
    assert bench.apply(PROTECTION_ALERT, wanted).done == ()


@pytest.mark.parametrize("word", ["Simple", "n", "simpleaggregatio"])
def test_the_beginning_of_a_word_is_not_the_word(word, bench):
    result = bench.perform(CONFIGURATION, {"config": {"protection_alert": [{"name": "Many", "aggregation_type": word}]}})
    assert result["failed"] and "aggregation_type" in result["msg"]
    assert bench.tenant.journal() == []


def test_names_of_alerts_with_characters_that_an_identity_does_not_take(bench):
    """Microsoft's own are found without the invisible end of their names; ours are changed by their Guid, whatever their names have."""
    assert bench.apply(PROTECTION_ALERT, {"name": "email messages removed after delivery", "disabled": False}).done == ()
    alert = {"category": "Others", "threat_type": "Activity", "operation": ["MailRedirect"], "notify_user": ["a@contoso.com"]}
    wanted = {"name": "Forwarding/redirecting \\ and more", **alert, "severity": "Medium"}
    bench.apply(PROTECTION_ALERT, wanted)
    bench.clear()
    assert bench.apply(PROTECTION_ALERT, {**wanted, "severity": "High"}).done != ()
    assert [one.settings for one in bench.sent()] == [{"Severity": "High"}]
    assert bench.apply(PROTECTION_ALERT, {**wanted, "severity": "High"}).done == ()
    bench.apply(PROTECTION_ALERT, {"name": wanted["name"], "state": "absent"})
    assert wanted["name"] not in {row["Name"] for row in bench.tenant.state("ProtectionAlert")}
