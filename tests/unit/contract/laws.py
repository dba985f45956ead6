# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws that every kind of object obeys, as functions of a bench and a description: each asserts, or lets a TenantError out.

They are functions and no tests so that test_can_fail.py can hold a broken description against them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.m365.defender.plugins.module_utils._errors import Refused
from ansible_collections.m365.defender.plugins.module_utils._export import export, read_object
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Guard, Life, Part, Resource, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows, found, label_of
from tests.unit.contract.bench import Bench, Sent
from tests.unit.contract.samples import NAME, bound, called, cases, goes, gone, least, nothing, settings, values, whole, wish

Law = Callable[[Bench, Resource], None]


def stages(resource: Resource) -> list[Values]:
    """The life of an object: made (or set) in full, every setting changed, its rule taken away, gone."""
    result = [whole(resource, 0), whole(resource, 1)]
    result += [{**called(resource), part.under: {"state": "absent"}} for part in resource.parts if part.under and part.removable]
    return [*result, gone(resource)] if goes(resource) else result


def plan_apply_plan(bench: Bench, resource: Resource) -> None:
    """Law 1: what was applied plans to nothing, for whoever reads it anew; and every stage of a life has something to do."""
    for stage in stages(resource):
        outcome = bench.apply(resource, stage)
        assert outcome.done or resource.single, f"nothing was done for {stage}"
        assert plan(resource, bench.rows(resource), [stage]).operations == ()


def after_is_what_is_read_back(bench: Bench, resource: Resource) -> None:
    """Law 2: the plan's `after` is what a new connection reads, field by field by the type's sameness."""
    for stage in stages(resource):
        after = bench.apply(resource, stage).plans[resource.kind].after[0]
        now = read_object(resource, bench.rows(resource), NAME)
        if after.get("state") == "absent":
            assert now is None
            continue
        assert now is not None
        for part in resource.parts:
            if part.under and part.under not in after:
                continue
            planned, shown = (after[part.under], now.get(part.under)) if part.under else (after, now)
            if planned.get("state") == "absent":
                assert shown is None
                continue
            for option, value in planned.items():
                field = part.by_option.get(option)
                if field is not None:
                    assert field.type.same(shown.get(option), value), f"{option}: planned {value!r}, read {shown.get(option)!r}"
                elif option not in ("state", *(other.under for other in resource.parts if other.under)):
                    assert shown[option] == value, option
            assert set(stage if not part.under else stage[part.under]) <= {*planned, "state"}


def check_mode_writes_nothing_and_predicts(bench: Bench, resource: Resource) -> None:
    """Law 3: check mode sends no write, and says the operations, the diff and the object of the real run."""
    for stage in stages(resource):
        bench.clear()
        said = bench.perform(resource, stage, check=True)
        assert not said.get("failed"), said["msg"]
        assert bench.sent() == [] and bench.tenant.writes() == []
        real = bench.perform(resource, stage)
        assert not real.get("failed"), real["msg"]
        for key in ("changed", "operations", "diff"):
            assert said[key] == real[key], key
        assert bool(said["operations"]) == said["changed"] == bool(said["diff"])
        assert len(real["operations"]) <= len(bench.tenant.writes())
        assert _settable(resource, said["object"], stage) == _settable(resource, real["object"], stage)
        again = bench.perform(resource, stage)
        assert (again["changed"], again["operations"], again["diff"]) == (False, [], [])


def _settable(resource: Resource, shown: Values | None, stage: Values) -> Any:
    """An object without what only the service decides."""
    if shown is None:
        return None
    result = {}
    for option in stage:
        if option == "state":
            continue
        one = shown.get(option)
        result[option] = {key: one.get(key) for key in stage[option] if key != "state"} if isinstance(one, dict) else one
    return result


def exported_plans_to_nothing(bench: Bench, resource: Resource) -> None:
    """Law 4: everything that is read can be wished for, and is then already so; built-in objects too."""
    bench.apply(resource, whole(resource, 0))
    rows = bench.rows(resource)
    objects = export(resource, rows, built_in=True)
    assert objects
    wanted = []
    for one in objects:
        checked = ArgumentSpecValidator(resource.spec).validate(one)
        assert checked.error_messages == [], one
        wanted.append({option: value for option, value in checked.validated_parameters.items() if value is not None})
        assert resource.wrong(wanted[-1]) == []
    result = plan(resource, rows, wanted)
    assert result.operations == ()
    assert result.before == result.after


def set_carries_the_changed_fields_only(bench: Bench, resource: Resource) -> None:
    """Law 5: of an object that is wished for in full, every second setting is changed: only these are sent, in one call for each part."""
    first, second = whole(resource, 0), whole(resource, 1)
    bench.apply(resource, first)
    expected: list[tuple[str, str, set[str]]] = []
    wanted: Values = {option: value for option, value in first.items() if not isinstance(value, dict)}
    for part in resource.parts:
        has, will = (first[part.under], second[part.under]) if part.under else (first, second)
        chosen = [field for field in part.by_option.values() if not field.create_only][::2]
        moved = {other.wire for field in chosen for other in bound(part, field)}
        changed = [field for field in part.by_option.values() if field.wire in moved]
        mixed = {**has, **{field.option: will[field.option] for field in changed}}
        if part.under:
            wanted[part.under] = mixed
        else:
            wanted.update({option: value for option, value in mixed.items() if not isinstance(value, dict)})
        expected.append(("Set", part.noun, {field.wire for field in changed}))
    bench.clear()
    bench.apply(resource, wanted)
    assert [(one.verb, one.noun, set(one.settings)) for one in bench.sent()] == expected


