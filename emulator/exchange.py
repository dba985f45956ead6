# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange Online and Security & Compliance over REST: InvokeCommand, $batch, EXOModuleFile, EXOBanner. [code] unless it says otherwise."""

from __future__ import annotations

import datetime
import re
import uuid
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from .access import allowed, enters, exported, offered, withheld
from .binding import cmdlets
from .cmdlets import Outcome, execute
from .errors import ODATA, CmdletError, forbidden, not_allowed
from .faults import Fault
from .identity import RESOURCES, Caller, caller
from .invented import exchange as invented
from .second_administrator import act
from .service import Answer, Call, Headers, Refused
from .tenant import World

EXCHANGE_HOSTS = (
    "outlook.office365.com",
    "outlook.office.com",
    "outlook.office365.us",
    "outlook-dod.office365.us",
    "webmail.apps.mil",
    "partner.outlook.cn",
)
REGION = "eur05b"
COMPLIANCE_DOMAINS = (
    "ps.compliance.protection.outlook.com",
    "ps.compliance.protection.office365.us",
    "l5.ps.compliance.protection.office365.us",
    "ps.compliance.protection.partner.outlook.cn",
)
# [live] the form of the first, [guess] those of the others, which differ so that each belongs to one cloud
BACK_ENDS = {
    f"{REGION}.{'l5.' if name.startswith('l5.') else ''}admin.protection.{name.partition('.protection.')[2]}": name
    for name in COMPLIANCE_DOMAINS
}
REGIONAL_HOSTS = (*(f"{REGION}.{name}" for name in COMPLIANCE_DOMAINS), *BACK_ENDS)
HOSTS = (*EXCHANGE_HOSTS, *COMPLIANCE_DOMAINS, *REGIONAL_HOSTS)
BATCH_LIMIT = 10
CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_PATH = re.compile(r"/adminapi/(?P<version>beta|v1\.0)/(?P<tenant>[^/]+)/(?P<rest>.+)")
_AUDIENCES = {
    "exchange": tuple(name for name, resource in RESOURCES.items() if resource.key == "exchange" and "compliance" not in name),
    "compliance": tuple(name for name in RESOURCES if "compliance" in name),
}
_PAGE_MINUTES = 30


def service_of(host: str) -> str:
    """Which of the two services a host belongs to: exchange or compliance."""
    return "exchange" if host in EXCHANGE_HOSTS else "compliance"


def answer(call: Call, world: World) -> Answer:
    """Answer one request to either endpoint."""
    try:
        made = _answer(call, world)
    except Refused as refused:
        made = refused.answer
    except CmdletError as error:
        made = error.answer()
    made.headers.extend(_headers(call))
    return made


def _headers(call: Call) -> list[tuple[str, str]]:
    reset = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return [
        ("request-id", str(uuid.uuid4())),
        ("Rate-Limit-Limit", "30000"),
        ("Rate-Limit-Remaining", "29999"),
        ("Rate-Limit-Reset", reset),
        ("X-ConcurrencyCount", "1"),
        ("X-CalculatedBETarget", "AM9P195MB0001.EURP195.PROD.OUTLOOK.COM"),
        ("OData-Version", "4.0"),
        ("Preference-Applied", 'odata.include-annotations="*"'),
    ]


def _unauthorized(code: str, message: str) -> Answer:
    """401. [code]"""
    return Answer(401, None, [("WWW-Authenticate", invented.challenge(code))])


def _answer(call: Call, world: World) -> Answer:
    found = _PATH.fullmatch(call.path)
    if not found:
        return Answer(404, {"error": {"code": "ResourceNotFound", "message": f"{call.host} has no {call.path}"}})
    service = service_of(call.host)
    who = caller(call, world, _AUDIENCES[service], _unauthorized)
    if "Exchange.ManageAsApp" not in who.app_roles:
        raise Refused(_unauthorized("app role", "no application permission"))
    if world.by_id_or_domain(found["tenant"]) is not who.tenant:
        raise Refused(_unauthorized("tenant", "the token is of another tenant"))
    if call.host in COMPLIANCE_DOMAINS:
        return _redirect(call)
    version, rest = found["version"], found["rest"]
    if rest == "InvokeCommand":
        if version != "beta" or call.method != "POST":
            return Answer(405, None, [("Allow", "POST")] if version == "beta" else [])
        return invoke(call, who, service, call.json_or_none(), call.raw_query, call.headers)
    if rest == "$batch" and version == "beta":
        return _batch(call, world, who, service) if call.method == "POST" else Answer(405, None, [("Allow", "POST")])
    if rest == "EXOModuleFile" and call.method == "GET":
        return _module_file(call, who, service)
    if rest.startswith("EXOBanner(") and version == "beta" and call.method == "GET":
        return _success(call, [{"BannerMessage": "", "BannerType": "AutogenSession"}], [])
    return Answer(404, {"error": {"code": "ResourceNotFound", "message": f"{call.host} has no {call.path}"}})


