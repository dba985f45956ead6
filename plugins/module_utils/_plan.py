# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is and what is wanted to what is to be done. Pure; private to the collection.

There is no other place where "changed", the diff or the prediction of check mode is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import singledispatch

from ansible_collections.m365.defender.plugins.module_utils._bonds import check_bonds, pointed_at, sent_with
from ansible_collections.m365.defender.plugins.module_utils._description import Description, Plan, Query
from ansible_collections.m365.defender.plugins.module_utils._draft import Draft, joining, note_rank, plan_orders
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused, TenantError
from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Operation, Part, Resource, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._rows import Rows, check_rows, demand, found, label_of, switched_on


@singledispatch
def plan(description: Description, rows: Rows, wanted: Sequence[Values]) -> Plan:
    """What has to be done so that every object of `wanted` is as it says.

    rows: every row of every noun of the kind. wanted: objects that fit its `spec`; an option that is None is left alone.
    Raises BadInput for wishes that exclude each other, Refused for what a guard or the ordering forbids, TenantError for rows
    that can't be true.
    """
    raise TypeError(f"nobody knows how to plan {description!r}")


@singledispatch
def further(description: Description, rows: Rows, wanted: Sequence[Values]) -> tuple[tuple[str, Query], ...]:
    """What else has to be asked, and which service, before these wishes can be planned; its rows then stand among `rows` by their noun.

    Only what few wishes need and what a plan can do without: where it can't be read, the service has to judge.
    """
    return ()


@plan.register
def _plan_parts(resource: Resource, rows: Rows, wanted: Sequence[Values]) -> Plan:
    check_rows(resource, rows)
    _refuse_doubles(resource, wanted)
    draft = Draft()
    before, after = [], []
    for one in wanted:
        shown: list[tuple[Values, Values]] = []
        if one.get("state") == "absent":
            _plan_absent(resource, rows, one, draft, shown)
        else:
            _plan_present(resource, rows, one, draft, shown)
        before.append(_merged(pair[0] for pair in shown))
        after.append(_merged(pair[1] for pair in shown))
    plan_orders(resource, rows, wanted, draft, before, after)
    return Plan(tuple(before), tuple(after), (*draft.present, *draft.absent, *draft.order))


def too_many(resource: Description, wanted: Sequence[Values]) -> str:
    """Why so many of a kind can't be wanted, "" where they can."""
    if not resource.single or len(wanted) <= 1:
        return ""
    return f"there is only one {resource.blurb} in a tenant, so it can be wanted only once, not {len(wanted)} times"


def _refuse_doubles(resource: Resource, wanted: Sequence[Values]) -> None:
    many = too_many(resource, wanted)
    if many:
        raise BadInput(many)
    if resource.single:
        return
    same = resource.parts[0].name.same
    names = [one["name"] for one in wanted]
    for index, name in enumerate(names):
        if any(same(name, other) for other in names[:index]):
            raise BadInput(f'the {resource.blurb} "{name}" is wanted twice')


def _plan_absent(resource: Resource, rows: Rows, one: Values, draft: Draft, shown: list[tuple[Values, Values]]) -> None:
    name = one.get("name", "")
    there = False
    for part in reversed(resource.parts):
        row = found(resource, part, rows, name)
        if row is not None and not part.stands_in(row):
            _remove(resource, part, row, name, draft)
            there = True
    head = {} if resource.single else {"name": name}
    shown.append(({**head, "state": "present" if there else "absent"}, {**head, "state": "absent"}))


def _called(resource: Resource, name: str) -> str:
    return f'{resource.blurb} "{name}"' if name else resource.blurb


def _remove(resource: Resource, part: Part, row: Row, name: str, draft: Draft) -> None:
    for guard in part.guards:
        if guard.remove and guard.holds(row):
            raise Refused(guard.sentence, tried=f"Removing the {_called(resource, name)}", service=resource.service)
    parameters = {"Confirm": False} if "Remove" in part.asks else {}
    draft.absent.append(Operation("Remove", part.noun, label_of(part, row), row.get(part.identified_by), parameters))
    draft.gone.setdefault(part.noun, set()).add(label_of(part, row))


def _plan_present(resource: Resource, rows: Rows, one: Values, draft: Draft, shown: list[tuple[Values, Values]]) -> None:
    name = "" if resource.single else one["name"].strip()
    first = resource.parts[0]
    owner = found(resource, first, rows, name)
    for part in resource.parts:
        given = one if not part.under else one.get(part.under)
        if given is None:
            continue
        row = owner if part is first else found(resource, part, rows, name)
        if part.under and given.get("state") == "absent":
            if row is not None:
                _remove(resource, part, row, name, draft)
            shown.append(({part.under: {"state": "present" if row is not None else "absent"}}, {part.under: {"state": "absent"}}))
            continue
        if part is not first and owner is not None:
            for guard in first.guards:
                if guard.join and guard.holds(owner):
                    raise Refused(guard.sentence, tried=f"Giving the {_called(resource, name)} a {part.under}", service=resource.service)
        moved = None
        if row is None and part.points_at and part.life is Life.MADE:
            row = moved = _orphan(resource, part, rows, name, draft)
        if row is None:
            pair = _make(resource, part, given, name or part.called, draft)
        else:
            pair = _change(resource, part, row, given, name, draft, rows, moved is not None)
        shown.append(({part.under: pair[0]}, {part.under: pair[1]}) if part.under else pair)