def a_field_changes_alone(bench: Bench, resource: Resource, part: Part, field: Field) -> None:
    """Law 6: to another value, and to nothing where that is possible: one call with one parameter, and it reads back."""
    base = {**whole(resource, 0)}
    bench.apply(resource, base)
    if field.create_only:
        bench.clear()
        other = next(value for value in _others(field) if not field.type.same(value, values(field)[0]))
        with pytest.raises(Refused, match=field.option):
            bench.apply(resource, wish(resource, part, field.option, other))
        assert bench.sent() == []
        return
    company = bound(part, field)
    steps = [values(field)[1]] + ([nothing(field, part)] if nothing(field, part) is not None and company == [field] else [])
    for value in steps:
        bench.clear()
        wanted = wish(resource, part, field.option, value)
        (wanted[part.under] if part.under else wanted).update({other.option: values(other)[1] for other in company if other is not field})
        bench.apply(resource, wanted)
        assert [(str(one), set(one.settings)) for one in bench.sent()] == [(f"Set-{part.noun}", {other.wire for other in company})]
        row = found(resource, part, bench.rows(resource), NAME)
        assert row is not None
        assert field.type.same(field.read(row), value), f"{field.read(row)!r} is not {value!r}"
        assert plan(resource, bench.rows(resource), [wanted]).operations == ()
    moved = {part.under} if part.under else {other.option for other in company}
    others = {option: value for option, value in base.items() if option not in moved}
    assert plan(resource, bench.rows(resource), [others]).operations == ()


def _others(field: Field) -> tuple[Any, ...]:
    return values(field)


def a_rule_is_switched_by_its_verb(bench: Bench, resource: Resource) -> None:
    """Law 6 for on and off: one call of the verb, without settings."""
    bench.apply(resource, whole(resource, 0))
    for part in resource.parts:
        if not part.switched:
            continue
        for enabled, verb in ((False, "Disable"), (True, "Enable")):
            bench.clear()
            bench.apply(resource, wish(resource, part, "enabled", enabled))
            assert bench.sent() == [Sent(verb, part.noun)]


def absent_twice_does_nothing(bench: Bench, resource: Resource) -> None:
    """Law 7."""
    bench.apply(resource, whole(resource, 0))
    assert bench.apply(resource, gone(resource)).done
    bench.clear()
    assert bench.apply(resource, gone(resource)).done == ()
    assert bench.sent() == []
    assert read_object(resource, bench.rows(resource), NAME) is None


def a_rule_never_stands_without_its_policy(bench: Bench, resource: Resource) -> None:
    """Law 8: policy before rule when made, rule before policy when removed; also from no more than the service asks for."""
    for one in (whole(resource, 0), least(resource)):
        nouns = [part.noun for part in resource.parts if part.life is not Life.FIXED and (not part.under or part.under in one)]
        bench.apply(resource, gone(resource))
        bench.clear()
        bench.apply(resource, one)
        assert [sent.noun for sent in bench.sent() if sent.verb == "New"] == nouns
        bench.clear()
        bench.apply(resource, gone(resource))
        assert [sent.noun for sent in bench.sent() if sent.verb == "Remove"] == nouns[::-1]


def a_guard_refuses_a_difference_only(bench: Bench, resource: Resource) -> None:
    """What a guard stands before: a difference and removal are refused before anything is sent, what is as it is passes."""
    rows = bench.rows(resource)
    for part, row, guard in guarded(resource, rows):
        name = label_of(resource.parts[0], row)
        for field in part.by_option.values():
            other = next(value for value in values(field) if not field.type.same(value, field.read(row)))
            wanted = wish(resource, part, field.option, other, name)
            bench.clear()
            if not guard.change or field.wire in guard.but:
                bench.apply(resource, wanted)
                assert [set(one.settings) for one in bench.sent()] == [{field.wire}]
                continue
            with pytest.raises(Refused, match=field.option):
                bench.apply(resource, wanted)
            assert bench.tenant.writes() == []
        bench.clear()
        if guard.remove and part.removable:
            with pytest.raises(Refused, match=re.escape(guard.sentence[:30])):
                bench.apply(resource, gone(resource, name))
        for other_part in resource.parts[1:] if guard.join else ():
            with pytest.raises(Refused, match=re.escape(guard.sentence[:30])):
                bench.apply(resource, {**called(resource, name), other_part.under: settings(other_part, 0)})
        assert bench.tenant.writes() == []


def guarded(resource: Resource, rows: Rows) -> list[tuple[Part, Row, Guard]]:
    """One row for each guard, where there is one."""
    found_rows = []
    for part in resource.parts:
        for guard in part.guards:
            found_rows += [(part, row, guard) for row in rows[part.noun] if guard.holds(row)][:1]
    return found_rows


# Laws that hold for every kind, and those for kinds whose objects can be removed.
EVERY: tuple[Law, ...] = (
    plan_apply_plan,
    after_is_what_is_read_back,
    check_mode_writes_nothing_and_predicts,
    exported_plans_to_nothing,
    set_carries_the_changed_fields_only,
)
GOING: tuple[Law, ...] = (absent_twice_does_nothing, a_rule_never_stands_without_its_policy)


def alone(bench: Bench, resource: Resource) -> None:
    """Law 6 for every field, in one tenant."""
    for part, field in cases(resource):
        a_field_changes_alone(bench, resource, part, field)


__all__ = ["EVERY", "GOING", "a_field_changes_alone", "a_rule_is_switched_by_its_verb", "alone"]
