# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other bodies want beyond Microsoft: as the kinds take it, never below Microsoft's values, and no notification to nobody."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._bulk import objects_of
from ansible_collections.m365.defender.plugins.module_utils._effective.recommended import NOUNS, TARGETS, advice_for
from ansible_collections.m365.defender.plugins.module_utils._registry import RESOURCES
from ansible_collections.m365.defender.plugins.module_utils._resource import snake
from tests.unit.peers.evaluate import checks
from tests.unit.peers.states import overlays

NAMES = ("cis", "cis_level1", "cisa")
RECIPIENTS = ["security@contoso.com", "helpdesk@contoso.com"]

every_overlay = pytest.mark.parametrize("name", NAMES)


def settings(name, recipients=None):
    (one,) = overlays([name], RECIPIENTS if recipients is None else recipients)
    assert one["name"] == name
    return one["settings"]


@every_overlay
def test_an_overlay_is_options_of_kinds(name):
    wanted = settings(name)
    config = {kind: [{**({} if RESOURCES[kind].single else {"name": "Default"}), **options}] for kind, options in wanted.items()}
    assert {resource.kind for resource, dummy in objects_of(config)} == set(wanted)


@every_overlay
@pytest.mark.parametrize("target", TARGETS)
def test_no_wish_is_below_microsoft(name, target):
    for kind, options in settings(name).items():
        advice = {snake(one.setting): one for one in advice_for(NOUNS[kind], "e5")}
        for option, value in options.items():
            if option in advice:
                assert advice[option].better(value, advice[option].value(target)), option


@every_overlay
def test_without_recipients_notifications_are_left_out_switch_and_all(name):
    left = settings(name, [])
    assert not [option for options in left.values() for option in options if "notif" in option or "bcc" in option or "address" in option]
    assert all(left.values())


def test_recipients_are_put_in():
    wanted = settings("cis")
    outbound = wanted["hosted_outbound_spam_filter_policy"]
    assert outbound["notify_outbound_spam_recipients"] == outbound["bcc_suspicious_outbound_additional_recipients"] == RECIPIENTS
    assert wanted["malware_filter_policy"]["internal_sender_admin_address"] == RECIPIENTS[0]
    assert wanted["malware_filter_policy"]["enable_internal_sender_admin_notifications"] is True


def test_level_1_is_part_of_the_whole():
    whole, part = settings("cis"), settings("cis_level1")
    assert all(whole[kind][option] == value for kind, options in part.items() for option, value in options.items())
    assert "file_types" not in part["malware_filter_policy"]


def test_the_file_types_are_those_that_are_tested_and_microsofts_own():
    types = settings("cis")["malware_filter_policy"]["file_types"]
    (tested,) = (want.value for check in checks() if check.id == "2.1.11" for want in check.wants if want.op == "includes")
    (microsofts,) = (one.strict for one in advice_for("MalwareFilterPolicy", "none") if one.setting == "FileTypes")
    assert types == sorted({*tested, *microsofts})
