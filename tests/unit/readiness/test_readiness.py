# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdicts: truth tables over licences, sessions and states, from results as tasks return them."""

from __future__ import annotations

from itertools import product

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._readiness.judge import judge, judge_all
from ansible_collections.m365.defender.plugins.module_utils._readiness.retired import RETIRED
from ansible_collections.m365.defender.plugins.module_utils._readiness.words import LEVELS, STEPS, WEIGHT
from tests.unit.readiness.samples import (
    ALERT,
    INTEGRATED,
    NO_LICENCES,
    NO_SESSION,
    SKIPPED,
    alerts,
    approvers,
    devices,
    failed,
    groups,
    licenses,
    mail,
    pending,
    permissions,
    reachability,
    seen,
    workloads,
    xdr,
)

# ---------------------------------------------------------------- step 1


@pytest.mark.parametrize(
    ("facts", "verdict", "word"),
    [
        ({"licenses": licenses(), "devices": devices()}, "compliant", "Microsoft 365 E5"),
        (
            {"licenses": licenses(missing=("Microsoft Defender for Identity",))},
            "not_compliant",
            "Licence missing: Microsoft Defender for Identity.",
        ),
        (
            {"licenses": NO_LICENCES, "devices": SKIPPED},
            "not_compliant",
            "Microsoft Defender for Identity, Microsoft Defender for Cloud Apps",
        ),
        ({"licenses": licenses(), "devices": devices()}, "compliant", "10 of 10 devices ready"),
        ({"licenses": licenses(), "devices": devices(False, ready=4)}, "not_compliant", "4 of 10 devices ready (40 %, wanted 95 %)"),
        ({"licenses": licenses(), "devices": devices(None, ready=9, unknown=1)}, "unknown", "Of 1 too little is known"),
        ({"licenses": licenses(), "devices": devices(None, counted=0, ready=0)}, "not_compliant", "No Windows device is onboarded"),
        ({"licenses": licenses(), "devices": devices(), "xdr": xdr()}, "compliant", "Defender for Identity: It is on."),
        ({"licenses": licenses(), "xdr": xdr(identity="off")}, "not_compliant", "Defender for Identity is not set up"),
        ({"licenses": licenses(), "xdr": xdr(ill=1)}, "not_compliant", "Defender for Identity: It is on."),
        ({"licenses": licenses(), "devices": devices(), "xdr": xdr(cloud_apps="unknown")}, "manual", "Defender for Cloud Apps: not known"),
        ({"licenses": licenses(), "xdr": xdr(cloud_apps="unknown", identity="off")}, "not_compliant", "Identity is not set up"),
        ({"licenses": licenses(cloud_apps=False), "devices": devices(), "xdr": xdr(cloud_apps="off")}, "compliant", "Identity"),
        ({"licenses": licenses(), "devices": devices(None, ready=9), "xdr": xdr(cloud_apps="unknown")}, "unknown", "devices"),
        ({"licenses": failed()}, "unknown", "Licences were not read."),
        ({"licenses": failed(), "devices": devices()}, "unknown", "Licences were not read."),
        ({"licenses": licenses()}, "unknown", "Devices were not read."),
        ({"licenses": licenses(), "devices": failed()}, "unknown", "Devices were not read."),
        ({}, "unknown", "Licences were not read."),
    ],
)
def test_prerequisites(facts, verdict, word):
    besides = {**approvers(), **({} if "xdr" in facts else workloads())}
    found = judge("prerequisites", {**besides, **facts}, attested=INTEGRATED)
    assert found.verdict == verdict
    assert word in found.evidence
    assert bool(found.remedy) == (verdict != "compliant")


@pytest.mark.parametrize(
    ("missing", "check", "products", "verdict"),
    [
        (("email_protection", "write", "exchange", False), False, licenses(), "not_compliant"),
        (("email_protection", "write", "exchange", False), True, licenses(), "compliant"),
        (("email_protection", "read", "exchange", False), True, licenses(), "unknown"),
        (("email_protection", "read", "exchange", False), True, licenses(exchange=False), "compliant"),
        (("email_protection", "read", "compliance", False), True, licenses(office="plan1"), "compliant"),
        (("prerequisites", "read", "defender", False), False, licenses(), "unknown"),
        (("prerequisites", "read", "defender", False), False, licenses(endpoint="none"), "compliant"),
        (("device_groups", "write", "portal", True), False, licenses(), "compliant"),
        (("xdr", "read", "graph", False), False, licenses(), "unknown"),
        (("xdr", "read", "graph", False), False, licenses(xdr=False), "compliant"),
        (("action_center", "read", "graph", True), False, licenses(), "compliant"),
    ],
)
def test_what_the_caller_lacks_matters_where_it_is_used(missing, check, products, verdict):
    facts = {"licenses": products, "devices": devices(), "permissions": permissions(missing), **approvers(), **workloads()}
    found = judge("prerequisites", facts, check, INTEGRATED)
    assert found.verdict == verdict
    assert ("Grant it." in found.remedy) == (verdict != "compliant")


