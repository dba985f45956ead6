# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can't be done is said once, in words that help, without a traceback and without a secret, however talkative ansible is."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.playing import SECRET, of, play, short, task

NOBODY = "99999999-9999-4999-8999-999999999999"
LINKS = {"name": "Links of the tests", "track_clicks": True}
PHISHING = {"name": "Phishing of the tests", "phish_threshold_level": 3}
GROUP = {
    "name": "Group of the tests",
    "automation_level": "full",
    "matching_rules": [{"property": "tag", "operator": "equals", "values": ["tests"]}],
}
ALERT = {"name": "Alert of the tests", "category": "ThreatManagement", "threat_type": "Activity", "operation": ["FileMalwareDetected"]}


@dataclass(frozen=True)
class Case:
    """A task that can't be done. words: what its message must have, in lower case. status: of the answer, 0 when there was none."""

    name: str
    module: str
    options: Mapping[str, Any]
    kind: str
    words: tuple[str, ...]
    status: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> dict[str, Any]:
        return task(self.name, self.module, {**self.options, **self.more}, ignore_errors=True)


def as_identity(name):
    """Options of another app of the tenant; secrets stand in the inventory, because ansible shows the lines of a task that failed."""
    return {"client_id": f"{{{{ identities.{name}.client_id }}}}", "client_secret": f"{{{{ identities.{name}.client_secret }}}}"}


# What was tried, the cause, and what to do; the tenant is looked for in every message.
CASES = (
    Case(
        "A wrong secret",
        "safe_links_policy",
        LINKS,
        "sign_in",
        ("signing in", "invalid client secret", "aadsts7000215", "request id", "take the secret's value, not its id"),
        more={"client_secret": "{{ wrong_secret }}"},
    ),
    Case(
        "An app that the tenant does not know",
        "safe_links_policy",
        LINKS,
        "sign_in",
        ("signing in", "aadsts700016", "was not found", "look at client_id and tenant_id"),
        more={"client_id": NOBODY},
    ),
    Case(
        "A tenant that does not exist",
        "safe_links_policy",
        LINKS,
        "sign_in",
        ("knows no tenant", "look at tenant_id"),
        more={"tenant_id": NOBODY},
    ),
    Case(
        "A domain of nobody",
        "safe_links_policy",
        LINKS,
        "sign_in",
        ("nobody.onmicrosoft.com belongs to no tenant", "look at tenant_id"),
        more={"tenant_id": "nobody.onmicrosoft.com"},
    ),
    Case(
        "An untrusted certificate",
        "safe_links_policy",
        LINKS,
        "unavailable",
        ("signing in", "login.microsoftonline.com", "certificate that is not trusted", "set ca_path", "cannot be switched off"),
        more={"ca_path": ""},
    ),
    Case(
        "A CA file that is not there",
        "safe_links_policy",
        LINKS,
        "bad_input",
        ("ca_path", "no such file", "nothing was sent"),
        more={"ca_path": "/nowhere/ca.pem"},
    ),
    Case(
        "An endpoint on another machine that nobody vouches for",
        "safe_links_policy",
        LINKS,
        "bad_input",
        ("gateway.contoso.com", "endpoint_trusted", "nothing was sent"),
        more={"endpoint": "https://gateway.contoso.com"},
    ),
    Case(
        "No login at all",
        "safe_links_policy",
        LINKS,
        "bad_input",
        ("there is no login", "client_id", "client_certificate", "nothing was sent"),
        more={"client_secret": ""},
    ),
    Case(
        "An app without a directory role",
        "safe_links_policy",
        LINKS,
        "forbidden",
        ("get-safelinkspolicy", "does not offer", "directory role security reader or global reader"),
        403,
        as_identity("unassigned"),
    ),
    Case(
        "An app without consent, Exchange",
        "safe_links_policy",
        LINKS,
        "forbidden",
        ("does not take the token", "exchange.manageasapp", "administrator's consent"),
        401,
        as_identity("unconsented"),
    ),
    Case(
        "An app without consent, Graph",
        "license_info",
        {},
        "forbidden",
        ("subscribedskus", "insufficient privileges", "licenseassignment.read.all", "administrator's consent"),
        403,
        as_identity("unconsented"),
    ),
    Case(
        "An app without consent, Defender for Endpoint",
        "device_info",
        {},
        "forbidden",
        ("machines", "machine.read.all of windowsdefenderatp", "administrator's consent"),
        403,
        as_identity("unconsented"),
    ),
    Case(
        "A reader who writes",
        "safe_links_policy",
        LINKS,
        "forbidden",
        ("new-safelinkspolicy links of the tests", "does not offer", "directory role exchange administrator"),
        403,
        as_identity("reader"),
    ),
    Case(
        "A reader who writes alerts",
        "protection_alert",
        {**ALERT, "notify_user": ["security@contoso.com"]},
        "forbidden",
        ("new-protectionalert alert of the tests", "not allowed", "directory role compliance administrator or security administrator"),
        403,
        as_identity("reader"),
    ),
    Case(
        "A Security Administrator who writes without being a person",
        "anti_phish_policy",
        PHISHING,
        "forbidden",
        ("new-antiphishpolicy phishing of the tests", "directory role exchange administrator", "security administrator is not enough"),
        403,
        as_identity("security_admin"),
    ),
    Case(
        "The portal session of another tenant",
        "device_group",
        GROUP,
        "refused",
        ("checking the portal session", "belongs to the tenant", "portal_session of its own tenant", "nothing else was sent"),
        more={"portal_session": "{{ session_of_another_tenant }}"},
    ),
    Case(
        "The portal session of a reader",
        "device_group",
        GROUP,
        "forbidden",
        ("signed-in user", "role security administrator"),
        403,
        {"portal_session": "{{ session_of_a_reader }}"},
    ),
    Case(
        "A portal session that sees only some device groups",
        "device_group",
        GROUP,
        "refused",
        ("device groups", "sees"),
        more={"portal_session": "{{ session_scoped }}"},
    ),
    Case(
        "No portal session",
        "device_group",
        GROUP,
        "forbidden",
        ("portal_session", "by hand at https://"),
        more={"portal_session": "{{ omit }}"},
    ),
)


