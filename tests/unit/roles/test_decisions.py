# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role device_groups decides before it writes."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.plugin_utils._levels import LEVELS, raised


class TestRaised:
    groups = ({"name": "Clients", "automation_level": "semi_all_folders"}, {"name": "Servers", "automation_level": "full"})

    def test_every_group_gets_the_level(self):
        assert raised(self.groups, "full") == {
            "wanted": [{"name": one["name"], "automation_level": "full"} for one in self.groups],
            "levels": {"Clients": "full", "Servers": "full"},
            "kept": [],
            "servers": [],
            "missing": [],
        }

    def test_a_level_is_not_lowered_unless_told(self):
        assert raised(self.groups, "semi_non_temp_folders")["kept"] == ["Servers"]
        assert raised(self.groups, "semi_non_temp_folders", lower=True)["kept"] == []

    def test_single_groups_go_before_all(self):
        found = raised(self.groups, "full", {"clients": "semi_core_folders", "Nobody": "full"})
        assert found["wanted"][0] == {"name": "Clients", "automation_level": "semi_core_folders"}
        assert found["missing"] == ["Nobody"]

    def test_no_level_leaves_the_others_alone(self):
        assert raised(self.groups, "", {"Servers": "full"})["wanted"] == [{"name": "Servers", "automation_level": "full"}]

    def test_a_level_that_does_not_exist_is_named(self):
        with pytest.raises(ValueError, match="maximal is no automation level"):
            raised(self.groups, "maximal")

    @pytest.mark.parametrize("has", LEVELS)
    @pytest.mark.parametrize("level", LEVELS)
    def test_whatever_the_levels_nothing_gets_less_automatic(self, has, level):
        for one in raised([{"name": "x", "automation_level": has}], level)["wanted"]:
            assert LEVELS.index(one["automation_level"]) >= LEVELS.index(has)


def os_rule(*values, prop="os", operator="in"):
    return [{"property": prop, "operator": operator, "values": list(values)}]


class TestServers:
    groups = (
        {"name": "Farm", "automation_level": "semi_all_folders", "matching_rules": os_rule("Windows11", "WindowsServer2022")},
        {"name": "Clients", "automation_level": "semi_all_folders", "matching_rules": os_rule("Windows10", "Windows10WVD", "Windows11")},
    )

    def test_a_group_of_servers_is_raised_only_if_it_is_named(self):
        found = raised(self.groups, "full")
        assert found["wanted"] == [{"name": "Clients", "automation_level": "full"}]
        assert (found["servers"], found["levels"]) == (["Farm"], {"Farm": "", "Clients": "full"})
        named = raised(self.groups, "full", {"FARM": "full"})
        assert [one["name"] for one in named["wanted"]] == ["Farm", "Clients"] and named["servers"] == []

    def test_a_group_of_servers_that_is_high_enough_is_not_spoken_of(self):
        assert raised(self.groups, "semi_all_folders")["servers"] == []
        assert raised(self.groups, "")["servers"] == []

    @pytest.mark.parametrize("name", ["WindowsServer2025", "windowsserver2012R2", "Windows2016", "Windows8blueserver", "Windows2008"])
    def test_every_name_of_a_server_system(self, name):
        group = {"name": "x", "automation_level": "semi_all_folders", "matching_rules": os_rule(name)}
        assert raised([group], "full")["servers"] == ["x"]

    def test_servers_that_are_taken_by_their_name_are_not_told(self):
        group = {
            "name": "x",
            "automation_level": "semi_all_folders",
            "matching_rules": os_rule("srv", prop="device_name", operator="contains"),
        }
        assert raised([group], "full")["servers"] == []

    def test_an_empty_level_leaves_a_group_alone(self):
        found = raised(self.groups, "full", {"Clients": ""})
        assert found["wanted"] == [] and found["levels"]["Clients"] == ""


NEW = {
    "name": "Kiosks",
    "automation_level": "semi_all_folders",
    "matching_rules": os_rule("kiosk", prop="tag", operator="equals"),
    "rank": 1,
}


class TestWanted:
    groups = ({"name": "Clients", "automation_level": "full", "matching_rules": os_rule("Windows11")},)

    def test_a_group_is_made_as_it_is_wanted(self):
        found = raised(self.groups, "full", wanted=[NEW])
        assert found["wanted"] == [NEW, {"name": "Clients", "automation_level": "full"}]
        assert found["levels"] == {"Kiosks": "semi_all_folders", "Clients": "full"}

    def test_a_new_group_without_a_level_gets_that_of_all_unless_it_takes_servers(self):
        plain = {"name": "New", "matching_rules": os_rule("Windows11")}
        assert raised((), "full", wanted=[plain])["wanted"] == [{**plain, "automation_level": "full"}]
        farm = {"name": "New", "matching_rules": os_rule("WindowsServer2022")}
        assert raised((), "full", wanted=[farm])["wanted"] == [farm], "the engine says that its level is missing"

    def test_a_wanted_level_is_not_lowered_unless_told(self):
        wish = {"name": "clients", "automation_level": "semi_all_folders", "description": "All"}
        found = raised(self.groups, "full", wanted=[wish])
        assert found["wanted"] == [{"name": "clients", "description": "All"}] and found["kept"] == ["Clients"]
        assert raised(self.groups, "full", lower=True, wanted=[wish])["wanted"] == [wish]

    def test_a_group_that_is_to_go_gets_no_level(self):
        gone = {"name": "Clients", "state": "absent"}
        assert raised(self.groups, "full", wanted=[gone])["wanted"] == [gone]

    def test_nothing_that_was_given_is_changed(self):
        wish = dict(NEW)
        raised(self.groups, "full", wanted=[wish])
        assert wish == NEW
