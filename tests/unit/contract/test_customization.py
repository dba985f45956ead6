# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving an organization settings of its own: only when asked to, once, and without a promise of when it shows."""

from __future__ import annotations

import json
import os

import pytest

from ansible_collections.m365.defender.plugins.module_utils._customization import ORGANIZATION_CUSTOMIZATION
from tests.unit.contract.bench import Sent

ENABLE = "Enable-OrganizationCustomization"


@pytest.fixture
def bench(bench):
    """A tenant that has not been customized."""
    (row,) = bench.tenant.state("OrganizationConfig")
    bench.tenant.put_state("OrganizationConfig", [{**row, "IsDehydrated": True}])
    return bench


def perform(bench, **options):
    return bench.perform(ORGANIZATION_CUSTOMIZATION, options)


def test_without_being_asked_it_only_looks(bench):
    result = perform(bench)
    assert (result["changed"], result["operations"], result["diff"]) == (False, [], [])
    assert result["dehydrated"] == {"before": True, "after": True}
    assert bench.sent() == []


def test_check_mode_says_what_would_be_done_and_does_nothing(bench):
    said = bench.perform(ORGANIZATION_CUSTOMIZATION, {"enable": True}, check=True)
    assert bench.sent() == []
    done = perform(bench, enable=True)
    for key in ("changed", "operations", "diff", "dehydrated"):
        assert said[key] == done[key], key
    assert bench.sent() == [Sent("Enable", "OrganizationCustomization")], "no parameter is sent, not even an identity"


def test_it_is_done_once(bench):
    first = perform(bench, enable=True)
    assert first["changed"] and first["operations"] == [ENABLE]
    assert first["dehydrated"] == {"before": True, "after": False}
    bench.clear()
    for options in ({"enable": True}, {"enable": False}):
        again = perform(bench, **options)
        assert (again["changed"], again["operations"], again["dehydrated"]) == (False, [], {"before": False, "after": False})
    assert bench.sent() == []


def test_an_organization_that_was_customized_but_does_not_show_it_is_ok(bench):
    bench.tenant.fault(
        kind="edit", match={"cmdlet": ENABLE}, do={"cmdlet": {"CmdletName": ENABLE, "Parameters": {}}}
    )  # somebody else does it right before
    result = perform(bench, enable=True)
    assert not result.get("failed"), result["msg"]
    assert (result["changed"], result["operations"]) == (False, [])
    assert bench.sent()[-1].status >= 400


def test_what_does_not_show_yet_is_changed_with_a_warning(bench):
    bench.tenant.fault(kind="lag", match={"service": "exchange"}, reads=1000)
    result = bench.perform(ORGANIZATION_CUSTOMIZATION, {"enable": True}, read_back_timeout=20)
    assert result["changed"] is True and not result.get("failed")
    assert result["dehydrated"] == {"before": True, "after": True}
    assert any("does not show it yet" in warning for warning in result["warnings"])
    assert 19 <= sum(bench.waits) <= 21


def test_what_shows_a_little_later_is_waited_for(bench):
    bench.tenant.fault(kind="lag", match={"service": "exchange"}, reads=3)
    result = perform(bench, enable=True)
    assert result["dehydrated"]["after"] is False and not result.get("warnings")
    assert bench.waits


def test_an_answer_that_was_lost_is_looked_for(bench):
    bench.tenant.fault(kind="reset", match={"cmdlet": ENABLE}, times=1, when="after")
    result = perform(bench, enable=True)
    assert result["changed"] is True and result["operations"] == [ENABLE]


def test_a_write_that_was_lost_fails_without_claiming_anything(bench):
    bench.tenant.fault(kind="reset", match={"cmdlet": ENABLE}, times=1)
    result = perform(bench, enable=True)
    assert result["failed"] and result["failure"]["kind"] == "outcome_unknown"
    assert result["changed"] is False
    assert perform(bench, enable=True)["changed"] is True


def test_a_reader_can_look_but_not_enable(bench):
    assert bench.perform(ORGANIZATION_CUSTOMIZATION, {}, identity="reader")["dehydrated"]["before"] is True
    result = bench.perform(ORGANIZATION_CUSTOMIZATION, {"enable": True}, identity="reader")
    assert result["failed"] and result["failure"]["kind"] == "forbidden"


def test_an_answer_that_does_not_say_it_is_a_failed_reading(bench):
    (row,) = bench.tenant.state("OrganizationConfig")
    bench.tenant.put_state("OrganizationConfig", [{**row, "IsDehydrated": None}])
    result = perform(bench, enable=True)
    assert result["failed"] and "does not say" in result["msg"]
    assert bench.sent() == []


def test_the_limit_and_the_expected_domain_hold(bench):
    for options, reason in (({"max_writes_per_tenant": 0}, "max_writes_per_tenant"), ({"expected_domain": "adatum.com"}, "adatum.com")):
        result = bench.perform(ORGANIZATION_CUSTOMIZATION, {"enable": True}, **options)
        assert result["failed"] and reason in result["msg"]
    assert bench.sent() == []


def test_it_is_recorded(bench, tmp_path):
    result = bench.perform(ORGANIZATION_CUSTOMIZATION, {"enable": True}, ledger=str(tmp_path / "ledger"))
    assert result["changed"]
    (place,) = (tmp_path / "ledger").iterdir()
    assert set(os.listdir(place)) == {"export.json", "operations.jsonl"}
    planned, done = map(json.loads, (place / "operations.jsonl").read_text().splitlines())
    assert planned["plan"][0]["after"] == {"dehydrated": False}
    assert done["operation"] == ENABLE and done["request_id"]
