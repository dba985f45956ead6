# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant: how to reach it, said once, and its services, made on first use. Private to the collection."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible_collections.m365.defender.plugins.module_utils._addresses import CHECKING, endpoint_of, proxy_of
from ansible_collections.m365.defender.plugins.module_utils._apps import Credential, Say
from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._credentials import SignIn
from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput, Forbidden, SignInFailed
from ansible_collections.m365.defender.plugins.module_utils._exchange import Exchange
from ansible_collections.m365.defender.plugins.module_utils._graph import Rest
from ansible_collections.m365.defender.plugins.module_utils._http import check_ca
from ansible_collections.m365.defender.plugins.module_utils._options import ENVIRONMENT, given, tenant_options
from ansible_collections.m365.defender.plugins.module_utils._partner_center import PartnerCenter
from ansible_collections.m365.defender.plugins.module_utils._portal import Portal
from ansible_collections.m365.defender.plugins.module_utils._portal_sign_in import PortalSession
from ansible_collections.m365.defender.plugins.module_utils._sharepoint import CERTIFICATE_HINT, SharePoint
from ansible_collections.m365.defender.plugins.module_utils._sharepoint_store import TenantObject
from ansible_collections.m365.defender.plugins.module_utils._sign_in_choice import DESCRIBED, LOGINS, credential_of
from ansible_collections.m365.defender.plugins.module_utils._sign_ins import ClientSecret
from ansible_collections.m365.defender.plugins.module_utils._stores import Claims, Cmdlets, Rows, Store, not_in_cloud
from ansible_collections.m365.defender.plugins.module_utils._token_files import TokenFiles
from ansible_collections.m365.defender.plugins.module_utils._transport import Secrets, Transport
from ansible_collections.m365.defender.plugins.module_utils._whole import Whole

__all__ = ["ENVIRONMENT", "NOBODY", "Tenant", "given", "tenant_options"]  # a tenant, and the options that describe it

SECRET_REFUSED = "SharePoint refuses an app that signs in with a secret, so it was not asked"  # [code] several public clients
DEVICE_GROUPS_PAGE = "https://{host}/securitysettings/endpoints/machine_groups"
NOBODY = "there is none"
_GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}"
_ID_KEPT = 86400  # seconds for which it is believed which tenant a domain belongs to


