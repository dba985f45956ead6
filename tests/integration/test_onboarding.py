# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A provider from nothing to an audit: applications are registered at home, let into a customer's tenant, and then sign in there."""

from __future__ import annotations

import pytest
import yaml

from emulator.testing import app_certificate
from tests.integration import partners
from tests.integration.playing import SECRET, during, of, play, short, task

REGISTER, ONBOARD, AUDIT = "m365.defender.app_registration", "m365.defender.onboard", "m365.defender.audit"
RIGHTS = ["Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "RoleManagement.ReadWrite.Directory"]
APP = {
    "client_id": "bbbbbbbb-0000-4000-8000-000000000001",
    "client_secret": "not-a-real-secret-of-the-onboarding-0000000000",
    "app_permissions": {"graph": RIGHTS},
}
# One that may keep role groups of Exchange too.
EXCHANGE_APP = {
    **APP,
    "app_permissions": {"graph": RIGHTS, "exchange": ["Exchange.ManageAsApp"]},
    "directory_roles": ["Exchange Administrator"],
}
GROUP = {"m365_writer_role_group": "Defender configuration"}
LET_IN = "Let the application that reads in, or take it out"
LET_WRITE = "Let the application that writes in, or take it out"
GIVE_GROUP = "Give the application that writes a role group with the cmdlets it uses, or remove it"


@pytest.fixture
def provider(new_tenant):
    return new_tenant(identities={"onboarding": APP})


@pytest.fixture
def customer(new_tenant):
    return new_tenant(identities={"onboarding": APP})


def host(tenant, **more):
    """The variables of a host, without a login of every day."""
    reached = of(tenant, "onboarding")
    login = {f"m365_onboarding_{name}": reached.pop(f"m365_{name}") for name in ("client_id", "client_secret")}
    return {**reached, **login, **more}


def registered(ground, provider, path, **variables):
    """The ids of the reader and the writer, registered with this certificate."""
    app_certificate(path)
    more = {"m365_reader_certificates": [str(path)], "m365_writer_certificates": [str(path)], **variables}
    run = ground.run(REGISTER, {"provider": host(provider)}, variables=more)
    assert run.code == 0, run.output
    return run.result("Register the application that reads")["app_id"], run.result("Register the application that writes")["app_id"]


def test_from_registration_to_an_audit(provider, customer, ground, tmp_path):
    reader, writer = registered(ground, provider, tmp_path / "app.pem", m365_apps_audience="multiple_tenants")
    daily = {"m365_client_id": reader, "m365_client_certificate": str(tmp_path / "app.pem")}
    before = ground.run(AUDIT, {"adatum": {**host(customer), **daily}})
    assert before.code != 0 and "AADSTS700016" in before.output, "without consent it is said clearly"

    apps = {"m365_reader_app_id": reader, "m365_writer_app_id": writer}
    foretold = ground.run(ONBOARD, {"adatum": host(customer)}, "--check", "--diff", variables=apps)
    assert foretold.code == 0, foretold.output
    assert short(customer.writes()) == []
    done = ground.run(ONBOARD, {"adatum": host(customer)}, variables=apps)
    assert done.code == 0, done.output
    assert done.result(LET_IN)["operations"] == foretold.result(LET_IN)["operations"]
    again = ground.run(ONBOARD, {"adatum": host(customer)}, variables=apps)
    assert again.code == 0 and again.names("changed") == []
    assert not SECRET.search(foretold.output + done.output + again.output)

    granted = done.result(LET_IN)["access"]
    held = provider.emulator.control("GET", f"tenants/{customer.name}")["identities"][reader]
    assert (granted["permissions"], granted["directory_roles"]) == (held["app_permissions"], ["Global Reader"])
    customer.clear_journal()
    audit = ground.run(AUDIT, {"adatum": {**host(customer), **daily}})
    assert audit.code == 0, audit.output
    assert audit.reports["adatum"]["steps"]
    assert {entry["status"] for entry in customer.journal() if "/oauth2/" in entry["url"]} == {200}
    verdicts = {one["step"]: one["verdict"] for one in audit.reports["adatum"]["steps"]}
    assert "unknown" not in verdicts.values(), verdicts

    gone = ground.run(ONBOARD, {"adatum": host(customer)}, variables={**apps, "m365_onboard_state": "absent"})
    assert gone.code == 0, gone.output
    refused = ground.run(AUDIT, {"adatum": {**host(customer), **daily}})
    assert refused.code != 0 and "AADSTS700016" in refused.output


def test_a_single_tenant_is_registered_and_let_in_at_once(provider, ground, tmp_path):
    app_certificate(tmp_path / "app.pem")
    variables = {"m365_writer_certificates": [str(tmp_path / "app.pem")], "m365_apps_steps": "email_protection"}
    foretold = ground.run(REGISTER, {"contoso": host(provider)}, "--check", variables=variables)
    assert foretold.code == 0, foretold.output
    assert short(provider.writes()) == []
    done = ground.run(REGISTER, {"contoso": host(provider)}, variables=variables)
    assert done.code == 0, done.output
    for name in ("Let the application that reads in", "Let the application that writes in"):
        planned = [text for text in foretold.result(name)["operations"] if "servicePrincipal" not in text]
        assert planned == done.result(name)["operations"], "the service principal comes with the registration"
    assert ground.run(REGISTER, {"contoso": host(provider)}, variables=variables).names("changed") == []
    access = done.result("Let the application that writes in")["access"]
    assert access["directory_roles"] == ["Exchange Administrator", "Global Reader"]

    writer = {"m365_client_id": done.result("Register the application that writes")["app_id"]}
    air = ground.run(
        "m365.defender.air",
        {"contoso": {**of(provider), **writer, "m365_client_secret": "", "m365_client_certificate": str(tmp_path / "app.pem")}},
        "--tags",
        "email_protection",
    )
    assert air.code == 0, air.output
    told = done.result("Say what to sign in with")["msg"]
    used = {entry["cmdlet"] for entry in provider.journal() if entry.get("cmdlet") and "/outlook.office365.com/" in entry["url"]}
    assert used <= {*told["writer_cmdlets"], "EXOModuleFile"}, "a role group of these cmdlets would do"
    assert provider.state("AntiPhishRule") or provider.state("EOPProtectionPolicyRule")


def test_several_tenants_get_applications_only_if_it_is_asked_for(provider, customer, ground, tmp_path):
    app_certificate(tmp_path / "app.pem")
    hosts = {"contoso": host(provider), "adatum": host(customer)}
    variables = {"m365_reader_certificates": [str(tmp_path / "app.pem")], "m365_apps_steps": ["xdr"]}
    refused = ground.run(REGISTER, hosts, variables=variables)
    assert refused.code != 0 and "There are 2 hosts" in refused.output and "m365_apps_in_each_tenant" in refused.output
    assert provider.journal() == customer.journal() == []
    foretold = ground.run(REGISTER, hosts, "--check", variables={**variables, "m365_apps_in_each_tenant": True})
    assert foretold.code == 0 and foretold.result("Register the application that reads", "adatum")["operations"], foretold.output
    limited = ground.run(REGISTER, hosts, "--check", "--limit", "contoso", variables=variables)
    assert limited.code == 0 and limited.of("contoso") and not limited.of("adatum"), limited.output


def test_the_reader_and_the_writer_are_two(customer, ground):
    number = "eeeeeeee-0000-4000-8000-000000000001"
    for state in ("present", "absent"):
        one = {"m365_reader_app_id": number, "m365_writer_app_id": f" {number.upper()}", "m365_onboard_state": state}
        refused = ground.run(ONBOARD, {"adatum": host(customer)}, variables=one)
        assert refused.code != 0 and "must be two applications" in refused.output
    assert customer.journal() == []


@pytest.fixture
def customized(new_tenant):
    """A tenant that can have role groups of its own, and an onboarding application that may keep them."""
    tenant = new_tenant(identities={"onboarding": EXCHANGE_APP})
    tenant.cmdlet("Enable-OrganizationCustomization")
    return tenant


def test_a_writer_with_nothing_but_a_role_group_configures_mail(provider, customized, ground, tmp_path):
    dummy, writer = registered(ground, provider, tmp_path / "app.pem", m365_apps_audience="multiple_tenants")
    apps = {"m365_writer_app_id": writer, "m365_apps_steps": ["email_protection"], **GROUP}
    customer = host(customized)
    foretold = ground.run(ONBOARD, {"adatum": customer}, "--check", "--diff", variables=apps)
    assert foretold.code == 0, foretold.output
    assert short(customized.writes()) == []
    done = ground.run(ONBOARD, {"adatum": customer}, variables=apps)
    assert done.code == 0, done.output
    assert done.result(GIVE_GROUP)["operations"] == foretold.result(GIVE_GROUP)["operations"]
    assert done.result(GIVE_GROUP)["role_group"] == foretold.result(GIVE_GROUP)["role_group"]
    assert done.result(LET_WRITE)["access"]["directory_roles"] == ["Security Reader"]
    again = ground.run(ONBOARD, {"adatum": customer}, variables=apps)
    assert again.code == 0 and again.names("changed") == []
    assert not SECRET.search(foretold.output + done.output + again.output)

    daily = {"m365_client_id": writer, "m365_client_certificate": str(tmp_path / "app.pem")}
    reached = {name: value for name, value in customer.items() if name in ("m365_tenant_id", "m365_endpoint", "m365_ca_path")}
    first = ground.run("m365.defender.air", {"adatum": {**reached, **daily}}, "--tags", "email_protection")
    assert first.code == 0, first.output
    assert first.names("changed") and (customized.state("AntiPhishRule") or customized.state("EOPProtectionPolicyRule"))
    second = ground.run("m365.defender.air", {"adatum": {**reached, **daily}}, "--tags", "email_protection")
    assert second.code == 0 and second.names("changed") == [], second.output

    options = {"client_id": writer, "client_certificate": str(tmp_path / "app.pem")}
    more = {**options, "name": "More", "cmdlets": ["Get-Mailbox"]}
    refused = ground.run([play(task("Give oneself more", "role_group", more))], {"adatum": reached})
    assert refused.code != 0 and "Role Management" in refused.result("Give oneself more")["failure"]["hint"]

    gone = ground.run(ONBOARD, {"adatum": customer}, variables={**apps, "m365_onboard_state": "absent"})
    assert gone.code == 0, gone.output
    assert gone.result(GIVE_GROUP)["role_group"] == {"name": "Defender configuration", "present": False}
    assert not [row for row in customized.cmdlet("Get-ManagementRole") if row["Name"].startswith("Defender configuration")]
    back = ground.run(ONBOARD, {"adatum": customer}, variables=apps)
    assert back.code == 0 and back.result(GIVE_GROUP)["role_group"] == done.result(GIVE_GROUP)["role_group"], back.output


def test_a_single_tenant_registers_with_a_role_group(customized, ground):
    variables = {"m365_apps_steps": ["email_protection"], **GROUP}
    foretold = ground.run(REGISTER, {"contoso": host(customized)}, "--check", variables=variables)
    assert foretold.code == 0, foretold.output
    assert short(customized.writes()) == []
    done = ground.run(REGISTER, {"contoso": host(customized)}, variables=variables)
    assert done.code == 0, done.output
    name = "Give the application that writes a role group with the cmdlets it uses"
    kinds = [[text.split(" ")[0] for text in run.result(name)["operations"]] for run in (foretold, done)]
    assert kinds[0] == kinds[1] and "New-RoleGroup" in kinds[0]
    assert done.result("Let the application that writes in")["access"]["directory_roles"] == ["Security Reader"]
    assert done.result(name)["role_group"]["applications"] == [done.result("Register the application that writes")["app_id"]]
    assert ground.run(REGISTER, {"contoso": host(customized)}, variables=variables).names("changed") == []


def test_a_person_of_the_partner_gives_a_role_group(new_tenant, ground):
    partner, customer = new_tenant(identities={"onboarding": partners.APP}), new_tenant()
    customer.cmdlet("Enable-OrganizationCustomization")
    partners.relate(partner, customer, roles=(partners.EXCHANGE_ADMINISTRATOR,))
    reached = {name: value for name, value in of(customer).items() if name in ("m365_endpoint", "m365_ca_path", "m365_tenant_id")}
    home = {name: value for name, value in of(partner).items() if name in ("m365_endpoint", "m365_ca_path", "m365_tenant_id")}
    login = {f"m365_onboarding_{name}": partners.APP[name] for name in partners.LOGIN}
    made = ground.run(REGISTER, {"partner": {**home, **login}}, variables={"m365_apps_audience": "multiple_tenants"})
    assert made.code == 0, made.output
    apps = {"m365_writer_app_id": made.result("Register the application that writes")["app_id"], **GROUP}
    variables = {**login, "m365_partner_tenant_id": partner.tenant_id, "m365_apps_steps": ["email_protection"], **apps}
    done = ground.run(ONBOARD, {"adatum": reached}, variables=variables)
    assert done.code == 0, done.output
    assert done.result("Consent to the onboarding application")["consent"]["scopes"]["exchange"] == ["Exchange.Manage"]
    assert done.result(GIVE_GROUP)["role_group"]["applications"] == [apps["m365_writer_app_id"]]
    assert ground.run(ONBOARD, {"adatum": reached}, variables=variables).names("changed") == []


@pytest.mark.parametrize("daily", ["m365_client_id", "m365_reader_app_id", "m365_writer_app_id"])
def test_the_login_of_every_day_is_refused_for_onboarding(customer, ground, daily):
    ids = {"m365_reader_app_id": "00000000-0000-4000-8000-000000000001", daily: APP["client_id"].upper()}
    run = ground.run(ONBOARD, {"adatum": {**host(customer), **ids}})
    assert run.code != 0 and "used for onboarding only" in run.output
    assert customer.journal() == []


@pytest.mark.parametrize("playbook", [REGISTER, ONBOARD])
def test_a_step_that_there_is_not_is_refused_before_anything_is_sent(customer, ground, playbook):
    variables = {"m365_reader_app_id": "00000000-0000-4000-8000-000000000001", "m365_partner_tenant_id": partners.APP["client_id"]}
    run = ground.run(playbook, {"adatum": {**host(customer), **variables}}, variables={"m365_apps_steps": "device_groups,office365"})
    assert run.code != 0 and "there is no step office365; known are prerequisites" in run.output
    assert customer.journal() == []


def test_the_environment_s_login_is_not_taken_for_onboarding(customer, ground):
    variables = {name: value for name, value in host(customer).items() if "onboarding" not in name}
    env = {"M365_CLIENT_ID": APP["client_id"], "M365_CLIENT_SECRET": APP["client_secret"]}
    run = ground.run(ONBOARD, {"adatum": variables}, variables={"m365_reader_app_id": "00000000-0000-4000-8000-000000000001"}, env=env)
    assert run.code != 0 and "m365_onboarding_client_id" in run.output
    assert customer.journal() == []


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("federated_token", "not-a-real-token-of-anybody-0000000000", "AADSTS"),
        ("federated_token_file", "/nowhere/token", "federated_token_file /nowhere/token can't be read"),
        ("client_certificate_data", "no base64 at all!", "client_certificate_data is neither PEM nor base64"),
        ("device_code", True, "device_code needs a person"),
    ],
)
@pytest.mark.parametrize("playbook", [REGISTER, ONBOARD])
def test_each_way_to_sign_in_is_taken_for_onboarding(customer, ground, playbook, option, value, said):
    """Shown by what a wrong one is told."""
    variables = host(customer, **{"m365_onboarding_client_secret": "", f"m365_onboarding_{option}": value})
    run = ground.run(playbook, {"adatum": variables}, "--check", variables={"m365_reader_app_id": "00000000-0000-4000-8000-000000000001"})
    failed = [one.result["msg"] for one in run.tasks if one.status == "failed"]
    assert run.code != 0 and len(failed) == 1 and said in failed[0], run.output
    assert not SECRET.search(run.output)


