# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a task's request form to the operations that decide actions by it. Private to the collection."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._description import Operation, Row, Values
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Refused
from ansible_collections.m365.defender.plugins.module_utils._request_form import CHECKING, Rendered, Request, form_of, values_for
from ansible_collections.m365.defender.plugins.module_utils._whole import RECORDED
from ansible_collections.m365.defender.plugins.module_utils.readers._actions import told
from ansible_collections.m365.defender.plugins.module_utils.readers._choice import label

HOSTS = frozenset(cloud.portal for cloud in CLOUDS.values() if cloud.portal)
UNDECIDED = "Nothing was decided."


def request_of(params: Values) -> Request | None:
    """The request of the form that a task names, for its decision; None without a form. Raises BadInput."""
    document, path = params.get("form"), params.get("form_file")
    if path:
        try:
            with open(path, encoding="utf-8") as file:
                document = document_in(file.read())
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no JSON and no YAML"
            raise BadInput(f"the request form {path} can't be read: {reason}", tried=CHECKING, hint=UNDECIDED) from None
    if not path and document is None:
        return None
    form = form_of(document, HOSTS)
    host = CLOUDS[params["cloud"]].portal
    if form.host != host:
        raise BadInput(f"the form was recorded at {form.host}, but the tenant's portal is {host}", tried=CHECKING, hint=UNDECIDED)
    request = form.requests.get(params["decision"])
    if request is None:
        raise BadInput(
            f"the form has no request for {params['decision']}, only for {', '.join(form.requests)}",
            tried=CHECKING,
            hint=f"Record such a decision too, and add it with m365.defender.request_form. {UNDECIDED}",
        )
    if params.get("comment") and "comment" not in request.places:
        raise BadInput("the form has no place for a comment", tried=CHECKING, hint=f"Leave comment out. {UNDECIDED}")
    return request


def document_in(text: str) -> Any:
    """A document in JSON or YAML. Raises ValueError."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        import yaml
    except ImportError:
        raise ValueError("no JSON, and YAML can't be read here") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise ValueError("no JSON and no YAML") from None


def operations(
    request: Request | None, decision: str, rows: Sequence[Row], every: Sequence[Row], fixed: Mapping[str, Any]
) -> list[Operation]:
    """One operation for each request; without a form, what would have to be done.

    rows: the actions to decide. every: all that are in their list. fixed: placeholders that do not depend on the action. Raises Refused for
    a request that would mean other actions too, because what the form tells of an action is not its own.
    """
    verb = decision.capitalize()
    if request is None:
        return [Operation(verb, RECORDED, label(told(row)), told(row)["action_id"]) for row in rows]
    wanted = {id(row) for row in rows}
    planned: dict[str, Operation] = {}
    for row in rows:
        one = request.rendered(values_for(row, **fixed))
        parameters = {"method": one.method, "path": one.path, "body": one.body}
        planned.setdefault(_mark(request, row, fixed), Operation(verb, RECORDED, label(told(row)), told(row)["action_id"], parameters))
    for row in every:
        if id(row) not in wanted and _mark(request, row, fixed) in planned:
            raise Refused(
                f"by this form the request would decide {label(told(row))} too, because it tells actions apart by what they share",
                tried=CHECKING,
                hint=f"Name that action too, or record a form that holds the action's own id. {UNDECIDED}",
            )
    return list(planned.values())


def _mark(request: Request, row: Row, fixed: Mapping[str, Any]) -> str:
    """What tells one request from another, whatever is new in each; "" for an action that the form can't be filled in for."""
    try:
        one: Rendered = request.rendered({**values_for(row, **fixed), "new_id": "new", "now": "now"})
    except Refused:
        return ""
    return json.dumps([one.method, one.path, one.body], sort_keys=True)