# Modules start slowly: of them, one case for each kind of error, and those in which a secret plays a part.
AS_MODULE = (
    "A wrong secret",
    "An untrusted certificate",
    "An endpoint on another machine that nobody vouches for",
    "An app without consent, Exchange",
    "A Security Administrator who writes without being a person",
    "The portal session of another tenant",
)


@pytest.mark.parametrize(("face", "cases"), [("action", CASES), ("module", [case for case in CASES if case.name in AS_MODULE])])
def test_one_clear_error_each(face, cases, new_tenant, ground):
    tenant, other = new_tenant(), new_tenant()
    host = {
        **of(tenant),
        "m365_run_as": face,
        "identities": tenant.identities,
        "wrong_secret": "not-a-real-secret-and-a-wrong-one-0000000000",
        "session_of_another_tenant": other.portal_session,
        "session_of_a_reader": tenant.portal_session_reader,
        "session_scoped": tenant.portal_session_scoped,
    }

    run = ground.run([play(*[case.task for case in cases])], {"contoso": host}, "-vvvvv")
    for case in cases:
        result = run.result(case.name)
        assert run.task(case.name).status == "ignored", f"{case.name}: {result}"
        message, failure = result["msg"], result["failure"]
        for word in case.words:
            assert word in message.lower(), f"{case.name}: {word!r} is not in {message!r}"
        asked = case.more.get("tenant_id", tenant.tenant_id)
        assert asked in message, message
        assert (failure["kind"], failure["tenant"], failure.get("status", 0)) == (case.kind, asked, case.status), case.name
        assert failure["text"] in message
        assert result["changed"] is False
    assert {entry["status"] for entry in tenant.writes()} == {403}
    # However talkative: nothing that could be used by whoever reads along, and nothing that belongs into a report to us.
    assert "Traceback" not in run.output
    assert SECRET.findall(run.output) == []
    assert left_behind(ground) == {}


