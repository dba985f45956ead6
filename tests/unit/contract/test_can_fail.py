# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Law 13: the laws can fail. A description with one wrong word or one wrong type is noticed, by the tables and by a life in a tenant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import TenantError
from ansible_collections.m365.defender.plugins.module_utils._times import Duration
from ansible_collections.m365.defender.plugins.module_utils._types import ArrayOf, Bool, Choice, Code, Int, MultiValued, SetOf, Text
from ansible_collections.m365.defender.plugins.module_utils.resources.endpoint_features import Opposite
from tests.unit.contract import laws
from tests.unit.contract.promises import broken_promises, broken_rows, broken_settings
from tests.unit.contract.samples import KINDS, SPECIAL, cases, goes, made, portal_rows
from tests.unit.contract.test_tables import CMDLETS, NOUNS

ALL = KINDS
FIELDS = [pytest.param(one, part, field, id=f"{one.kind}-{field.wire}") for one in ALL for part, field in cases(one)]


def by_kind(value):
    return getattr(value, "kind", None)


def with_field(resource, part, field, **changes):
    """The description with one field changed; its option stays, so that the same can be wished for."""
    fields = tuple(replace(one, **{"option": one.option, **changes}) if one is field else one for one in part.fields)
    return with_part(resource, part, fields=fields)


def with_part(resource, part, **changes):
    return replace(resource, parts=tuple(replace(one, **changes) if one is part else one for one in resource.parts))


def misspelt(resource, part, field, *, read=True):
    """The field under a name that the service does not know, in writing and, if so wished, in reading."""

    def spelt(names):
        return tuple(f"{name}X" if name == field.wire else name for name in names)

    wrong = {"wire": f"{field.wire}X", "read_as": f"{field.read_as}X" if read else field.read_as, "option": field.option}
    return with_part(
        resource,
        part,
        fields=tuple(replace(one, **wrong) if one is field else one for one in part.fields),
        one_of=spelt(part.one_of),
        parallel=spelt(part.parallel),
        alike=tuple(map(spelt, part.alike)),
        apart=tuple(map(spelt, part.apart)),
        goes_with=tuple(map(spelt, part.goes_with)),
        guards=tuple(replace(guard, but=spelt(guard.but)) for guard in part.guards),
    )


def mistyped(resource, part, field):
    """The field with a type that is not its own, as close to it as a slip of the pen."""
    kind = field.type
    wrong = {
        MultiValued: lambda: ArrayOf(kind.of),
        ArrayOf: lambda: MultiValued(kind.of),
        Choice: lambda: Choice(*kind.words[:-1], f"{kind.words[-1]}X"),
        Code: Text,
        Bool: lambda: Int(4, 9),
        Int: Text,
        Duration: Int,
        Opposite: lambda: Int(4, 9),
    }
    return with_field(resource, part, field, type=wrong.get(type(kind), Bool)())


def promises(resource, emulator):
    """What law 9 finds."""
    if resource.service in ("exchange", "compliance"):
        return broken_promises(resource, CMDLETS, NOUNS)
    tenant = emulator.tenant("lived_in")
    try:
        if resource.service == "portal":
            rows = {part.noun: portal_rows(tenant, part) for part in resource.parts}
        else:
            rows = {part.noun: tenant.state(f"{resource.service}.{part.noun}") for part in resource.parts}
        return broken_rows(resource, rows) if resource.service == "portal" else broken_settings(resource, rows)
    finally:
        tenant.remove()


@pytest.mark.parametrize(("resource", "part", "field"), FIELDS)
def test_the_tables_notice_a_wrong_name(resource, part, field, emulator):
    broken = misspelt(resource, part, field, read=False)
    assert any(f"{field.wire}X" in text for text in promises(broken, emulator))


@pytest.mark.parametrize(("resource", "part", "field"), FIELDS)
def test_the_tables_notice_a_wrong_type(resource, part, field, emulator):
    assert any(field.wire in text or field.read_as in text for text in promises(mistyped(resource, part, field), emulator))


@pytest.mark.parametrize("resource", [one for one in ALL if one.service in ("exchange", "compliance")], ids=by_kind)
def test_the_tables_notice_a_wrong_noun_and_a_wrong_verb(resource, emulator):
    for part in resource.parts:
        assert promises(with_part(resource, part, noun=f"{part.noun}X"), emulator)
        assert promises(with_part(resource, part, switched=not part.switched), emulator)
        if part.removable:
            assert promises(with_part(resource, part, asks=() if part.asks else ("Remove",)), emulator)


def life(resource):
    """The laws that a life in a tenant shows, without the tables."""
    return [*laws.EVERY, *(laws.GOING if goes(resource) else ())]


def notices(bench, resource):
    """Whether any law is broken; which error the service gives does not matter, a fault of the engine would be one of ours."""
    for law in life(resource):
        bench.reset()
        try:
            law(bench, resource)
        except (AssertionError, TenantError):
            return True
    return False


def plainest(resource, *kinds):
    """A field of one of these types that a wrong word or type of it must show in a life."""
    return next(
        (part, field)
        for kind in kinds
        for part, field in cases(resource)
        if isinstance(field.type, kind) and field.wire not in (*part.one_of, *SPECIAL) and not field.create_only
    )


@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_a_life_notices_a_wrong_name(resource, bench):
    part, field = plainest(resource, Bool, Int, Choice, Code, Text)
    assert notices(bench, misspelt(resource, part, field))


@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_a_life_notices_a_wrong_type(resource, bench):
    part, field = plainest(resource, Bool, Choice, Int, Code, SetOf)
    broken = with_field(resource, part, field, type=Bool()) if isinstance(field.type, SetOf) else mistyped(resource, part, field)
    assert notices(bench, broken)


@pytest.mark.parametrize("resource", ALL, ids=by_kind)
def test_a_life_notices_a_wrong_reading(resource, bench):
    part, field = plainest(resource, Bool, Choice, Int, Code, Text)
    assert notices(bench, with_field(resource, part, field, read_as="Identity"))


LISTED = [one for one in ALL if one.service != "portal" and made(one) and any(isinstance(field.type, SetOf) for dummy, field in cases(one))]


@pytest.mark.parametrize("resource", LISTED, ids=by_kind)
def test_a_life_notices_a_list_that_is_emptied_in_the_wrong_way(resource, bench):
    part, field = next((part, field) for part, field in cases(resource) if isinstance(field.type, SetOf) and not field.needed)
    broken = with_field(resource, part, field, type=SetOf(field.type.of))
    same_part = next(one for one in broken.parts if one.noun == part.noun)
    with pytest.raises((AssertionError, TenantError)):
        laws.a_field_changes_alone(bench, broken, same_part, same_part.by_option[field.option])


@pytest.mark.parametrize("resource", [one for one in ALL if len(one.parts) > 1], ids=by_kind)
def test_a_life_notices_a_rule_that_points_at_nothing(resource, bench):
    assert notices(bench, with_part(resource, resource.parts[1], points_at="Identity"))


def test_the_laws_hold_where_nothing_is_broken(bench):
    assert not notices(bench, replace(ALL[0]))