def _orphan(resource: Resource, part: Part, rows: Rows, name: str, draft: Draft) -> Row | None:
    """A rule that has the name our rule needs: taken over when its policy is gone, refused when it belongs to somebody."""
    for row in rows[part.noun]:
        if part.name.same(row.get(part.named_by), name):
            policy = row.get(part.points_at)
            if found(resource, resource.parts[0], rows, str(policy)) is not None:
                raise Refused(
                    f'its {part.under} would be called "{name}", but a {part.under} of that name already belongs to "{policy}"',
                    tried=f'Making the {part.under} of the {resource.blurb} "{name}"',
                    service=resource.service,
                    hint=f'Choose another name, or give the {part.under} of "{policy}" one of its own.',
                )
            return row
    return None


def _make(resource: Resource, part: Part, given: Values, name: str, draft: Draft) -> tuple[Values, Values]:
    tried = f"Making the {part.under} of the {_called(resource, name)}" if part.under else f"Making the {_called(resource, name)}"
    if part.life is Life.FIXED:
        raise TenantError(f"there is no {part.noun}", tried=tried, service=resource.service)
    after: Values = {} if part.under or resource.single else {"name": name}
    before: Values = {**after, "state": "absent"}
    after["state"] = "present"
    for option, one in part.by_option.items():
        value = given.get(option)
        if one.needed and (value is None or one.type.empty(value)):
            raise BadInput(f"{_path(part)}{option} is needed to make a new {resource.blurb}", tried=tried)
        if value is not None:
            after[option] = one.type.show(value)
    values = {one.wire: given.get(one.option) for one in part.fields}
    demand(part, values, tried)
    check_bonds(part, values, [wire for wire, value in values.items() if value is not None], tried)
    if part.switched and given.get("enabled") is not None:
        after["enabled"] = given["enabled"]
    _new(resource, part, given, name, draft)
    draft.made.setdefault(part.noun, []).append(name)
    note_rank(part, given, name, draft)
    return before, after


def _new(resource: Resource, part: Part, given: Values, name: str, draft: Draft) -> None:
    """New with everything that is given and not empty, and after it Set with what New does not take."""
    parameters: Values = {part.named_by: part.name.write(name)} if part.named_by else {}
    parameters.update(part.made_with)
    if part.points_at:
        parameters[part.points_at] = resource.parts[0].called or name
    later: Values = {}
    for option, one in part.by_option.items():
        value = given.get(option)
        if value is None or (one.type.empty(value) and not one.filled):
            continue
        (later if one.set_only or one.type.empty(value) else parameters)[one.wire] = one.type.write(value)
    if part.switched and given.get("enabled") is not None:
        parameters["Enabled"] = given["enabled"]
    draft.present.append(Operation("New", part.noun, name, None, parameters))
    if later:
        draft.present.append(Operation("Set", part.noun, name, name, later))


def _change(
    resource: Resource, part: Part, row: Row, given: Values, name: str, draft: Draft, rows: Rows, taken_over: bool
) -> tuple[Values, Values]:
    label, identity = label_of(part, row), row.get(part.identified_by)
    tried = f"Changing the {_called(resource, name)}"
    head: Values = {"name": label} if part.life is Life.MADE and not part.under else {}
    head.update({} if part.life is Life.FIXED else {"state": "present"})
    before, after = dict(head), dict(head)
    changed: list[Field] = []
    for option, one in part.by_option.items():
        wish = given.get(option)
        if wish is None:
            continue
        has = one.read(row)
        before[option] = one.type.show(has)
        if one.type.same(has, wish):
            after[option] = before[option]
        elif one.needed and one.type.empty(wish):
            raise BadInput(f"{_path(part)}{option} is needed, so it can't be emptied", tried=tried)
        else:
            after[option] = one.type.show(wish)
            changed.append(one)
    turned = None
    if part.switched and given.get("enabled") is not None:
        before["enabled"], after["enabled"] = switched_on(row), given["enabled"]
        turned = given["enabled"] if given["enabled"] != switched_on(row) else None
    _guard(resource, part, row, changed, turned is not None, tried)
    values = {one.wire: given[one.option] if one in changed else one.read(row) for one in part.fields}
    demand(part, values, tried)
    check_bonds(part, values, [one.wire for one in changed], tried)
    parameters = {one.wire: one.type.change(one.read(row), values[one.wire]) for one in sent_with(part, changed)}
    if taken_over:
        parameters.update(joining(part, name, label, rows, draft))
    if part.stands_in(row) and (changed or pointed_at(resource, part, given, rows)):
        _new(resource, part, given, part.called, draft)
    elif parameters:
        draft.present.append(Operation("Set", part.noun, label, identity, parameters))
    if turned is not None:
        draft.present.append(Operation("Enable" if turned else "Disable", part.noun, label, identity))
    note_rank(part, given, label, draft)
    return before, after


def _guard(resource: Resource, part: Part, row: Row, changed: Sequence[Field], turned: bool, tried: str) -> None:
    for guard in part.guards:
        if not (guard.change and guard.holds(row)):
            continue
        refused = [one.option for one in changed if one.wire not in guard.but] + (["enabled"] if turned else [])
        if refused:
            raise Refused(f"{guard.sentence} What differs: {', '.join(refused)}", tried=tried, service=resource.service)
    fixed = [one.option for one in changed if one.create_only]
    if fixed:
        raise Refused(
            f"{', '.join(fixed)} can be set only when the {resource.blurb} is made",
            tried=tried,
            service=resource.service,
            hint="Remove it with state=absent and make it anew, or use another name.",
        )


def _path(part: Part) -> str:
    return f"{part.under}." if part.under else ""


def _merged(pieces: Iterable[Values]) -> Values:
    result: Values = {}
    for piece in pieces:
        result.update(piece)
    return result
