# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a tenant is reached: the connection options of every module. Private to the collection: it may change in any release."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  tenant_id:
    description:
      - The tenant, as a GUID or as one of its verified domains. One inventory host stands for one tenant, so this is usually a variable
        of the host.
      - Taken from the environment variable E(M365_TENANT_ID) if it is not given, but only in a play with a single host. With several
        hosts one variable would lead all of them to the same tenant.
      - Two hosts of a play that lead to one and the same tenant are refused. Where tasks run as modules or with C(async), only hosts with
        the very same text are.
    type: str
    required: true
  expected_domain:
    description:
      - A domain that the tenant must own. It is looked up before the first write, and nothing is written if it belongs to somebody else.
      - It is looked up in the discovery document that the sign-in service publishes for each domain. That this document tells the
        tenant is well known but is not promised by Microsoft.
    type: str
  client_id:
    description:
      - The application (client) id of the app registration to sign in with.
      - Taken from the environment variables E(M365_CLIENT_ID) or E(AZURE_CLIENT_ID) if it is not given.
    type: str
  client_secret:
    description:
      - The secret of the app registration, its value and not its id.
      - Taken from the environment variables E(M365_CLIENT_SECRET), E(AZURE_CLIENT_SECRET) or E(AZURE_SECRET) if no way to sign in is
        given.
    type: str
  client_certificate:
    description:
      - Path of a file that holds the private key and the certificate of the app registration, as PEM or as PKCS#12 (C(.pfx)). Other
        certificates may stand in it too.
      - Taken from the environment variables E(M365_CLIENT_CERTIFICATE) or E(AZURE_CLIENT_CERTIFICATE_PATH) if no way to sign in is given.
    type: path
  client_certificate_data:
    description:
      - What would stand in the file of O(client_certificate), as text. Either PEM, or base64 of a PKCS#12 or PEM file, which is the form in
        which Azure Key Vault keeps certificates.
      - Taken from the environment variable E(M365_CLIENT_CERTIFICATE_DATA) if no way to sign in is given.
    type: str
  client_certificate_password:
    description:
      - The password of the private key in O(client_certificate) or O(client_certificate_data), if it is encrypted.
      - Taken from the environment variables E(M365_CLIENT_CERTIFICATE_PASSWORD) or E(AZURE_CLIENT_CERTIFICATE_PASSWORD) if it is not
        given.
    type: str
  federated_token:
    description:
      - A token of another identity provider that the app registration trusts by a federated credential, such as GitHub, GitLab, AWX or
        Kubernetes. It takes the place of a secret.
      - It must be made for the audience V(api://AzureADTokenExchange), or V(api://AzureADTokenExchangeUSGov) in V(gcc_high) and V(dod) and
        V(api://AzureADTokenExchangeChina) in V(china).
      - Taken from the environment variable E(M365_FEDERATED_TOKEN) if no way to sign in is given.
    type: str
  federated_token_file:
    description:
      - Path of a file that holds the token of O(federated_token). It is read anew whenever a token is needed, because such tokens live
        for minutes only and whoever issues them writes the file anew.
      - Taken from the environment variables E(M365_FEDERATED_TOKEN_FILE) or E(AZURE_FEDERATED_TOKEN_FILE) if no way to sign in is given.
    type: path
  managed_identity:
    description:
      - V(true) to sign in with the identity that Azure gave to the machine that this runs on, or the client id of one that a user assigned
        to it. On a virtual machine, in App Service, or on a server that Azure Arc connects. O(client_id) does not count here.
      - Such an identity lives in one tenant and can't reach others. A token of another tenant than O(tenant_id) is not used.
      - Taken from the environment variable E(M365_MANAGED_IDENTITY) if no way to sign in is given.
    type: str
  refresh_token:
    description:
      - The refresh token of a user, for work in that person's name. Mostly of a user of a partner with delegated administration (GDAP),
        where one serves the tenants of all customers.
      - The app in O(client_id) may have to prove itself beside it, with O(client_secret), O(client_certificate) or O(federated_token).
      - Each use brings a new one, which is kept in O(token_cache) and used from then on. The one given here remains good meanwhile,
        according to Microsoft's documentation. None of this has been tried with a real tenant.
      - Taken from the environment variable E(M365_REFRESH_TOKEN) if no way to sign in is given.
    type: str
  device_code:
    description:
      - Whether a person signs in with a browser. A code and the address where to enter it are shown, and the task waits.
      - Only for somebody at a terminal. It is refused in a job of AWX or of a CI system, with C(async), and in a module on a host.
      - The app in O(client_id) must allow public client flows.
      - Taken from the environment variable E(M365_DEVICE_CODE) if no way to sign in is given.
    type: bool
    default: false
  access_token:
    description:
      - An access token that was got elsewhere, or a dictionary of such tokens, with V(exchange), V(compliance), V(graph) and V(defender) as
        keys, or the address that a token was made for, such as V(https://contoso-admin.sharepoint.com).
      - A token is used only for what it was made for and only in its own tenant, as far as it can be read. It can't be renewed, and is
        not kept in O(token_cache).
      - Taken from the environment variable E(M365_ACCESS_TOKEN), with a dictionary as JSON, if no way to sign in is given.
    type: raw
  portal_session:
    description:
      - The session of a user who is signed in to the Microsoft Defender portal. Only what has no other API needs it, which today means
        device groups, their automation levels, the advanced features of Defender for Endpoint, and the lists of the Action center. This
        way is not supported by Microsoft.
      - Either O(portal_session.sccauth) and O(portal_session.xsrf_token) together, from the cookies that a browser holds for the portal,
        which end with the session, within hours at the latest; or O(portal_session.ests_auth_persistent), for which the portal gives a
        new session whenever one is needed. With all three, the session is used as long as it lasts.
      - A session belongs to one tenant. The portal is asked whose it is first, and nothing else is sent if that is not O(tenant_id).
      - Taken from the environment variable E(M365_PORTAL_SESSION), as JSON with the same keys, if it is not given.
    type: dict
    suboptions:
      sccauth:
        description:
          - The value of the cookie C(sccauth).
        type: str
      xsrf_token:
        description:
          - The value of the cookie C(XSRF-TOKEN). New values are taken over while a task runs.
        type: str
      ests_auth_persistent:
        description:
          - The value of the cookie C(ESTSAUTHPERSISTENT) that a browser holds for the sign-in host, such as
            C(login.microsoftonline.com), if its user chose to stay signed in. It is sent to that host and to no other, and is exchanged
            there for a session of the portal, as the browser does it.
          - It opens everything that this user may open, not the portal alone. Treat it like a password.
          - No password is ever sent. If the sign-in service wants a person, for a password or a second factor, the task fails and says so.
          - The session that comes of it is kept in O(token_cache), for the other tasks of the run.
        type: str
  cloud:
    description:
      - Which of Microsoft's clouds the tenant lives in. It decides the addresses of all services and what tokens are made for.
      - V(commercial) is the worldwide cloud and V(gcc) its part for United States governments. V(gcc_high) and V(dod) are clouds of their
        own, as is V(china), operated by 21Vianet, where there is neither Defender for Endpoint nor a Defender portal.
      - Nobody is known to have tried this collection in clouds other than V(commercial). For V(gcc), V(gcc_high) and V(dod), what tokens of
        Defender for Endpoint are made for is not documented; public clients ask for the host itself. How sure each address is, the guide
        on connecting says.
      - Taken from the environment variable E(M365_CLOUD) if it is not given.
    type: str
    choices: [commercial, gcc, gcc_high, dod, china]
    default: commercial
  endpoint:
    description:
      - A base address that is put before the host of every request, for example C(https://127.0.0.1:8443), so that
        C(https://graph.microsoft.com/v1.0) becomes C(https://127.0.0.1:8443/graph.microsoft.com/v1.0). For the emulated tenant that
        comes with the collection, for a recorder, or for a gateway.
      - Whatever stands there gets the secrets and tokens that are meant for Microsoft. Addresses other than those of this very machine
        therefore need O(endpoint_trusted).
      - Taken from the environment variable E(M365_ENDPOINT) if it is not given.
    type: str
  endpoint_trusted:
    description:
      - Whether O(endpoint) may lead to another machine.
    type: bool
    default: false
  ca_path:
    description:
      - A file or folder with the certificates of the certification authorities to trust, in PEM form, instead of those of the system.
        Certificates are always verified.
      - Taken from the environment variable E(REQUESTS_CA_BUNDLE) if it is not given.
    type: path
  proxy:
    description:
      - The address of an HTTP proxy, for example C(http://proxy.contoso.com:8080). Not used for an O(endpoint) on this very machine.
      - It may hold a name and a password, so it is treated as a secret.
      - Taken from the environment variables E(HTTPS_PROXY) or E(https_proxy) if it is not given. E(NO_PROXY) is not looked at.
    type: str
  timeout:
    description:
      - For how many seconds an answer is waited for. A connection must come about within ten seconds, or within this time if it is less.
      - Throttled requests and reads that fail are repeated, with growing pauses of at most a minute, which does not count here. A write is
        repeated only when it is certain that it did nothing.
    type: int
    default: 60
  token_cache:
    description:
      - A folder for tokens and for what has been learned about a tenant, so that not every task has to sign in. Whoever can read it can act
        as the app, so it must belong to this user and be closed to all others (mode V(0700)); it is made if it is not there.
      - By default a temporary folder of the run, which all of its forks share and which is gone at its end. As a module on a host there
        is none by default.
      - Taken from the environment variable E(M365_TOKEN_CACHE) if it is not given.
    type: path
  trace:
    description:
      - A file to which every request and its answer is appended as a line of JSON, without secrets, tokens and cookies. It does hold the
        settings and names of the tenant. It is made with mode V(0600).
      - Taken from the environment variable E(M365_TRACE) if it is not given.
    type: path
  ledger:
    description:
      - A folder for the record of a run. Before the first write to a tenant all of its settings that this collection knows are saved in
        it, then every write with what it changed and the id of the request.
      - By default a new folder below C(m365_defender) in the home folder of Ansible for each run. As a module on a host there is none by
        default.
    type: path
  max_writes_per_tenant:
    description:
      - How many writes to a tenant a run may make. Counted on the plan, before anything is written, together with the writes that the
        O(ledger) of this run has already. A plan that would exceed it is refused as a whole.
    type: int
    default: 50
  read_back_timeout:
    description:
      - For how many seconds a change may take to show after it was written. If it does not show by then, the task fails.
      - Services may go on to answer with old values for seconds or minutes.
    type: int
    default: 120
requirements:
  - requests >= 2.31.0
  - msal >= 1.28.0
  - cryptography >= 42.0.0 with O(client_certificate) or O(client_certificate_data)
notes:
  - A connection option that is an empty string counts as not given, and so does an environment variable that is empty.
  - Exactly one way to sign in is needed. O(client_secret), O(client_certificate) or O(client_certificate_data), O(federated_token) or
    O(federated_token_file), O(refresh_token) and O(device_code) need O(client_id); O(managed_identity) and O(access_token) do not. Two ways
    given as options are refused, except for what proves the app beside O(refresh_token).
  - Variables of the environment are looked at only if no way to sign in is given as an option. Those that begin with C(M365_) go before
    others. Among them an access token goes first, then a refresh token, a certificate, a secret, a federated token, a managed identity
    and a device code.
  - Secrets, certificates and federated tokens of variables do not count if these name another app than O(client_id) -
    E(M365_CLIENT_ID) with those that begin with C(M365_), E(AZURE_CLIENT_ID) with the others, or else the one that there is.
  - Beside O(refresh_token) the proof of the app is taken from variables too, but only if they name the same app, or name none and
    E(M365_REFRESH_TOKEN) is used.
  - O(portal_session) alone will do where only the portal is used, and stands beside any of these.
  - The variables E(REQUESTS_CA_BUNDLE) and E(HTTPS_PROXY) count only in the way that is written here. A C(.netrc) file is not looked at.
"""