def _redirect(call: Call) -> Answer:
    back_end = next(host for host, name in BACK_ENDS.items() if name == call.host)
    query = f"?{call.raw_query}" if call.raw_query else ""
    return Answer(302, None, [("Location", call.address(f"{back_end}:446", call.path + query))])


def _module_file(call: Call, who: Caller, service: str) -> Answer:
    if not enters(who, service):
        return forbidden() if service == "exchange" else not_allowed("EXOModuleFile")
    names = ",".join(exported(who, service))
    return _success(call, [{"exportedCmdlets": names, "version": call.query.get("Version", "")}], [])


def _success(call: Call, rows: list[Any], warnings: list[str], **more: Any) -> Answer:
    assert call.tenant is not None  # noqa: S101  # the caller has been checked
    context = f"https://{call.host}/adminapi/beta/{call.tenant.tenant_id}/$metadata#Collection(Exchange.GenericHashTable)"
    body = {
        "@odata.context": context,
        "adminapi.warnings@odata.type": "#Collection(String)",
        "@adminapi.warnings": warnings,
        **more,
        "value": rows,
    }
    return Answer(200, body, [("Content-Type", CONTENT_TYPE)])


def invoke(call: Call, who: Caller, service: str, body: Any, raw_query: str, headers: Any) -> Answer:
    """One InvokeCommand, alone or as an item of a batch. Raises CmdletError."""
    command = body.get("CmdletInput") if isinstance(body, dict) else None
    name = command.get("CmdletName") if isinstance(command, dict) else None
    if not isinstance(command, dict) or not isinstance(name, str):
        raise CmdletError(ODATA, "The request body must hold CmdletInput with CmdletName and Parameters.")
    cmdlet = cmdlets().get(name.lower())
    if cmdlet is None or not offered(who.tenant, cmdlet, service) or not enters(who, service) or not allowed(who, cmdlet, service):
        return forbidden() if service == "exchange" else not_allowed(name)
    if command.get("Parameters") is None:
        raise invented.not_a_parameter_object()
    query = _query(raw_query)
    select = frozenset(part.strip().lower() for part in query["$select"].split(",")) if query.get("$select") else None
    outcome = execute(who.tenant, cmdlet, command["Parameters"], service, withheld(who, cmdlet, service), select)
    if outcome.confirmation:
        return _success(call, [], [], **{"@adminapi.confirmationmessage": outcome.confirmation})
    return _page(call, outcome, command["Parameters"], query, headers)


def _page(call: Call, outcome: Outcome, parameters: dict[str, Any], query: dict[str, str], headers: Any) -> Answer:
    """Cut by ResultSize (with a warning) and by maxpagesize (with a nextLink that takes the same body again)."""
    rows, warnings = outcome.rows, list(outcome.warnings)
    limit = next((value for key, value in parameters.items() if key.lower() == "resultsize"), None)
    if limit is not None and str(limit).isdigit() and len(rows) > int(limit):
        rows = rows[: int(limit)]
        warnings.append("There are more results available than are currently displayed. To view them, increase the value for ResultSize.")
    start = 0
    if "$skiptoken" in query:
        start = _opened(call, query["$skiptoken"])
    asked = re.search(r"odata\.maxpagesize=(\d+)", headers.get("prefer", ""))
    size = min(max(int(asked[1]), 1), 1000) if asked else 1000
    more: dict[str, Any] = {}
    if len(rows) > start + size:
        kept = {key: value for key, value in query.items() if key != "$skiptoken"}
        token = urlencode({**kept, "$skiptoken": _token(call, start + size)}, safe="$,")
        more["@odata.nextLink"] = call.address(
            call.host, f"/adminapi/beta/{call.tenant.tenant_id if call.tenant else ''}/InvokeCommand?{token}"
        )
    return _success(call, rows[start : start + size], warnings, **more)


def _token(call: Call, start: int) -> str:
    assert call.tenant is not None  # noqa: S101  # the caller has been checked
    ends = call.tenant.clock() + datetime.timedelta(minutes=_PAGE_MINUTES)
    return f"{start}.{int(ends.timestamp())}"


def _opened(call: Call, token: str) -> int:
    assert call.tenant is not None  # noqa: S101  # the caller has been checked
    start, _dot, ends = token.partition(".")
    if not start.isdigit() or not ends.isdigit() or int(ends) < call.tenant.clock().timestamp():
        raise invented.paging_token()
    return int(start)


def _query(raw: str) -> dict[str, str]:
    found = {}
    for part in raw.split("&"):
        name, equals, value = part.partition("=")
        if equals:
            found[unquote(name)] = unquote(value.replace("+", " "))
    return found