@pytest.mark.parametrize(
    ("reads", "check", "verdict"), [(True, False, "not_compliant"), (True, True, "compliant"), (False, False, "compliant")]
)
def test_a_portal_session_that_may_not_write_is_said_before_the_write(reads, check, verdict):
    caller = permissions(("device_groups", "write", "portal", True))
    caller["permissions"]["steps"]["device_groups"]["needs"] = [
        {"access": "read", "audience": "portal", "state": "granted" if reads else "missing"}
    ]
    facts = {"licenses": licenses(), "devices": devices(), "permissions": caller, **approvers(), **workloads()}
    found = judge("prerequisites", facts, check, INTEGRATED)
    assert found.verdict == verdict
    assert ("may not write things" in found.evidence) == (verdict != "compliant")


def test_what_to_do_about_the_rest_names_what_it_is_about():
    facts = {"licenses": licenses(), "devices": devices(), **approvers(mail="unknown"), **workloads(office="off")}
    found = judge("prerequisites", facts, False, INTEGRATED)
    deciding = [one.part for one in found.findings if one.verdict == found.verdict]
    others = [one for one in found.findings if one.remedy and one.verdict not in (found.verdict, "compliant")]
    assert deciding and others
    for one in others:
        assert f"Besides, {one.part}: {one.remedy}" in found.remedy


def test_who_could_not_be_looked_up_is_said_in_a_few_words():
    unknown = approvers(devices="unknown", mail="unknown")
    for what in ("devices", "mail"):
        unknown["approvers"]["approvers"][what]["unknown_because"] = [
            "Directory roles could not be read. Reading x on tenant y: no. (HTTP 403)"
        ]
    found = judge("prerequisites", {"licenses": licenses(), "devices": devices(), **unknown, **workloads()}, False, INTEGRATED)
    texts = [one.evidence for one in found.findings if one.part.startswith("approvers")]
    assert len(texts) == 2 and all(text.endswith("is not known. Directory roles could not be read.") for text in texts)


@pytest.mark.parametrize(
    ("facts", "part", "verdict", "word"),
    [
        (workloads(), "Defender for Cloud Apps", "compliant", "It is on."),
        (workloads(cloud_apps="off"), "Defender for Cloud Apps", "not_compliant", "not set up"),
        (workloads(cloud_apps="unknown"), "Defender for Cloud Apps", "manual", "not known"),
        (workloads(office="off"), "Defender for Office 365", "not_compliant", "not set up"),
        (workloads(ill=1), "Defender for Identity", "not_compliant", "It is on."),
        (workloads(), "integration", "manual", "shown by no supported API"),
        (workloads(integration="off"), "integration", "not_compliant", "It is off."),
        (workloads(integration="on"), "integration", "compliant", "It is on."),
        (approvers(), "approvers of devices", "compliant", "2 people can approve actions on devices."),
        (approvers("none"), "approvers of devices", "not_compliant", "Nobody can approve actions on devices"),
        (approvers("unknown"), "approvers of devices", "unknown", "No permission."),
        (approvers(mail="none"), "approvers of mail", "not_compliant", "Nobody can approve actions on mail"),
        (approvers(mail="unknown"), "approvers of mail", "unknown", "No permission."),
        (approvers(mail="not_asked"), "approvers of mail", None, ""),
        (reachability(), "reachability", "compliant", "reaches login, graph, exchange, compliance, defender, portal"),
        (reachability("graph"), "reachability", "unknown", "does not reach graph: graph.example.com"),
        (reachability("portal"), "reachability", None, ""),
    ],
)
def test_what_has_to_be_there_besides(facts, part, verdict, word):
    found = {one.part: one for one in judge("prerequisites", {"licenses": licenses(), **facts}).findings}
    assert (found[part].verdict if part in found else None) == verdict
    assert word in (found[part].evidence if part in found else "")
    if part in found:
        assert found[part].fact in (*facts, "")
        assert bool(found[part].remedy) is (verdict != "compliant")


