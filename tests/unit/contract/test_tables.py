# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws 9 and 10: every description against the tables that were made from Microsoft's own reference and from published captures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.m365.defender.plugins.module_utils._resource import ENGINE_PARAMETERS
from tests.unit.contract.promises import broken_promises, broken_rows, forgotten
from tests.unit.contract.samples import KINDS, cases, nothing, portal_rows, settings, values, whole

TABLES = Path(__file__).parents[3] / "emulator" / "tables"
CMDLETS = json.loads((TABLES / "cmdlets.json").read_text())["cmdlets"]
NOUNS = json.loads((TABLES / "objects.json").read_text())["nouns"]
BY_CMDLET = [one for one in KINDS if one.service in ("exchange", "compliance")]
WHOLE_LISTS = [one for one in KINDS if one.service == "portal"]
FIELDS = [(one, part, field) for one in KINDS for part, field in cases(one)]


def by_kind(value):
    return getattr(value, "kind", None) or getattr(value, "wire", None) or getattr(value, "noun", None)


@pytest.mark.parametrize("resource", BY_CMDLET, ids=by_kind)
def test_law_9_every_cmdlet_parameter_and_type_of_a_description_is_in_the_tables(resource):
    assert broken_promises(resource, CMDLETS, NOUNS) == []


@pytest.mark.parametrize("resource", BY_CMDLET, ids=by_kind)
def test_law_10_no_parameter_is_forgotten(resource):
    assert forgotten(resource, CMDLETS) == []


@pytest.mark.parametrize("resource", BY_CMDLET, ids=by_kind)
def test_law_10_notices_a_field_and_a_reason_that_are_taken_away(resource):
    for index, part in enumerate(resource.parts):
        less = replace(part, fields=part.fields[1:], one_of=(), guards=())
        parts = (*resource.parts[:index], less, *resource.parts[index + 1 :])
        assert any(part.fields[0].wire in text for text in forgotten(replace(resource, parts=parts), CMDLETS))
        if part.left_out:
            parts = (*resource.parts[:index], replace(part, left_out={}), *resource.parts[index + 1 :])
            assert forgotten(replace(resource, parts=parts), CMDLETS)


@pytest.mark.parametrize("seed", ["fresh_e5", "lived_in"])
@pytest.mark.parametrize("resource", WHOLE_LISTS, ids=by_kind)
def test_laws_9_and_10_for_a_whole_list(resource, seed, emulator):
    tenant = emulator.tenant(seed)
    rows = {part.noun: portal_rows(tenant, part) for part in resource.parts}
    if seed == "fresh_e5":
        # The one group of a fresh tenant has not every member; a ranked one has.
        other = emulator.tenant("lived_in")
        rows = {part.noun: [*rows[part.noun], *portal_rows(other, part)] for part in resource.parts}
    assert broken_rows(resource, rows) == []


def test_what_the_engine_uses_itself_exists():
    there = {name for row in CMDLETS.values() for name in row["parameters"]}
    assert set(ENGINE_PARAMETERS) <= there


@pytest.mark.parametrize(("resource", "part", "field"), FIELDS, ids=by_kind)
def test_the_samples_of_a_field_are_valid_and_differ(resource, part, field):
    first, second = values(field)
    assert not field.type.same(first, second)
    assert not field.type.wrong(first) and not field.type.wrong(second)
    empty = nothing(field, part)
    assert empty is None or (field.type.empty(empty) and not field.type.wrong(empty))


@pytest.mark.parametrize("resource", KINDS, ids=by_kind)
def test_the_sample_objects_are_valid_and_have_every_setting(resource):
    for turn in (0, 1):
        assert resource.wrong(whole(resource, turn)) == []
    for part in resource.parts:
        assert settings(part, 0).keys() >= part.by_option.keys()