class Tenant:
    """One tenant, as one identity sees it. Nothing is sent before it is needed.

    label: what the user called it. warnings: what services said beside their answers. wait: how to wait.
    """

    def __init__(
        self,
        params: Mapping[str, Any],
        *,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        say: Say | None = None,
        nobody: str = NOBODY,
    ) -> None:
        """params: validated connection options (others are ignored). Raises BadInput for what can't work.

        say: shows a person at a terminal a line. nobody: why there is no such person.
        """
        options = given(params)
        for name, value in options.items():
            if isinstance(value, str) and "\0" in value:  # which no path, address or secret can have, and which no system call takes
                raise BadInput(f"{name} must not have a NUL character in it", tried=CHECKING, hint="Nothing was sent.")
        self.label = str(options.get("tenant_id") or "").strip()
        self.warnings: list[str] = []
        self.wait = wait
        self.read_back_timeout = float(options["read_back_timeout"])
        self._clock = clock
        self._cloud = CLOUDS[options["cloud"]]
        self._cloud_name = options["cloud"]
        self._endpoint = endpoint_of(options.get("endpoint"), bool(options["endpoint_trusted"]))
        self._secrets = Secrets()
        self._session = options.get("portal_session")
        self._say = say
        self._credential: Credential | None = credential_of(
            options, cloud=self._cloud, session=bool(self._session), nobody="" if say else nobody
        )
        self._stores: dict[str, Store] = {}
        self._id = ""
        self._sign_in: SignIn | None = None
        if not re.fullmatch(f"{_GUID}|{_DOMAIN}", self.label.lower()):
            raise BadInput(f'tenant_id must be a GUID or a domain, not "{self.label}"', tried=CHECKING, hint="Nothing was sent.")
        for name in ("timeout", "read_back_timeout"):
            if options[name] < (1 if name == "timeout" else 0):
                raise BadInput(f"{name} must not be {options[name]}", tried=CHECKING, hint="Nothing was sent.")
        proxy = proxy_of(options.get("proxy"))
        if self._credential:
            self._secrets.add(*self._credential.secrets)
        self._secrets.add(urlsplit(proxy or "").password, *(self._session or {}).values())
        self._secrets.add(*(unquote(value) for value in (self._session or {}).values() if value))
        check_ca(options.get("ca_path"))
        self._files = TokenFiles(options.get("token_cache"))
        self._files.check()
        self._transport = Transport(
            tenant=self.label,
            endpoint=self._endpoint,
            ca_path=options.get("ca_path"),
            proxy=proxy,
            timeout=float(options["timeout"]),
            trace=options.get("trace"),
            wait=wait,
            secrets=self._secrets,
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret that was given or obtained so far."""
        return tuple(self._secrets)

    @property
    def identity(self) -> str:
        """Who asks, as far as that is known without asking."""
        if self._credential is None:
            return "portal session"
        return self._credential.client_id or self._credential.way.replace("_", " ")

    @property
    def real(self) -> bool:
        """Whether this is the real service: no endpoint stands before it."""
        return not self._endpoint

    @property
    def counts(self) -> dict[str, int]:
        """How many reads and writes were asked for, how many of these a service refused, and how many requests that took."""
        return self._transport.counts

    @property
    def id(self) -> str:
        """The tenant's GUID. Raises SignInFailed when the domain belongs to no tenant, Unavailable when nobody can be asked."""
        if not self._id:
            if re.fullmatch(_GUID, self.label.lower()):
                self._id = self.label.lower()
            else:
                self._id = self._kept_id() or self._asked_id()
        return self._id

    def owns(self, domain: str) -> bool:
        """Whether the domain belongs to this tenant: its OpenID discovery document names the tenant. [recall] Asked anew each time."""
        return self._owner(domain) == self.id

    def store(self, service: str) -> Store:
        """The store of a service, such as exchange, graph, portal or token. Raises TenantError when it can't be used at all."""
        if service not in self._stores:
            self._stores[service] = self._made(service)
        return self._stores[service]

    def renew(self, service: str) -> None:
        """Forgets the token for a service, where what it allows has just changed."""
        if self._sign_in is not None:
            self._sign_in.forget(self._cloud.audience(service))

    def close(self) -> None:
        """Closes every connection."""
        self._transport.close()

    def _made(self, service: str) -> Store:
        if service != "token" and not self._cloud.host(service):
            raise not_in_cloud(self._cloud, service, f"Using {service}")
        if service == "portal":
            return self._made_portal()
        sign_in = self._signed_in(service)
        if service == "token":
            return Claims(sign_in, self._cloud, lambda: self._site(sign_in).audience)
        if service == "partner":
            return Rows(PartnerCenter(service, cloud=self._cloud, transport=self._transport, sign_in=sign_in), self._cloud)
        if service in ("graph", "defender"):
            return Rows(Rest(service, cloud=self._cloud, transport=self._transport, sign_in=sign_in), self._cloud)
        if service == "sharepoint":
            if isinstance(self._credential, ClientSecret):
                raise Forbidden(SECRET_REFUSED, tried="Using SharePoint", service=service, hint=CERTIFICATE_HINT)
            return TenantObject(self._site(sign_in))
        exchange = Exchange(
            service,
            cloud=self._cloud,
            tenant=self.id,
            label=self.label.lower(),
            transport=self._transport,
            sign_in=sign_in,
            files=self._files,
            place=self._endpoint,
            warn=self.warnings.append,
        )
        return Cmdlets(exchange, wait=self.wait, limit=self.read_back_timeout)

    def _site(self, sign_in: SignIn) -> SharePoint:
        graph = Rest("graph", cloud=self._cloud, transport=self._transport, sign_in=sign_in)
        return SharePoint(
            cloud=self._cloud,
            tenant=self.id,
            transport=self._transport,
            sign_in=sign_in,
            graph=graph,
            files=self._files,
            place=self._endpoint,
        )

    def _made_portal(self) -> Store:
        page = DEVICE_GROUPS_PAGE.format(host=self._cloud.portal)
        if not self._session:
            raise Forbidden(
                "this needs portal_session, the session of a user signed in to the Defender portal; no API that an app may use has it",
                tried="Using the Defender portal",
                service="portal",
                code="no_portal_session",
                hint=f"Set portal_session, or do it by hand at {page}",
            )
        session = PortalSession(
            host=self._cloud.portal,
            login=self._cloud.login,
            tenant=self.id,
            given=self._session,
            transport=self._transport,
            files=self._files,
            place=self._endpoint,
            clock=self._clock,
        )
        portal = Portal(host=self._cloud.portal, tenant=self.id, session=session, transport=self._transport)
        return Whole(portal, self._transport, wait=self.wait, limit=self.read_back_timeout, warn=self.warnings.append)

    def _signed_in(self, service: str) -> SignIn:
        if self._credential is None:
            raise SignInFailed(
                "portal_session is all that is given to sign in with, and it opens nothing but the Defender portal",
                tried=f"Signing in for {service}",
                tenant=self.label,
                service=service,
                code="no_login",
                hint=f"Give besides {LOGINS}. {DESCRIBED}",
            )
        if self._sign_in is None:
            self._sign_in = SignIn(
                self._credential,
                login=self._cloud.login,
                tenant=lambda: self.id,
                transport=self._transport,
                files=self._files,
                place=self._endpoint,
                clock=self._clock,
                say=self._say,
            )
        return self._sign_in

    def _kept_id(self) -> str:
        kept = self._files.read("tenant", self._cloud.login, self._endpoint, self.label.lower()) or {}
        fresh = float(kept.get("until") or 0) > self._clock()
        return str(kept.get("id") or "") if fresh else ""

    def _asked_id(self) -> str:
        found = self._owner(self.label)
        if not found:
            raise SignInFailed(
                f"the domain {self.label} belongs to no tenant", tried="Looking for the tenant", hint="Look at tenant_id, and at cloud."
            )
        about = ("tenant", self._cloud.login, self._endpoint, self.label.lower())
        self._files.write(*about, kept={"id": found, "until": self._clock() + _ID_KEPT})
        return found

    def _owner(self, domain: str) -> str:
        """The GUID of the tenant that a domain belongs to, "" for none. [recall] the login service's discovery document"""
        name = domain.strip().lower()
        if not re.fullmatch(_DOMAIN, name):
            return ""
        url = f"https://{self._cloud.login}/{name}/v2.0/.well-known/openid-configuration"
        reply = self._transport.send("GET", url, service="identity", tried=f"Looking for the tenant of {name}")
        body = reply.json()
        if reply.status == 200 and isinstance(body, dict):
            found = re.search(f"/({_GUID})/", str(body.get("issuer") or "").lower() + "/")
            if found:
                return found[1]
        elif reply.status in (400, 404):
            return ""
        raise SignInFailed(
            "the sign-in service does not say whose domain it is",
            tried=f"Looking for the tenant of {name}",
            service="identity",
            status=reply.status,
            request_id=reply.request_id,
        )