@pytest.mark.parametrize(
    ("facts", "products", "part"),
    [
        (workloads(office="off"), licenses(office="none"), "Defender for Office 365"),
        (workloads(), licenses(cloud_apps=False), "integration"),
        (approvers("none"), licenses("plan1"), "approvers of devices"),
        (approvers("none"), licenses("none"), "approvers of devices"),
        (approvers(mail="none"), licenses(office="plan1"), "approvers of mail"),
        (reachability("exchange"), licenses(exchange=False), "reachability"),
        (reachability("defender"), licenses("none"), "reachability"),
    ],
)
def test_what_no_licence_needs_is_not_asked_for(facts, products, part):
    assert part not in [one.part for one in judge("prerequisites", {"licenses": products, **facts}).findings]


def test_what_nobody_has_read_is_unknown():
    found = judge("prerequisites", {"licenses": licenses()})
    assert {one.part for one in found.findings if one.verdict == "unknown"} == {
        "devices",
        "products",
        "approvers of devices",
        "approvers of mail",
    }
    stopped = judge("prerequisites", {"licenses": licenses(), "stopped": failed()})
    assert [one.part for one in stopped.findings if one.verdict == "unknown"] == ["step"]


def test_a_host_that_only_some_need_is_noted():
    found = judge("prerequisites", {"licenses": licenses(), **reachability("portal")})
    assert found.notes == ("Not reached: portal.example.com does not answer. Open the firewall.",)


def test_people_who_have_to_be_activated_first_are_said():
    facts = {"licenses": licenses(), **approvers(later=2)}
    found = {one.part: one.evidence for one in judge("prerequisites", facts).findings}
    assert found["approvers of mail"] == "2 people can approve actions on mail, 2 of them only after activation."


def test_what_the_licences_say_besides_is_noted():
    told = licenses(missing=("Microsoft Defender for Identity",))
    told["licenses"]["remarks"] = ["Only trials bring it."]
    told["licenses"]["air"]["remedy"] = "Get that one."
    found = judge("prerequisites", {"licenses": told})
    assert (found.notes, found.remedy.startswith("Get that one.")) == (("Only trials bring it.",), True)


# ---------------------------------------------------------------- step 2


@pytest.mark.parametrize(
    ("endpoint", "session", "level", "verdict"),
    [
        (endpoint, session, level, expected)
        for endpoint, session, level in product(("plan2", "business", "plan1", "none"), (True, False), LEVELS)
        for expected in (
            ["not_applicable" if endpoint != "plan2" else "manual" if not session else "compliant" if level == "full" else "not_compliant"]
        )
    ],
)
def test_device_groups_by_licence_session_and_level(endpoint, session, level, verdict):
    current = groups(A=level) if session else NO_SESSION
    facts = {"licenses": licenses(endpoint), "current": current if endpoint == "plan2" else SKIPPED, "result": {"changed": level != "full"}}
    found = judge("device_groups", facts, check=True)
    assert found.verdict == verdict
    assert RETIRED in found.notes
    assert found.driver == {"manual": "person", "not_applicable": "public_api"}.get(verdict, "portal")


def test_business_says_that_it_always_remediates():
    found = judge("device_groups", {"licenses": licenses("business")})
    assert "real-time protection" in found.evidence
    assert found.remedy == ""


def test_a_portal_that_lists_no_group_is_not_believed():
    found = judge("device_groups", {"licenses": licenses(), "current": groups()})
    assert (found.verdict, found.driver) == ("unknown", "portal")


def test_without_a_session_the_groups_that_have_devices_are_told():
    found = judge("device_groups", {"licenses": licenses(), "current": NO_SESSION, "devices": devices(groups={"Servers": 4})})
    assert "Servers (4)" in found.evidence
    assert "machine_groups" in found.remedy


