# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a request form of a recording, on the control node, where the recording lies. Private to the collection."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, TenantError
from ansible_collections.m365.defender.plugins.module_utils._recorded import document_in
from ansible_collections.m365.defender.plugins.module_utils._request_form import DECISIONS, places_of
from ansible_collections.m365.defender.plugins.plugin_utils._attestation_action import failed, options_of
from ansible_collections.m365.defender.plugins.plugin_utils._files import write_whole
from ansible_collections.m365.defender.plugins.plugin_utils._forming import TRIED, Hints, leaks, made, merged
from ansible_collections.m365.defender.plugins.plugin_utils._recording import recording_of

HOSTS = frozenset(cloud.portal for cloud in CLOUDS.values() if cloud.portal)
DELETE = "Delete the recording {har}: it may hold your session, and whoever has that is you in the portal."


class RequestFormAction(ActionBase):
    """Reads `har`, writes `dest`. Connects to nothing."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        words = {"type": "list", "elements": "str", "default": []}
        args, refused = options_of(
            self,
            "request_form",
            {
                "har": {"type": "path", "required": True},
                "dest": {"type": "path", "required": True},
                "decision": {"type": "str", "required": True, "choices": list(DECISIONS)},
                "action_id": {"type": "str", "default": ""},
                "comment": {"type": "str", "default": ""},
                "path": {"type": "str", "default": ""},
                "constant": words,
                "fresh": words,
            },
        )
        if refused:
            return refused
        try:
            return _made(args, self._task.check_mode, self._task.diff)
        except TenantError as error:
            return failed(error)


def _made(args: dict[str, Any], check: bool, diff: bool) -> dict[str, Any]:
    recording = recording_of(_json(args["har"]), HOSTS)
    names = ("action_id", "comment", "path")
    hints = Hints(**{name: args[name] for name in names}, constant=frozenset(args["constant"]), fresh=frozenset(args["fresh"]))
    one = made(recording, hints)
    before = _text(args["dest"]) if os.path.exists(args["dest"]) else ""
    document = merged(_former(args["dest"], before), one, args["decision"], datetime.now(UTC).date().isoformat())
    if leaks(document, recording):
        raise BadInput("something of the session would stand in the form, so none was written", tried=TRIED, hint="Report this.")
    after = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    open_to_others = bool(before) and bool(os.stat(args["dest"]).st_mode & 0o077)
    changed = after != before or open_to_others
    if changed and not check:
        _write(args["dest"], after)
    result: dict[str, Any] = {
        "changed": changed,
        "dest": os.path.abspath(args["dest"]),
        "form": document,
        "placeholders": sorted(places_of(one.request)),
        "kept": one.kept,
        "warnings": [DELETE.format(har=args["har"])],
    }
    if diff:
        result["diff"] = (
            [{"before_header": args["dest"], "after_header": args["dest"], "before": before, "after": after}] if changed else []
        )
    return result


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BadInput(f"{path} can't be read: {reason}", tried=TRIED, hint="Look at the path; it is meant on the control node.") from None


def _json(path: str) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError:  # says nothing of the content, which is secret
        raise BadInput(f"{path} is no JSON", tried=TRIED, hint="Save the recording of the browser's network as HAR.") from None


def _former(path: str, text: str) -> Any:
    try:
        return document_in(text) if text.strip() else None
    except ValueError:
        raise BadInput(f"{path} is there already, but is no form", tried=TRIED, hint="Choose another dest.") from None


def _write(path: str, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise BadInput(f"the form can't be written to {path}: {error.strerror}", tried=TRIED, hint="Set dest to a file that can.") from None
