# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office 365 protection, standard, then strict, then standard again, on tenants with every licence, by ansible-playbook.

All tenants stand in one inventory, so that each step of the way costs one start of ansible-playbook.
"""

from __future__ import annotations

from tests.integration.playing import of, short

SEEDS = ("fresh_e5", "fresh_e3", "exchange_only", "business_premium", "lived_in")
WAY = ("standard", "strict", "standard")
# The Standard preset is on there and goes before whatever could be made for Strict, so that only the first round has something to do; at
# first only a person can switch on the Strict preset.
BELOW_STRICT = ["Anti-spam", "Anti-phishing"]


def show(*cells):
    print(f"{cells[0]:<18}{cells[1]:<10}{cells[2]:<8}" + "".join(f"{one:>9}" for one in cells[3:]))


def short_of_target(report):
    """What recipients do not get although it was aimed at; alert policies are Microsoft's own, and no task can turn one on."""
    (step,) = report["steps"]
    return [one["part"] for one in step["findings"] if one["verdict"] not in ("compliant", "not_applicable") and one["part"] != "alerts"]


def test_standard_then_strict_then_standard_again(new_tenant, ground):
    tenants = {seed: new_tenant(seed) for seed in SEEDS}
    hosts = {seed: of(tenant) for seed, tenant in tenants.items()}
    show("tenant", "target", "run", "tasks", "changed", "requests", "writes", "seconds")

    def step(target, title, *arguments):
        for tenant in tenants.values():
            tenant.clear_journal()
        run = ground.run(
            "m365.defender.air",
            hosts,
            "--tags",
            "email_protection",
            "--forks",
            str(len(hosts)),
            *arguments,
            variables={"email_protection_target": target},
        )
        assert run.code == 0, run.output
        for seed, tenant in tenants.items():
            report = run.reports[seed]
            ran = [task for task in run.of(seed) if task.status != "skipped"]
            assert report["requests"] == len(tenant.journal())
            assert report["writes"] == len(tenant.writes())
            changed = len(run.names("changed", seed))
            show(seed, target, title, len(ran), changed, report["requests"], report["writes"], f"{report['seconds']:.2f}")
        print(f"{'all five':<18}{target:<10}{title:<8}{'':>36}{run.seconds:>9.1f}")
        return run

    for number, target in enumerate(WAY):
        foretold = step(target, "check", "--check")
        for seed, tenant in tenants.items():
            assert short(tenant.writes()) == [], f"check mode wrote on {seed}"
        done = step(target, "first")
        for seed, tenant in tenants.items():
            assert done.names("changed", seed) == foretold.names("changed", seed), f"{seed} to {target}"
            assert bool(done.names("changed", seed)) == (number == 0 or seed != "lived_in"), f"{seed} to {target}"
            assert done.reports[seed]["operations"] == foretold.reports[seed]["operations"]
            assert len(done.reports[seed]["operations"]) == len(tenant.writes())
            assert [entry for entry in tenant.journal() if entry["status"] >= 400] == [], f"{seed} to {target}"
        again = step(target, "second")
        for seed, tenant in tenants.items():
            assert again.names("changed", seed) == []
            assert short(tenant.writes()) == []
            assert again.reports[seed]["operations"] == []
            assert short_of_target(again.reports[seed]) == (BELOW_STRICT if (seed, target) == ("lived_in", "strict") else []), seed
