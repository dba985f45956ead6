# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the token endpoint refuses: the AADSTS answer."""

from __future__ import annotations

import datetime
import uuid

from .clouds import LOGIN, clouds_of
from .service import Answer, Call, Refused
from .tenant import Tenant, World
from .tokens import GUID


def error_answer(call: Call, number: int, error: str, text: str, status: int = 400) -> Answer:
    """The full error body of the token endpoint. [doc] the fields; numbers and texts [recall]."""
    now = datetime.datetime.now(datetime.UTC)
    trace, correlation = str(uuid.uuid4()), call.headers.get("client-request-id") or str(uuid.uuid4())
    stamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
    return Answer(
        status,
        {
            "error": error,
            "error_description": f"AADSTS{number}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}",
            "error_codes": [number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{call.base}/error?code={number}",
        },
        [("Cache-Control", "no-store, no-cache"), ("x-ms-request-id", trace)],
    )


def tenant_of(call: Call, world: World, name: str, any_cloud: bool = False) -> Tenant:
    """The tenant of that id or domain. Raises Refused when there is none, or when it lives in another cloud."""
    tenant = world.by_id_or_domain(name)
    if tenant is not None:
        if not any_cloud and tenant.cloud not in clouds_of(call.host):
            text = (
                f"The specified tenant '{name}' belongs to the National Cloud '{LOGIN[tenant.cloud]}'. Current cloud instance "
                f"'{call.host}' does not federate with it. A cloud redirect error is returned."
            )
            raise Refused(error_answer(call, 90038, "invalid_request", text))
        call.tenant = tenant
        return tenant
    if not GUID.fullmatch(name) and "." not in name:
        text = f"Specified tenant identifier '{name}' is neither a valid DNS name, nor a valid external domain."
        raise Refused(error_answer(call, 900023, "invalid_request", text))
    text = (
        f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. "
        "Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
    )
    raise Refused(error_answer(call, 90002, "invalid_request", text))