def test_both_faces_foretell_the_same(customized, ground):
    foretold = {}
    for face in ("action", "module"):
        run = ground.run(REGISTER, {"contoso": host(customized, m365_run_as=face)}, "--check", "--diff", variables=GROUP)
        assert run.code == 0, run.output
        assert not SECRET.search(run.output)
        ours = [one for one in run.tasks if one.action.startswith("m365.defender.")]
        foretold[face] = [(one.name, one.result["operations"], one.result["diff"]) for one in ours if "operations" in one.result]
    assert foretold["action"] == foretold["module"] and len(foretold["action"]) == 5


def test_customers_with_fewer_services_get_what_they_have(provider, new_tenant, ground, tmp_path):
    reader, dummy = registered(ground, provider, tmp_path / "app.pem", m365_apps_audience="multiple_tenants")
    small = new_tenant("exchange_only", identities={"onboarding": APP})
    run = ground.run(ONBOARD, {"small": host(small)}, variables={"m365_reader_app_id": reader})
    assert run.code == 0, run.output
    assert run.result(LET_IN)["missing_apis"] == ["WindowsDefenderATP"]
    assert len(during(small, run.task(LET_IN))) < 25


def test_a_partner_gets_into_customers_by_consent_and_the_inventory_lists_them(new_tenant, ground, tmp_path):
    """From nothing: nobody of the customers does anything, and nobody has put an application into their tenants."""
    partner, *customers = new_tenant(identities={"onboarding": partners.APP}), new_tenant(), new_tenant("fresh_e3")
    partners.relate(partner, *customers)
    login = {f"m365_onboarding_{name}": partners.APP[name] for name in partners.LOGIN}
    reached = {name: value for name, value in of(partner).items() if name in ("m365_endpoint", "m365_ca_path", "m365_tenant_id")}
    app_certificate(tmp_path / "app.pem")
    made = ground.run(
        REGISTER,
        {"partner": {**reached, **login}},
        variables={"m365_apps_audience": "multiple_tenants", "m365_reader_certificates": [str(tmp_path / "app.pem")]},
    )
    assert made.code == 0, made.output
    reader = made.result("Register the application that reads")["app_id"]

    inventory = ground.home / "customers.partner_tenants.yml"
    own = {name: partners.APP[name] for name in ("client_id", "client_secret")}
    options = {name.removeprefix("m365_"): value for name, value in reached.items()}
    inventory.write_text(yaml.safe_dump({"plugin": "m365.defender.partner_tenants", **options, **own}))
    everywhere = {name: value for name, value in reached.items() if name != "m365_tenant_id"}
    variables = {**everywhere, **login, "m365_partner_tenant_id": partner.tenant_id, "m365_reader_app_id": reader}
    hosts = [one.name for one in customers]

    foretold = ground.run(ONBOARD, {}, "-i", str(inventory), "--check", variables=variables)
    assert foretold.code == 0, foretold.output
    assert [one for customer in customers for one in short(customer.writes())] == []
    assert foretold.result("Consent to the onboarding application", hosts[0])["operations"]
    done = ground.run(ONBOARD, {}, "-i", str(inventory), variables=variables)
    assert done.code == 0, done.output
    for name in hosts:
        assert done.result("Consent to the onboarding application", name)["changed"]
        assert done.result(LET_IN, name)["access"]["directory_roles"] == ["Global Reader"]
    again = ground.run(ONBOARD, {}, "-i", str(inventory), variables=variables)
    assert again.code == 0 and again.names("changed") == []
    assert not SECRET.search(done.output + again.output)

    daily = {**everywhere, "m365_client_id": reader, "m365_client_certificate": str(tmp_path / "app.pem")}
    audit = ground.run(AUDIT, {}, "-i", str(inventory), variables=daily)
    assert set(audit.reports) == set(hosts)
    assert all(one["verdict"] != "unknown" for one in audit.reports[hosts[0]]["steps"]), audit.output

    gone = ground.run(ONBOARD, {}, "-i", str(inventory), variables={**variables, "m365_onboard_state": "absent"})
    assert gone.code == 0, gone.output
    refused = ground.run(AUDIT, {}, "-i", str(inventory), variables=daily)
    assert "AADSTS700016" in refused.output