@pytest.mark.parametrize(
    ("facts", "check", "verdict", "word"),
    [
        ({"result": {"changed": True}}, True, "not_compliant", "2 of 3"),
        ({"result": {"changed": True}}, False, "compliant", "raised by this run: B (semi_all_folders), C (no_automated_response)"),
        ({"result": SKIPPED}, False, "not_compliant", "2 of 3"),
        ({"result": failed()}, False, "not_compliant", "2 of 3"),
        ({"result": {"changed": False}, "level": ""}, False, "not_compliant", "B (semi_all_folders)"),
        ({"result": {"changed": False}, "level": "", "levels": {"b": "semi_all_folders"}}, False, "not_compliant", "1 of 3"),
        (
            {"result": {"changed": False}, "level": "", "levels": {"b": "semi_all_folders", "C": "no_automated_response"}},
            False,
            "compliant",
            "below full by choice: B (semi_all_folders), C (no_automated_response)",
        ),
        ({"result": {"changed": False}, "level": "no_automated_response"}, True, "compliant", "by choice"),
    ],
)
def test_levels_that_were_asked_for(facts, check, verdict, word):
    current = groups(A="full", B="semi_all_folders", C="no_automated_response")
    found = judge("device_groups", {"licenses": licenses(), "current": current, **facts}, check)
    assert found.verdict == verdict
    assert word in found.evidence


def test_what_to_do_about_low_levels():
    facts = {"licenses": licenses(), "current": groups(A="semi_all_folders"), "result": {"changed": True}}
    assert judge("device_groups", facts, check=True).remedy == "Run the step without check mode."
    assert "device_groups_levels" in judge("device_groups", {**facts, "level": ""}, check=True).remedy
    alone = {**facts, "current": groups(A="semi_all_folders", Servers="semi_all_folders"), "levels": {"Servers": ""}}
    remedy = "Run the step without check mode. Left alone unless device_groups_levels names them: Servers."
    assert judge("device_groups", alone, check=True).remedy == remedy


def test_why_groups_are_left_alone():
    plan = {"levels": {"Farm": "", "Lab": "", "A": "full"}, "servers": ["Farm"], "unsure": ["Lab"]}
    current = groups(A="full", Farm="semi_all_folders", Lab="semi_all_folders")
    facts = {"licenses": licenses(), "current": current, "result": {"changed": False}, "level": "full", "levels": {}, "plan": plan}
    found = judge("device_groups", {**facts, "devices": failed()})
    assert found.verdict == "not_compliant"
    assert found.evidence.endswith("With servers: Farm. Perhaps with servers, which is not known (the permission is missing): Lab.")
    assert "device_groups_levels" in found.remedy


@pytest.mark.parametrize("asked", [{"levels": {"A": "ful"}}, {"levels": ["A"]}, {"levels": {7: "full"}}, {"level": "ful"}, {"level": None}])
@pytest.mark.parametrize("current", [groups(A="semi_all_folders"), NO_SESSION])
def test_levels_that_were_refused_leave_a_verdict(asked, current):
    facts = {"licenses": licenses(), "stopped": failed(), "current": current, **asked}
    assert judge("device_groups", facts, check=True).verdict == "unknown"


def test_features_are_read_by_a_task_of_their_own():
    facts = {"licenses": licenses(), "current": groups(A="full")}
    read = {"changed": False, "configuration": {"endpoint_features": [OFF]}}
    found = judge("device_groups", {**facts, "features": read})
    assert "remediation leans on are off: tamper protection, live response." in " ".join(found.notes)
    assert (found.verdict, [one.part for one in found.findings]) == ("compliant", ["levels"])
    found = judge("device_groups", {**facts, "features": failed()})
    assert "Which features of Defender for Endpoint are on could not be read: the permission is missing" in found.notes
    assert found.verdict == "compliant"


def test_a_level_without_a_name_is_not_enough():
    facts = {"licenses": licenses(), "current": groups(A=None), "result": {"changed": False}}
    assert judge("device_groups", facts).verdict == "not_compliant"


@pytest.mark.parametrize(
    ("operations", "check", "told"),
    [
        (["New-machine_groups Board {Name, AutoRemediationLevel}", "Set-machine_groups A {AutoRemediationLevel}"], True, "1 change would"),
        (["New-machine_groups Board {Name}", "Set-machine_groups A {Description}"], True, "2 changes would"),
        (["Set-machine_groups A {AutoRemediationLevel}"], True, ""),
        (["New-machine_groups Board {Name}"], False, ""),
    ],
)
def test_groups_that_are_described_and_not_there_yet(operations, check, told):
    facts = {"licenses": licenses(), "current": groups(A="full"), "result": {"changed": True, "operations": operations}}
    found = [one for one in judge("device_groups", facts, check).findings if one.part == "groups"]
    assert [one.verdict for one in found] == (["not_compliant"] if told else [])
    assert told in "".join(one.evidence for one in found)