def left_behind(ground):
    """Secrets in files that the run left in its home: what the test itself wrote there does not count."""
    found = {}
    for path in ground.home.rglob("*"):
        if path.is_file() and not path.name.startswith(("inventory", "playbook")):
            secrets = SECRET.findall(path.read_text(errors="replace"))
            if secrets:
                found[str(path.relative_to(ground.home))] = secrets
    return found


def test_nobody_answers(tenant, ground):
    with socket.socket() as taken:  # a port on which nobody listens
        taken.bind(("127.0.0.1", 0))
        endpoint = f"https://127.0.0.1:{taken.getsockname()[1]}"
        run = ground.run([play(task("Ask", "license_info", {"endpoint": endpoint}))], {"contoso": of(tenant)}, "-vvvvv")
    message = run.result("Ask")["msg"]
    assert run.code == 2
    for word in ("Signing in", tenant.tenant_id, "login.microsoftonline.com", endpoint, "refused the connection", "a firewall", "endpoint"):
        assert word in message
    assert "Traceback" not in run.output
    assert SECRET.findall(run.output) == []


def test_a_portal_session_that_has_ended(tenant, ground):
    tenant.fault(kind="expire", match={"service": "portal"}, times=None)

    run = ground.run([play(task("Write", "device_group", GROUP))], {"contoso": of(tenant)}, "-vvvvv")
    message = run.result("Write")["msg"]
    for word in ("the portal session has ended", tenant.tenant_id, "Sign in to the portal in a browser again", "sccauth", "XSRF-TOKEN"):
        assert word in message
    assert run.result("Write")["failure"]["kind"] == "sign_in"
    assert short(tenant.writes()) == []
    assert SECRET.findall(run.output) == []


# Options that are refused before anything is sent, and a word that names the culprit.
BAD_INPUT = {
    "An unknown option": ("safe_links_policy", {**LINKS, "rewrite_everything": True}, "rewrite_everything"),
    "An unknown option of the rule": ("safe_links_policy", {**LINKS, "rule": {"sent_too": ["a@contoso.com"]}}, "sent_too"),
    "A word where a switch belongs": ("safe_links_policy", {**LINKS, "allow_click_through": "perhaps"}, "allow_click_through"),
    "A text where a number belongs": ("anti_phish_policy", {**PHISHING, "phish_threshold_level": "three"}, "phish_threshold_level"),
    "A number out of range": ("anti_phish_policy", {**PHISHING, "phish_threshold_level": 5}, "phish_threshold_level"),
    "A word that is none of the choices": (
        "anti_phish_policy",
        {**PHISHING, "authentication_fail_action": "Shred"},
        "authentication_fail_action",
    ),
    "An empty name": ("safe_links_policy", {"name": ""}, "name"),
    "A name that is blank": ("safe_links_policy", {"name": "   "}, "name"),
    "No name": ("safe_links_policy", {"track_clicks": True}, "name"),
    "An operator that does not go with the property": (
        "device_group",
        {**GROUP, "matching_rules": [{"property": "os", "operator": "starts_with", "values": ["Windows"]}]},
        "operator=in",
    ),
    "A condition without values": (
        "device_group",
        {**GROUP, "matching_rules": [{"property": "tag", "operator": "equals", "values": []}]},
        "matching_rules",
    ),
    "A group that is named and not its id": ("device_group", {**GROUP, "user_groups": ["Tier 1"]}, "object ids"),
    "A state for what is always there": ("atp_policy_for_o365", {"state": "absent"}, "state"),
    "A tenant id that is none": ("license_info", {"tenant_id": "the tenant of contoso"}, "tenant_id"),
    "A cloud that does not exist": ("license_info", {"cloud": "martian"}, "cloud"),
    "An endpoint that is no address": ("license_info", {"endpoint": "127.0.0.1:8443"}, "endpoint"),
    "A proxy that is no address": ("license_info", {"proxy": "ftp://proxy.contoso.com"}, "proxy"),
    "No time to answer": ("license_info", {"timeout": 0}, "timeout"),
    "Half a portal session": ("device_group", {**GROUP, "portal_session": {"sccauth": "{{ m365_portal_session.sccauth }}"}}, "xsrf_token"),
    "A certificate that is not there": (
        "license_info",
        {"client_certificate": "/nowhere/app.pem", "client_secret": ""},
        "/nowhere/app.pem",
    ),
    "Days that never were": ("pending_action_info", {"days": 0}, "days"),
    "A coverage above all": ("device_info", {"min_device_coverage": 101}, "min_device_coverage"),
    "A kind that does not exist": ("configuration_info", {"kinds": ["spam_policy"]}, "spam_policy"),
    "A configuration with faults": (
        "configuration",
        {
            "config": {
                "safe_links_policy": [LINKS, {"name": "Other links"}, {"name": "More links", "rule": {"priority": "first"}}],
                "anti_phish_policy": [{**PHISHING, "phish_threshold_level": 9}],
                "atp_policy_for_o365": {"enable_safe_docs": True},
                "spam_policy": [],
            }
        },
        "safe_links_policy[2]",
    ),
    "The same object twice": (
        "configuration",
        {"config": {"safe_links_policy": [LINKS, {**LINKS, "track_clicks": False}]}},
        "Links of the tests",
    ),
}