def test_an_application_without_any_secret_signs_in_to_a_customer(provider, customer, ground):
    """The identity provider of a pipeline vouches for it; neither a certificate nor a secret exists."""
    issuer = {"issuer": "https://issuer.contoso.com", "subject": "nightly audit"}
    made = ground.run(
        REGISTER,
        {"provider": host(provider)},
        variables={"m365_apps_audience": "multiple_tenants", "m365_reader_federated_credentials": [{"name": "pipeline", **issuer}]},
    )
    assert made.code == 0, made.output
    reader = made.result("Register the application that reads")["app_id"]
    done = ground.run(ONBOARD, {"adatum": host(customer)}, variables={"m365_reader_app_id": reader})
    assert done.code == 0, done.output
    reached = {name: value for name, value in host(customer).items() if name in ("m365_tenant_id", "m365_endpoint", "m365_ca_path")}

    def read(**more):
        said = {**issuer, "audience": "api://AzureADTokenExchange", **more}
        token = provider.emulator.control("POST", "issuers/token", said)["token"]
        options = {"client_id": reader, "federated_token": token}
        return ground.run([play(task("Read", "license_info", options))], {"adatum": reached})

    right = read()
    assert right.code == 0, right.output
    wrong = read(subject="somebody else")
    assert wrong.code != 0 and "AADSTS700213" in wrong.output