# ---------------------------------------------------------------------------------------------------------------- batches


def _batch(call: Call, world: World, who: Caller, service: str) -> Answer:
    body = call.json_or_none()
    items = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise CmdletError(ODATA, "The batch must hold a list of requests.")
    if len(items) > BATCH_LIMIT:
        raise invented.too_many_items(len(items), BATCH_LIMIT)
    if len({str(item.get("id")) for item in items}) != len(items):
        raise CmdletError(ODATA, "Every request of a batch needs an id of its own.")
    goes_on = "continue-on-error" in call.headers.get("prefer", "")
    responses: list[dict[str, Any]] = []
    for item in items:
        if responses and responses[-1]["status"] >= 400 and not goes_on:
            responses.append({"id": item.get("id"), "status": 424, "headers": {}, "body": invented.skipped_item().answer().body})
            continue
        responses.append(_item(call, world, item, service))
    return Answer(200, {"responses": responses}, [("Content-Type", CONTENT_TYPE)])


def _item(call: Call, world: World, item: dict[str, Any], service: str) -> dict[str, Any]:
    given = item.get("headers")
    headers = Headers(given if isinstance(given, dict) else {})
    target = urlsplit(str(item.get("url", "")))
    host, path = target.netloc, unquote(target.path)
    inside = path.lstrip("/").partition("/")
    if inside[0] in HOSTS:
        host, path = inside[0], "/" + inside[2]
    inner = Call(host or call.host, path, str(item.get("method", "POST")).upper(), {}, target.query, headers, b"", call.base, call.tenant)
    body = item.get("body")
    name = body.get("CmdletInput", {}).get("CmdletName", "") if isinstance(body, dict) and isinstance(body.get("CmdletInput"), dict) else ""
    strikes = world.faults.for_item(inner, service, str(name))
    made = item_fault(strikes) or _run_item(call, world, inner, item, service, strikes)
    shown: dict[str, Any] = {"id": item.get("id"), "status": made.status, "headers": dict(made.headers + _headers(call)[:1])}
    if isinstance(made.body, bytes):
        shown["body"] = made.body.decode("latin-1")
    elif made.body is not None and not (made.status == 200 and not made.body["value"] and not str(name).lower().startswith("get-")):
        shown["body"] = made.body
    return shown


def _run_item(call: Call, world: World, inner: Call, item: dict[str, Any], service: str, strikes: list[Fault]) -> Answer:
    found = _PATH.fullmatch(inner.path)
    if not found or found["version"] != "beta" or found["rest"] != "InvokeCommand" or inner.method != "POST":
        return Answer(404, {"error": {"code": "ResourceNotFound", "message": f"no {inner.path} in a batch"}, "value": []})
    for fault in strikes:
        if fault.kind == "edit" and fault.when == "before":
            act(world, call.tenant, fault.do)
    try:
        who = caller(inner, world, _AUDIENCES[service], _unauthorized)
        if "Exchange.ManageAsApp" not in who.app_roles or world.by_id_or_domain(found["tenant"]) is not who.tenant:
            return _unauthorized("tenant", "")
        with who.tenant.lagging(next((fault.reads for fault in strikes if fault.kind == "lag"), 0)):
            made = invoke(call, who, service, item.get("body"), inner.raw_query, inner.headers)
    except Refused as refused:
        made = refused.answer
    except CmdletError as error:
        made = error.answer()
    for fault in strikes:
        if fault.kind == "edit" and fault.when == "after":
            act(world, call.tenant, fault.do)
    return made


def item_fault(strikes: list[Fault]) -> Answer | None:
    """The answer that a fault puts in the place of a batch item, or None."""
    for fault in strikes:
        if fault.kind in {"batch_item", "throttle", "unavailable", "transient"}:
            return fault_answer(fault)
    return None


def fault_answer(fault: Fault) -> Answer:
    """A fault's answer in this service's form."""
    defaults = {"throttle": 429, "batch_item": 429, "unavailable": 503, "transient": 500}
    status = fault.status or defaults[fault.kind]
    headers = [("Retry-After", str(fault.retry_after))] if fault.retry_after is not None else []
    if fault.kind == "unavailable" and not fault.text:
        return Answer(status, "<html><body>The service is unavailable.</body></html>", [*headers, ("Content-Type", "text/html")])
    text = fault.text or ("Too many requests" if status == 429 else "ServerBusyException: the back end is busy, try again")
    code = {429: "TooManyRequests", 400: "BadRequest", 500: "InternalServerError"}.get(status, "ServiceUnavailable")
    kind = fault.type or ("Microsoft.Exchange.Data.Storage.ServerBusyException" if status != 429 else "")
    made = CmdletError(kind, text, status=status, code=code, outer="Error executing cmdlet").answer()
    made.headers.extend(headers)
    return made