OFF = {"edr_in_block_mode": True, "tamper_protection": False, "live_response": False, "automatically_resolve_alerts": False}


@pytest.mark.parametrize(
    ("features", "check", "verdict", "told"),
    [
        (None, True, None, True),  # read beside the groups, and nobody asked for any
        ({"changed": True, "object": OFF}, True, "not_compliant", True),
        ({"changed": True, "object": {**OFF, "tamper_protection": True}}, False, "compliant", True),
        ({"changed": False, "object": {"edr_in_block_mode": True}}, True, "compliant", False),
        (SKIPPED, True, None, True),
        (failed(), True, None, True),
    ],
)
def test_features_are_a_fault_only_where_they_were_asked_for(features, check, verdict, told):
    current = groups(A="full")
    current["configuration"]["endpoint_features"] = [OFF]
    found = judge("device_groups", {"licenses": licenses(), "current": current, "features": features or {}}, check)
    assert [one.verdict for one in found.findings if one.part == "features"] == ([verdict] if verdict else [])
    notes = [note for note in found.notes if "leans on are off" in note]
    assert bool(notes) is told
    assert not any("resolve" in note for note in notes), "what is retired is not missed"


# ---------------------------------------------------------------- step 3


DONE = {"changed": True, "operations": ["New-SafeLinksPolicy ours", "New-SafeLinksRule ours"]}


CONTESTED = {"contested": [{"kind": "safe_links_policy", "name": "ours", "options": ["track_clicks"]}]}
FOREIGN = {"foreign": [{"kind": "safe_links_policy", "name": "ours"}]}
MANUAL_PRESET = {"manual": [{"what": "preset_not_initialised", "scope": "all domains", "preset": "standard"}]}


@pytest.mark.parametrize(
    ("facts", "check", "verdict", "word"),
    [
        (mail(), True, "compliant", "Safe Links: Standard, by ours"),
        (mail(seen={**seen(), **seen(target="strict")}), True, "compliant", "Safe Links: Standard and Strict, by ours"),
        (mail(seen=seen(fine=False, by="Theirs")), True, "not_compliant", "contoso.com gets Theirs, below Standard (TrackClicks)"),
        (mail(seen=seen(fine=False, by=None)), True, "not_compliant", "gets no policy"),
        (mail(seen=seen(fine=None, reason="nobody knows")), True, "unknown", "nobody knows"),
        (
            mail(
                seen=seen(
                    policies=[{"policy": "x", "at_target": False, "shortfalls": [{"setting": "AllowedSenders", "allow_list": True}]}],
                    at_target=False,
                )
            ),
            True,
            "manual",
            "but for whom AllowedSenders let past",
        ),
        (mail(seen=seen(state="not_applicable", fine=None)), True, "compliant", "alert policies"),
        (mail(files=DONE), True, "not_compliant", "OneDrive and Teams: not as recommended"),
        (mail(files=DONE), False, "compliant", "OneDrive and Teams: as recommended"),
        (mail(CONTESTED), True, "not_compliant", "somebody has changed track_clicks since our last run"),
        (mail(FOREIGN), True, "not_compliant", "is somebody else's"),
        (mail(MANUAL_PRESET), True, "manual", "never switched on"),
        (mail(alerts=alerts((ALERT, True, True))), False, "not_compliant", f"off: {ALERT}"),
        (mail(alerts=alerts((ALERT, True, False), ("Reply-all storm detected", False, True))), False, "compliant", "1 alert policies"),
        (mail(alerts=alerts(("Reply-all storm detected", False, True))), False, "unknown", "None of the alert policies"),
        (mail(licenses=licenses(exchange=False)), False, "not_applicable", "No licence brings a mailbox"),
        (
            mail({"not_applicable": [{"kind": "safe_links_policy", "needs": "plan1"}]}, licenses=licenses(office="none")),
            False,
            "compliant",
            "No licence brings Safe Links",
        ),
        ({"licenses": licenses()}, False, "unknown", "What recipients get was not read. The alert policies were not read."),
        ({}, False, "unknown", "Nothing of it"),
    ],
)
def test_email_protection(facts, check, verdict, word):
    found = judge("email_protection", facts, check)
    assert found.verdict == verdict
    assert word in found.evidence


