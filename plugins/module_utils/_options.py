# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options: their argument spec, the environment that stands in for them, what counts as given. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS

# The variables that stand in for an option that is not given, in this order; an empty one does not count. The faces read them, but for
# those of SIGN_IN: these count only where no way of signing in is given at all, so they are looked at together, in _sign_in_choice.
# tenant_id is not here: with several hosts it would lead all of them to one tenant, so the face decides.
ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "client_id": ("M365_CLIENT_ID", "AZURE_CLIENT_ID"),
    "client_secret": ("M365_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "AZURE_SECRET"),
    "client_certificate": ("M365_CLIENT_CERTIFICATE", "AZURE_CLIENT_CERTIFICATE_PATH"),
    "client_certificate_data": ("M365_CLIENT_CERTIFICATE_DATA",),
    "client_certificate_password": ("M365_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"),
    "federated_token": ("M365_FEDERATED_TOKEN",),
    "federated_token_file": ("M365_FEDERATED_TOKEN_FILE", "AZURE_FEDERATED_TOKEN_FILE"),
    "managed_identity": ("M365_MANAGED_IDENTITY",),
    "refresh_token": ("M365_REFRESH_TOKEN",),
    "device_code": ("M365_DEVICE_CODE",),
    "access_token": ("M365_ACCESS_TOKEN",),
    "portal_session": ("M365_PORTAL_SESSION",),
    "cloud": ("M365_CLOUD",),
    "endpoint": ("M365_ENDPOINT",),
    "ca_path": ("REQUESTS_CA_BUNDLE",),
    "proxy": ("HTTPS_PROXY", "https_proxy"),
    "token_cache": ("M365_TOKEN_CACHE",),
    "trace": ("M365_TRACE",),
}

SIGN_IN = frozenset(
    {
        "client_secret",
        "client_certificate",
        "client_certificate_data",
        "client_certificate_password",
        "federated_token",
        "federated_token_file",
        "managed_identity",
        "refresh_token",
        "device_code",
        "access_token",
    }
)


def tenant_options() -> dict[str, dict[str, Any]]:
    """The Ansible argument spec of the connection options, without the environment (see ENVIRONMENT)."""
    return {
        "tenant_id": {"type": "str", "required": True},
        "expected_domain": {"type": "str"},
        "client_id": {"type": "str"},
        "client_secret": {"type": "str", "no_log": True},
        "client_certificate": {"type": "path"},
        "client_certificate_data": {"type": "str", "no_log": True},
        "client_certificate_password": {"type": "str", "no_log": True},
        "federated_token": {"type": "str", "no_log": True},
        "federated_token_file": {"type": "path", "no_log": False},
        "managed_identity": {"type": "str"},
        "refresh_token": {"type": "str", "no_log": True},
        "device_code": {"type": "bool", "default": False},
        "access_token": {"type": "raw", "no_log": True},
        "portal_session": {
            "type": "dict",
            "no_log": True,
            "options": {
                "sccauth": {"type": "str", "no_log": True},
                "xsrf_token": {"type": "str", "no_log": True},
                "ests_auth_persistent": {"type": "str", "no_log": True},
            },
        },
        "cloud": {"type": "str", "choices": list(CLOUDS), "default": "commercial"},
        "endpoint": {"type": "str"},
        "endpoint_trusted": {"type": "bool", "default": False},
        "ca_path": {"type": "path"},
        "proxy": {"type": "str", "no_log": True},  # it may hold a password
        "timeout": {"type": "int", "default": 60},
        "token_cache": {"type": "path", "no_log": False},
        "trace": {"type": "path"},
        "ledger": {"type": "path"},
        "max_writes_per_tenant": {"type": "int", "default": 50},
        "read_back_timeout": {"type": "int", "default": 120},
    }


def given(params: Mapping[str, Any]) -> dict[str, Any]:
    """`params` in which a connection option that is empty counts as not given: as its default, or None."""
    result = dict(params)
    for name, spec in tenant_options().items():
        value = result.get(name)
        nothing = value == "" or (isinstance(value, Mapping) and not any(value.values()))
        if nothing or (value is None and "default" in spec):
            result[name] = spec.get("default")
    return result