BAD_AS_MODULE = ("An unknown option of the rule", "A number out of range", "A tenant id that is none", "A configuration with faults")


@pytest.mark.parametrize(("face", "names"), [("action", tuple(BAD_INPUT)), ("module", BAD_AS_MODULE)])
def test_bad_input_is_refused_before_anything_is_sent(face, names, tenant, ground):
    cases = {name: BAD_INPUT[name] for name in names}
    tasks = [task(name, module, options, ignore_errors=True) for name, (module, options, dummy) in cases.items()]
    before = len(tenant.emulator.control("GET", "journal"))

    run = ground.run([play(*tasks)], {"contoso": {**of(tenant), "m365_run_as": face}}, "-vvvvv")
    for name, (*dummy, word) in cases.items():
        result = run.result(name)
        assert run.task(name).status == "ignored", f"{name}: {result}"
        assert word in result["msg"], f"{name}: {result['msg']}"
    assert short(tenant.journal()) == []
    assert len(tenant.emulator.control("GET", "journal")) == before
    faults = run.result("A configuration with faults")["msg"]
    for place in ("safe_links_policy[2]", "rule", "anti_phish_policy[0]", "atp_policy_for_o365 must be a list", "spam_policy is no kind"):
        assert place in faults, faults
    assert "safe_links_policy[0]" not in faults
    assert "Traceback" not in run.output
    assert SECRET.findall(run.output) == []


# Variables of the role email_protection, and a word that names the culprit.
BAD_WISHES = {
    "A target that is none": ({"target": "paranoid"}, "paranoid"),
    "A scope without people": ({"scopes": [{"name": "executives"}]}, "the scope executives needs one of sent_to"),
    "A scope with a condition that is none": ({"scopes": [{"name": "executives", "sent_too": ["a@contoso.com"]}]}, "sent_too"),
    "Two scopes of one name": ({"scopes": [{"name": "all", "sent_to": ["a@contoso.com"]}] * 2}, "every scope needs a name of its own"),
    "An owner that can't be": ({"owner": "the desk"}, "the owner may have letters"),
    "An overlay that is none": ({"overlays": ["nist"]}, "nist"),
    "An override of no kind": ({"overrides": {"safe_linkspolicy": {}}}, "nothing to override in safe_linkspolicy"),
    "An override of no option": ({"overrides": {"safe_links_policy": {"rewrite": True}}}, "safe_links_policy.rewrite is none"),
}


def test_a_role_that_is_asked_for_what_can_not_be_sends_nothing(tenant, ground):
    role = "m365.defender.email_protection"
    tasks = []
    for name, (wish, dummy) in BAD_WISHES.items():
        asked = {f"email_protection_{one}": value for one, value in wish.items()}
        told = {"name": name, "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}
        tasks.append({"block": [{"ansible.builtin.import_role": {"name": role}, "vars": asked}], "rescue": [told]})

    run = ground.run([play(*tasks)], {"contoso": of(tenant)})
    assert run.code == 0, run.output
    for name, (dummy, word) in BAD_WISHES.items():
        assert word in str(run.result(name)["msg"]), f"{name}: {run.result(name)['msg']}"
    assert short(tenant.journal()) == []