@pytest.mark.parametrize(
    ("decided", "check", "word"),
    [
        ({"config": {"safe_links_policy": []}}, True, "without check mode"),
        ({"config": {"safe_links_policy": [{"name": "ours"}]}}, False, "goes before ours"),
        ({"config": {"preset_security_policy": [{"name": "standard"}]}}, False, "goes before ours"),
        ({"config": {"safe_links_policy": [{"name": "ours", "state": "absent"}]}}, False, "No policy of ours is for them"),
        ({"config": {"anti_phish_policy": [{"name": "ours"}]}}, False, "No policy of ours is for them"),
        ({}, False, "No policy of ours is for them"),
        ({"mechanisms": {"all domains": "none"}}, True, "email_protection_mechanism: none"),
        (CONTESTED, True, "email_protection_reclaim"),
        (FOREIGN, True, "email_protection_adopt"),
    ],
)
def test_what_to_do_about_mail(decided, check, word):
    assert word in judge("email_protection", mail(decided, seen=seen(fine=False)), check).remedy


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("config", [{}, {"safe_links_policy": [{"name": "ours"}]}, {"preset_security_policy": [{"name": "standard"}]}])
def test_a_step_that_was_stopped_says_nothing_of_policies_that_may_not_be_there(config, check):
    facts = mail({"config": config}, seen=seen(fine=False), stopped=failed())
    found = {one.part: one for one in judge("email_protection", facts, check).findings}
    assert (found["Safe Links"].verdict, found["step"].remedy) == ("not_compliant", "Grant Machine.Read.All.")
    assert found["Safe Links"].remedy == "Run the step again when what stopped it is mended."


@pytest.mark.parametrize(
    ("hint", "remedy"),
    [
        ("Nothing was sent.", "Mend this and run the step again."),
        ("Set tenant_id. Nothing was sent.", "Set tenant_id."),
        ("Grant it.", "Grant it."),
    ],
)
def test_that_nothing_was_sent_is_no_remedy(hint, remedy):
    error = BadInput("tenant_id is missing", tried="Checking the options", hint=hint)
    found = judge("xdr", {"stopped": failed(error)})
    unsent = " Nothing was sent." if "sent" in hint else ""
    assert (found.evidence, found.remedy) == (f"Checking the options: tenant_id is missing.{unsent}", remedy)


def test_a_refusal_of_ansibles_own_returned_nothing():
    """AnsibleModule knows no `failure`, and failed_when: false makes what it says look like a result."""
    said = {"changed": False, "failed": False, "failed_when_result": False, "msg": "missing required arguments: tenant_id"}
    facts = {step: dict.fromkeys(("licenses", "devices", "state", "pending", "alerts", "current"), said) for step in STEPS}
    assert {one.verdict for one in judge_all(facts)} == {"unknown"}


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (mail(licenses=licenses(office="plan1")), "needs Plan 2"),
        (mail({"shadowed": [{"kind": "safe_links_policy", "name": "Theirs"}]}), "a preset would outrank: Theirs"),
        (
            mail({"covered": [{"kind": "safe_links_policy", "scope": "all domains", "by": "Theirs"}]}),
            "by other policies, so that nothing is written",
        ),
        (
            mail({"kept_lists": [{"kind": "x", "name": "Default", "option": "allowed_senders", "members": 2}]}),
            "lets 2 past by allowed_senders",
        ),
        (
            mail({"overlay_conflicts": [{"overlay": "cis", "kind": "x", "option": "y", "wants": 1, "microsoft": 2}]}),
            "Microsoft recommends 2: cis wants x.y: 1",
        ),
    ],
)
def test_what_one_should_know_about_mail(facts, word):
    assert any(word in note for note in judge("email_protection", facts).notes)


@pytest.mark.parametrize(("kept", "verdict"), [(True, "compliant"), (False, "not_compliant"), (None, None)])
def test_the_audit_log_is_looked_at_where_nobody_asked_for_it(kept, verdict):
    current = {"changed": False, "configuration": {"admin_audit_log_config": [{"unified_audit_log_ingestion_enabled": kept}]}}
    found = [one.verdict for one in judge("email_protection", mail(current=current)).findings if one.part == "Audit log"]
    assert found == ([verdict] if verdict else [])


def test_the_operations_of_every_task_are_told():
    found = judge("email_protection", mail(links=DONE), True)
    assert found.operations == ("New-SafeLinksPolicy ours", "New-SafeLinksRule ours")


# ---------------------------------------------------------------- step 4 and the review


