# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Defender for Endpoint in the portal: advanced features, live response, the connection to Intune, and facts about AIR.

Paths, forms of bodies and members: captures [live] and public clients [code]. What is refused, and how, is a guess: see `invented/`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .invented import portal as invented
from .seed import table
from .service import Answer, Refused
from .tenant import Row, Tenant

if TYPE_CHECKING:
    from .portal import Asked

ADVANCED, LIVE, INTUNE, PROPERTIES, UPLOADS, EXCLUSIONS = (
    *("portal.advanced_features", "portal.live_response", "portal.intune"),
    *("portal.air_properties", "portal.automation_uploads", "portal.folder_exclusions"),
)


def settings(tenant: Tenant, noun: str, *, stale: bool = False) -> Row:
    """The one row of a noun; a tenant whose seed gives none has the captured one [live]; Intune is not connected."""
    rows = tenant.read(noun) if stale else tenant.rows(noun)
    if rows:
        return rows[0]
    return {"status": 0} if noun == INTUNE else dict(table("portal")[noun.removeprefix("portal.")])


def _refused(status: int, text: str) -> Refused:
    return Refused(Answer(status, invented.portal_refusal(status, text)))


def _body(asked: Asked) -> Any:
    """The body of a change by somebody who may make one."""
    if asked.session.key == "portal_session_reader":
        raise _refused(403, "The signed-in user may not manage security settings.")
    return asked.call.json_or_none()


def _checked(sent: Any, saved: Row) -> Row:
    """An object whose members are all known and of their kind."""
    if not isinstance(sent, dict):
        raise _refused(400, "The body must be an object.")
    for name, value in sent.items():
        if name not in saved:
            raise _refused(400, f"The setting '{name}' is unknown.")
        if isinstance(saved[name], bool) and not isinstance(value, bool):
            raise _refused(400, f"The setting '{name}' is true or false.")
    return sent


def _get_advanced(asked: Asked) -> Answer:
    asked.query()
    fault = invented.no_advanced_features(asked.tenant.plans)
    if fault:
        raise _refused(404, fault)
    return Answer(200, settings(asked.tenant, ADVANCED, stale=True))


def _save_advanced(asked: Asked) -> Answer:
    """The whole object is replaced [code]."""
    asked.query()
    sent, saved = _body(asked), settings(asked.tenant, ADVANCED)
    asked.tenant.write(ADVANCED, [invented.advanced_features_after(saved, _checked(sent, saved))])
    return Answer(200)


def _get_live(asked: Asked) -> Answer:
    asked.query("useV2Api", "useV3Api")
    return Answer(200, settings(asked.tenant, LIVE, stale=True))


def _set_live(asked: Asked) -> Answer:
    asked.query("useV2Api", "useV3Api")
    sent, saved = _body(asked), settings(asked.tenant, LIVE)
    if not isinstance(sent, dict) or set(sent) != {"properties"}:
        raise _refused(400, "The body must have properties and nothing else.")
    asked.tenant.write(LIVE, [{**saved, **_checked(sent["properties"], saved)}])
    return Answer(200)


def _get_intune(asked: Asked) -> Answer:
    """A bare number, 0 or 1 [live]."""
    asked.query()
    return Answer(200, str(settings(asked.tenant, INTUNE, stale=True)["status"]), [("Content-Type", "application/json")])


def _connect(status: int) -> Callable[[Asked], Answer]:
    def handler(asked: Asked) -> Answer:
        asked.query()
        sent = _body(asked)
        if not isinstance(sent, dict) or set(sent) != {"timeout"} or not isinstance(sent["timeout"], int):
            raise _refused(400, "The body must have a timeout.")
        asked.tenant.write(INTUNE, [{"status": status}])
        return Answer(200)

    return handler


def _properties(asked: Asked) -> Answer:
    asked.query()
    return Answer(200, settings(asked.tenant, PROPERTIES))


def _uploads(asked: Asked) -> Answer:
    """Refused without the header tenant-id [code]."""
    asked.query()
    if "tenant-id" not in asked.call.headers:
        raise _refused(400, "The header tenant-id is missing.")
    return Answer(200, {"data": settings(asked.tenant, UPLOADS)})


def _exclusions(asked: Asked) -> Answer:
    asked.query()
    return Answer(200, asked.tenant.read(EXCLUSIONS))


ROUTES: dict[tuple[str, str], Callable[[Any], Answer]] = {
    ("GET", "settings/GetAdvancedFeaturesSetting"): _get_advanced,
    ("POST", "settings/SaveAdvancedFeaturesSetting"): _save_advanced,
    ("GET", "liveResponseApi/get_properties"): _get_live,
    ("PATCH", "liveResponseApi/update_properties"): _set_live,
    ("GET", "responseApiPortal/onboarding/intune/status"): _get_intune,
    ("POST", "responseApiPortal/onboarding/intune/provision"): _connect(1),
    ("POST", "responseApiPortal/onboarding/intune/deprovision"): _connect(0),
    ("GET", "autoIr/ui/properties/"): _properties,
    ("GET", "autoIr/ui/admin/advanced"): _uploads,
    ("GET", "autoIr/folder_exclusion/all"): _exclusions,
}
