# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws 1 to 8 for every kind of object, in an emulated tenant."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._export import export
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from tests.unit.contract import laws
from tests.unit.contract.samples import KINDS, NAME, cases, goes, gone, made, values, whole, wish

ALL = KINDS
GOING = [one for one in ALL if goes(one)]
SWITCHED = [one for one in ALL if any(part.switched for part in one.parts)]
FIELDS = [pytest.param(one, part, field, id=f"{one.kind}-{field.wire}") for one in ALL for part, field in cases(one)]


def by_kind(value):
    return getattr(value, "kind", None) or getattr(value, "__name__", None)


@pytest.mark.parametrize("law", laws.EVERY, ids=by_kind)
@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_every_kind(resource, law, bench):
    law(bench, resource)


@pytest.mark.parametrize("law", laws.GOING, ids=by_kind)
@pytest.mark.parametrize("resource", GOING, ids=by_kind)
def test_kinds_whose_objects_come_and_go(resource, law, bench):
    law(bench, resource)


@pytest.mark.parametrize(("resource", "part", "field"), FIELDS)
def test_law_6_a_field_alone(resource, part, field, bench):
    laws.a_field_changes_alone(bench, resource, part, field)


@pytest.mark.parametrize("resource", SWITCHED, ids=by_kind)
def test_law_6_on_and_off(resource, bench):
    laws.a_rule_is_switched_by_its_verb(bench, resource)


@pytest.mark.parametrize(
    ("resource", "part", "field"), [one for one in FIELDS if one.values[2].needed and isinstance(values(one.values[2])[0], list)]
)
def test_what_a_new_object_needs_can_not_be_emptied(resource, part, field, bench):
    """A device group without rules would hold nobody, and all its devices would fall to the default group."""
    bench.apply(resource, whole(resource))
    bench.clear()
    with pytest.raises(BadInput, match=f"{field.option} is needed"):
        bench.apply(resource, wish(resource, part, field.option, []))
    assert bench.sent() == []


@pytest.mark.parametrize("resource", [one for one in ALL if made(one)], ids=by_kind)
def test_blanks_at_the_ends_of_a_name_are_nobodys(resource, bench):
    """A block of YAML ends with a line's end: the object is found again, and its rule finds it."""
    bench.apply(resource, whole(resource, 0, f" {NAME}\n"))
    assert [bench.apply(resource, whole(resource, 0, name)).done for name in (NAME, f" {NAME}\n")] == [(), ()]
    assert bench.apply(resource, gone(resource, f"{NAME} ")).done


@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_law_4_for_a_tenant_that_people_have_lived_in(resource, lived_in):
    laws.exported_plans_to_nothing(lived_in, resource)
    lived_in.reset()
    rows = lived_in.rows(resource)
    assert plan(resource, rows, export(resource, rows, built_in=True)).operations == ()


@pytest.mark.parametrize("resource", [one for one in ALL if any(part.guards for part in one.parts)], ids=by_kind)
def test_what_is_guarded(resource, lived_in):
    for preset in ("Standard", "Strict"):
        lived_in.tenant.turn_on(preset)
    guards = {guard.sentence for part in resource.parts for guard in part.guards}
    met = {guard.sentence for dummy, dummy, guard in laws.guarded(resource, lived_in.rows(resource))}
    assert met == guards, "the tenant has an object for each guard, or the test shows nothing"
    laws.a_guard_refuses_a_difference_only(lived_in, resource)