@pytest.mark.parametrize(
    ("state", "licensed", "driver", "investigation", "verdict"),
    [
        ("on", True, "portal", True, "compliant"),
        ("on", True, "public_api", None, "compliant"),
        ("on", None, "public_api", None, "compliant"),
        ("on", True, "portal", False, "manual"),
        ("off", True, "portal", None, "not_compliant"),
        ("off", None, "portal", None, "not_compliant"),
        ("off", False, "public_api", None, "not_applicable"),
        ("unknown", True, "public_api", None, "unknown"),
        ("unknown", None, "public_api", None, "unknown"),
    ],
)
def test_xdr(state, licensed, driver, investigation, verdict):
    found = judge("xdr", {"state": xdr(state, driver, licensed, investigation=investigation)})
    assert found.verdict == verdict
    assert found.driver == ("person" if verdict == "manual" else driver)
    assert found.evidence


@pytest.mark.parametrize(("endpoint", "verdict"), [("plan2", "manual"), ("plan1", "compliant"), ("business", "compliant")])
def test_automated_investigation_is_looked_at_where_a_licence_brings_it(endpoint, verdict):
    assert judge("xdr", {"state": xdr(investigation=False), "licenses": licenses(endpoint)}).verdict == verdict


def test_xdr_is_not_asked_where_no_licence_brings_it():
    passed_over = {"state": {"skipped": True, "changed": False}}
    assert judge("xdr", {**passed_over, "licenses": licenses("none", xdr=False)}).verdict == "not_applicable"
    assert judge("xdr", {**passed_over, "licenses": licenses("none")}).verdict == "unknown"
    assert judge("xdr", passed_over).verdict == "unknown"


def test_what_did_not_show_is_noted():
    assert judge("xdr", {"state": xdr()}).notes == ("Of Defender XDR, no answer shows: Action center.",)
    assert "wants to see it: incidents, hunting." in judge("xdr", {"state": xdr()}).evidence
    by_portal = judge("xdr", {"state": xdr(driver="portal", action_center="on")}).evidence
    assert "wants to see it: incidents, Action center, hunting." in by_portal
    assert judge("xdr", {"state": xdr(driver="portal", action_center="on")}).notes == ()


@pytest.mark.parametrize(
    ("facts", "verdict", "word"),
    [
        ({"pending": pending()}, "unknown", "Nothing waits for approval, but the licences are not known"),
        ({"pending": pending(complete=False)}, "unknown", "No permission."),
        ({"pending": pending(1, 2.5)}, "manual", "1 approval waits, the oldest for 2.5 days (Defender 1)."),
        ({"pending": pending(2, 2.5), "max_pending_age": 3}, "manual", "2 approvals wait"),
        ({"pending": pending(2, 3.1), "max_pending_age": 3}, "not_compliant", "2 approvals wait"),
        ({"pending": pending(2, None), "max_pending_age": 0}, "manual", "2 approvals wait (Defender 2)"),
        ({"pending": pending(1, 1.0, False)}, "manual", "1 approval"),
        ({"pending": {**pending(1, 1.0), "next_lapse_in_days": 6.0}}, "manual", "for 1 day, the next lapsing in 6 days (Defender 1)."),
        ({"pending": SKIPPED, "licenses": NO_LICENCES}, "not_applicable", "No licence"),
        # That nothing of endpoints waits proves nothing since 2026-09-01.
        ({"pending": pending(), "licenses": licenses(office="plan1")}, "not_applicable", "only investigations of Office 365"),
        ({"pending": pending(), "licenses": licenses()}, "compliant", "Nothing waits"),
        ({"pending": pending(1, 2.5), "licenses": licenses(office="plan1")}, "manual", "1 approval waits"),
        ({"pending": pending(complete=False), "licenses": licenses(office="plan1")}, "unknown", "No permission."),
        ({"pending": failed(), "licenses": licenses()}, "unknown", "Nothing of it"),
    ],
)
def test_action_center(facts, verdict, word):
    found = judge("action_center", facts)
    assert found.verdict == verdict
    assert word in found.evidence


def test_when_the_next_lapses_and_in_which_device_groups():
    found = judge(
        "action_center", {"pending": {**pending(1, 5.5), "next_lapse_in_days": 1.5, "by_device_group": {"Pilot": 1, "not told": 2}}}
    )
    assert "the next lapsing in 1.5 days (Defender 1). Device groups: Pilot 1." in found.evidence
    assert "lapsing" not in judge("action_center", {"pending": pending(1, 1.0)}).evidence


