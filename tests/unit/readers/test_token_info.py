# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token says of its bearer, or why there is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import Refused, SignInFailed, Unavailable
from ansible_collections.m365.defender.plugins.module_utils._reader import Ask
from ansible_collections.m365.defender.plugins.module_utils._resource import Query
from ansible_collections.m365.defender.plugins.module_utils.readers.token_info import TOKEN_INFO, answered

NOW = datetime(2026, 7, 24, 9, 0, tzinfo=UTC)
ROW = {
    "audience": "graph",
    "way": "client_certificate",
    "aud": "https://graph.microsoft.com",
    "appid": "00000000-0000-0000-0000-000000000000",
    "oid": "11111111-1111-1111-1111-111111111111",
    "tid": "22222222-2222-2222-2222-222222222222",
    "app_displayname": "air-writer",
    "idtyp": "app",
    "roles": ["Organization.Read.All", "Alert.Read.All"],
    "wids": ["5d6b6bb7-de71-4623-b4af-96380a352509", "99999999-9999-4999-8999-999999999999"],
    "exp": NOW.timestamp() + 3599,
}


def look(**found):
    answers = {Ask("token", Query("claims", (("audience", service),))): one for service, one in found.items()}
    return answered({"services": list(found)}, answers, lambda: NOW)


def test_a_token_of_an_app():
    result = look(graph=[ROW])
    assert result["sign_in"] == "client_certificate"
    token = result["tokens"]["graph"]
    assert (token["state"], token["kind"], token["minutes_left"], token["ends"]) == ("given", "app", 59, "2026-07-24T09:59:59Z")
    assert token["permissions"] == ["Alert.Read.All", "Organization.Read.All"] and token["delegated_permissions"] == []
    assert token["directory_roles"] == ["99999999-9999-4999-8999-999999999999", "Security Reader"]


def test_a_token_of_a_person():
    row = {"audience": "exchange", "azp": "an id", "scp": "Exchange.Manage offline", "upn": "ada@contoso.com", "exp": NOW.timestamp() - 61}
    token = look(exchange=[row])["tokens"]["exchange"]
    assert (token["kind"], token["user"], token["application"]) == ("user", "ada@contoso.com", "an id")
    assert (token["delegated_permissions"], token["minutes_left"]) == (["Exchange.Manage", "offline"], -2)


def test_a_token_that_cannot_be_read_is_unknown_and_not_empty_handed():
    token = look(graph=[{"audience": "graph", "way": "access_token"}])["tokens"]["graph"]
    assert (token["state"], token["kind"], token["ends"], token["minutes_left"]) == ("unreadable", "unknown", "", None)


def test_why_there_is_none():
    result = look(
        graph=[ROW],
        exchange=SignInFailed("wrong", code="AADSTS7000215", hint="The secret is wrong.", request_id="an id"),
        compliance=Unavailable("busy"),
        defender=Refused("the cloud china does not have it", code="not_in_cloud"),
    )["tokens"]
    assert [result[name]["state"] for name in ("exchange", "compliance", "defender")] == ["refused", "unknown", "not_in_cloud"]
    assert result["exchange"] == {
        "state": "refused",
        "reason": "wrong",
        "remedy": "The secret is wrong.",
        "code": "AADSTS7000215",
        "request_id": "an id",
    }


SITE = {**ROW, "audience": "sharepoint", "aud": "https://contoso-admin.sharepoint.com", "roles": ["Sites.FullControl.All"]}


@pytest.mark.parametrize(("way", "state"), [("client_certificate", "given"), ("managed_identity", "given"), ("client_secret", "not_taken")])
def test_sharepoint_takes_an_app_only_with_a_certificate(way, state):
    token = look(sharepoint=[{**SITE, "way": way}])["tokens"]["sharepoint"]
    assert (token["state"], token["permissions"]) == (state, ["Sites.FullControl.All"])
    assert ("certificate" in token["reason"] and "client_certificate" in token["remedy"]) is (state == "not_taken")


def test_a_site_whose_name_is_not_found_is_unknown_and_no_failure():
    error = Unavailable("the tenant's name in SharePoint could not be found: no", code="sharepoint_name_unknown", hint="Grant it.")
    for found in ({"graph": [ROW]}, {}, {"defender": Refused("no", code="not_in_cloud")}):
        token = look(**found, sharepoint=error)["tokens"]["sharepoint"]
        assert (token["state"], token["code"], token["remedy"]) == ("unknown", "sharepoint_name_unknown", "Grant it.")


def test_a_token_for_nothing_is_a_failure():
    with pytest.raises(SignInFailed):
        look(defender=Refused("no", code="not_in_cloud"), graph=SignInFailed("wrong"), sharepoint=SignInFailed("wrong"))
    assert len(TOKEN_INFO.asks({})) == 5 and len(TOKEN_INFO.asks({"services": ["graph"]})) == 1
