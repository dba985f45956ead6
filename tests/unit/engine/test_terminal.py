# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that others wrote do not steer the terminal: Ansible shows messages and warnings as they are, from ansible-core 2.19 on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.m365.defender.plugins.module_utils._delegated import DeviceCode
from ansible_collections.m365.defender.plugins.module_utils._errors import Refused, one_line
from ansible_collections.m365.defender.plugins.module_utils._task import Work, perform

WRITTEN = "Links\x1b[31m\x9b31m\u202e\r\nok: [contoso]\x07"
SHOWN = "Links [31m 31m ok: [contoso]"
TENANT = "12345678-1234-4234-8234-123456789012"
PARAMS = {"tenant_id": TENANT, "cloud": "commercial", "client_id": "1", "client_secret": "not-a-real-secret-000000"}


def raising(error):
    def do(tenant, params, check, diff):
        raise error

    return do


def warning(tenant, params, check, diff):
    tenant.warnings.append(WRITTEN)
    return {"changed": False, "object": {"name": WRITTEN}}


@pytest.mark.parametrize("error", [Refused(WRITTEN, tried=f"Set-SafeLinksPolicy {WRITTEN}", hint=WRITTEN), RuntimeError(WRITTEN)])
def test_the_message_of_a_task_that_failed(error):
    assert one_line(WRITTEN) == SHOWN
    result = perform(Work("x", {}, raising(error)), PARAMS, check=False, diff=False)
    assert result["msg"].isprintable() and SHOWN in result["msg"]
    assert WRITTEN in result["failure"]["text"], "data stays as it is"


def differing(tenant, params, check, diff):
    hunk = {"before_header": f"safe_links_policy {WRITTEN}", "after_header": WRITTEN, "before": {"name": WRITTEN}, "after": {}}
    return {"changed": True, "diff": [hunk]}


def test_the_headers_of_a_diff():
    (hunk,) = perform(Work("x", {}, differing), PARAMS, check=False, diff=True)["diff"]
    assert hunk["before_header"] == f"safe_links_policy {SHOWN}" and hunk["after_header"] == SHOWN
    assert hunk["before"] == {"name": WRITTEN}, "data, which Ansible shows as JSON"


def test_a_warning():
    result = perform(Work("x", {}, warning), PARAMS, check=False, diff=False)
    assert result["warnings"] == [SHOWN] and result["object"]["name"] == WRITTEN


def test_what_a_person_is_told_who_signs_in():
    said = []

    def started(*args, **kw):
        return {"user_code": "ABC", "message": WRITTEN, "expires_at": 0}

    app = SimpleNamespace(initiate_device_flow=started, acquire_token_by_device_flow=lambda *args, **kw: {"access_token": "x"})
    transport = SimpleNamespace(secrets=set(), wait=lambda seconds: None)
    place = SimpleNamespace(tenant="contoso", say=said.append, transport=transport)
    DeviceCode("1")._by_person(place, app, "https://graph.microsoft.com", "")
    assert said == [f"Tenant contoso: {SHOWN}"]