def test_what_may_be_told_twice_is_said():
    assert "counted twice" in judge("action_center", {"pending": {**pending(2, 1.0), "maybe_twice": 1}}).notes[0]


@pytest.mark.parametrize(("complete", "word"), [(True, "lately: failed 1, succeeded 2."), (False, "as far as it could be read: failed 1")])
def test_what_was_done_is_told_beside_it(complete, word):
    history = {"by_outcome": {"failed": 1, "succeeded": 2}, "complete": complete}
    for waits in (pending(), pending(1, 1.0)):
        assert word in judge("action_center", {"pending": waits, "history": history, "licenses": licenses()}).notes[0]
    assert judge("action_center", {"pending": pending(), "history": SKIPPED}).notes == ()
    assert "lately: nothing." in judge("action_center", {"pending": pending(), "history": {"by_outcome": {}, "complete": True}}).notes[0]


# ---------------------------------------------------------------- all steps


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_was_stopped_is_unknown_with_its_error(step):
    facts = {"licenses": licenses(), "stopped": failed(), "state": xdr(), "pending": pending(), "current": groups(A="full"), **mail()}
    found = judge(step, facts)
    assert (found.verdict, found.error["kind"]) == ("unknown", "forbidden")
    assert "the permission is missing" in found.evidence
    assert "Grant Machine.Read.All." not in found.evidence
    assert found.remedy.startswith("Grant Machine.Read.All.")


def test_a_step_that_ansible_itself_stopped():
    found = judge("xdr", {"stopped": {"failed": True, "msg": "The conditional check failed"}})
    assert (found.verdict, found.evidence) == ("unknown", "The conditional check failed")
    assert found.error == {"kind": "error", "text": "The conditional check failed"}


def test_a_step_that_a_filter_of_ours_refused_says_no_more_than_that():
    text = "Finalization failed: The filter plugin 'm365.defender.raised' failed: m365.defender.raised: device_groups_wanted[0]: no"
    found = judge("device_groups", {"stopped": {"failed": True, "msg": text}})
    assert found.evidence == found.error["text"] == "device_groups_wanted[0]: no"


@pytest.mark.parametrize("step", STEPS)
def test_nothing_known_is_unknown(step):
    assert judge(step, {}).verdict == "unknown"


def test_steps_that_were_not_run_get_no_verdict_and_what_was_read_is_lent():
    steps = {
        "prerequisites": {"stopped": {}, "licenses": licenses(), "permissions": permissions(), "devices": devices(groups={"Servers": 4})},
        "device_groups": {"stopped": {}, "licenses": SKIPPED, "current": NO_SESSION, "result": SKIPPED, "level": "full", "levels": {}},
        "email_protection": {"stopped": {}, "licenses": {}, "current": {}},
        "xdr": {"stopped": {}, "state": xdr(identity="off")},
        "action_center": {"stopped": {}, "pending": {}, "max_pending_age": 3},
    }
    found = {one.step: one for one in judge_all(steps)}
    assert list(found) == ["prerequisites", "device_groups", "xdr"]
    assert found["prerequisites"].verdict == "not_compliant"
    assert "Servers (4)" in found["device_groups"].evidence


def test_a_tenant_without_licences():
    steps = {
        "prerequisites": {"licenses": NO_LICENCES, "permissions": permissions(), "devices": SKIPPED},
        "device_groups": {"licenses": SKIPPED, "current": SKIPPED, "result": SKIPPED},
        "email_protection": {"licenses": SKIPPED, "current": SKIPPED},
        "xdr": {"state": xdr("off", licensed=False)},
        "action_center": {"pending": SKIPPED},
    }
    verdicts = [one.verdict for one in judge_all(steps, check=True)]
    assert verdicts == ["not_compliant", *["not_applicable"] * 4]


def test_a_verdict_is_plain_data():
    told = judge("xdr", {"state": xdr()}).as_dict()
    assert list(told) == ["step", "title", "verdict", "evidence", "remedy", "driver", "findings", "operations", "notes", "error"]
    assert told["findings"][:1] == [
        {
            "part": "state",
            "verdict": "compliant",
            "evidence": "On. It is on.",
            "remedy": "",
            "driver": "public_api",
            "fact": "state",
            "setting": "defender_xdr",
            "when": "",
            "attestation": {},
        }
    ]
    assert told["verdict"] in WEIGHT
