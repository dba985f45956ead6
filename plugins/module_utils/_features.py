# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of Defender for Endpoint that the portal keeps in several places, as one row. Private to the collection.

Paths and bodies: [live] what is read, [code] what is written. The advanced features are one object that is saved whole: it is read right
before, and what nobody here knows stays as it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._errors import NotReadBack, TenantError
from ansible_collections.m365.defender.plugins.module_utils._offered import UNREAD
from ansible_collections.m365.defender.plugins.module_utils._portal import Portal
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation
from ansible_collections.m365.defender.plugins.module_utils._waiting import pauses

Row = dict[str, Any]

NOUN = "endpoint_features"
API = "/apiproxy/mtp"
ADVANCED = f"{API}/settings/GetAdvancedFeaturesSetting"
SAVE = f"{API}/settings/SaveAdvancedFeaturesSetting"
LIVE = f"{API}/liveResponseApi/get_properties?useV2Api=true&useV3Api=true"
SAVE_LIVE = f"{API}/liveResponseApi/update_properties?useV2Api=true&useV3Api=true"
INTUNE = f"{API}/responseApiPortal/onboarding/intune"
CONNECTED = "IntuneConnection"  # our name: the portal gives a bare number
LIVE_MEMBERS = ("AutomatedIrLiveResponse", "LiveResponseForServers", "AutomatedIrUnsignedScripts")
SECOND_SAVE = 15.0  # seconds after which a value that does not show is saved once more. [code] a client finds that some need it


def _uploads(answer: Any) -> Row:
    inner = answer.get("data", answer) if isinstance(answer, dict) else None
    return {"AutomationUploads": inner}


# What is only shown: a path, and from its answer to members. A failure is no reason not to show the rest.
FACTS: dict[str, tuple[tuple[str, ...], Callable[[Any], Row]]] = {
    f"{API}/autoIr/ui/properties/": (("AutomatedIrPuaAsSuspicious", "IsAutomatedIrContainDeviceEnabled"), dict),
    f"{API}/autoIr/ui/admin/advanced": (("AutomationUploads",), _uploads),
    f"{API}/autoIr/folder_exclusion/all": (("FolderExclusions",), lambda answer: {"FolderExclusions": answer}),
}


class Features:
    """The settings of one tenant: read as one row, set one by one."""

    def __init__(self, portal: Portal, *, wait: Callable[[float], None], limit: float) -> None:
        self._portal = portal
        self._wait = wait
        self._limit = limit
        self._facts: Row | None = None

    def read(self) -> Row:
        """Every setting that can be read, and in `Unread` why others can't. Raises TenantError when there are no advanced features."""
        row = self._advanced()
        unread: Row = {}
        self._add(row, unread, LIVE_MEMBERS, self._live)
        self._add(row, unread, (CONNECTED,), self._intune)
        if self._facts is None:
            facts: Row = {"IsAutomatedIrEnabled": self._portal.context().get("IsAutomatedIrEnabled")}
            missed: Row = {}
            for path, (members, form) in FACTS.items():
                self._add(facts, missed, members, partial(self._fact, path, form))
            self._facts = {**facts, UNREAD: missed}
        return {**row, **self._facts, UNREAD: {**unread, **self._facts[UNREAD]}}

    def set(self, operation: Operation) -> str:
        """Sets members of one place. Raises TenantError; NotReadBack for what does not show."""
        tried = f"{operation.verb}-{NOUN} {operation.name}".rstrip()
        wanted = dict(operation.parameters)
        if CONNECTED in wanted:
            path = f"{INTUNE}/{'provision' if wanted[CONNECTED] else 'deprovision'}"
            return self._saved(wanted, self._intune, partial(self._portal.write, "POST", path, lambda: {"timeout": 60000}, tried), tried)
        if wanted.keys() <= set(LIVE_MEMBERS):
            write = partial(self._portal.write, "PATCH", SAVE_LIVE, lambda: {"properties": {**self._live(), **wanted}}, tried)
            return self._saved(wanted, self._live, write, tried)
        write = partial(self._portal.write, "POST", SAVE, lambda: {**self._advanced(), **wanted}, tried)
        return self._saved(wanted, self._advanced, write, tried)

    def _saved(self, wanted: Mapping[str, Any], read: Callable[[], Row], write: Callable[[], str], tried: str) -> str:
        """Writes, and reads until it shows; if that takes long, writes once more. Returns the ids of the requests."""
        ids = [write()]
        waits, waited = pauses(self._limit), 0.0
        while True:
            now = read()
            missing = [name for name, value in wanted.items() if now.get(name) != value]
            if not missing:
                return ", ".join(ids)
            pause = next(waits, None)
            if pause is None:
                raise NotReadBack(
                    f"the portal accepted it, but after {self._limit:.0f} seconds it does not show: {', '.join(missing)}",
                    tried=tried,
                    service="portal",
                    request_id=ids[-1],
                    hint="Look at the advanced features in the portal, and run the task again. A licence may be missing, or somebody else "
                    "changed them too.",
                )
            self._wait(pause)
            waited += pause
            if waited >= SECOND_SAVE and len(ids) == 1:
                ids.append(write())

    def _fact(self, path: str, form: Callable[[Any], Row]) -> Row:
        return form(self._portal.get(path, "Reading what automated investigation does"))

    def _advanced(self) -> Row:
        return self._object(ADVANCED, "Reading the advanced features")

    def _live(self) -> Row:
        return self._object(LIVE, "Reading the settings of live response")

    def _intune(self) -> Row:
        status = self._portal.get(f"{INTUNE}/status", "Reading the connection to Intune")
        if status not in (0, 1):
            raise self._strange(f"{INTUNE}/status")
        return {CONNECTED: bool(status)}

    def _object(self, path: str, tried: str) -> Row:
        answer = self._portal.get(path, tried)
        if not isinstance(answer, dict):
            raise self._strange(path)
        return dict(answer)

    @staticmethod
    def _strange(path: str) -> TenantError:
        where = path.partition("?")[0].rsplit("/", 1)[-1]
        return TenantError(f"the portal gave an answer in a form that nobody knows ({where})", service="portal", status=200)

    @staticmethod
    def _add(row: Row, unread: Row, members: tuple[str, ...], read: Callable[[], Row]) -> None:
        try:
            found = read()
        except TenantError as error:
            if error.status is None:
                raise
            unread.update(dict.fromkeys(members, error.message))
        except (TypeError, ValueError):
            unread.update(dict.fromkeys(members, "the portal gave an answer in a form that nobody knows"))
        else:
            row.update({name: found[name] for name in members if name in found})
