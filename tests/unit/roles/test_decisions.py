# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role device_groups decides before it writes."""

from __future__ import annotations

import pytest

from ansible_collections.m365.defender.plugins.plugin_utils._levels import LEVELS, raised

NO_SERVERS = {}  # every device is known, and none is a server
DEFAULT = "Ungrouped devices (default)"


class TestRaised:
    groups = ({"name": "Clients", "automation_level": "semi_all_folders"}, {"name": "Servers", "automation_level": "full"})

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"level": "ful"}, "device_groups_automation_level: ful is no automation level"),
            ({"levels": {"Servers": "ful"}}, "device_groups_levels.Servers: ful is no automation level; there are no_automated_response,"),
            ({"levels": {"Servers": "full", "SERVERS": ""}}, "device_groups_levels.SERVERS: the same group as Servers"),
            ({"levels": ["Servers"]}, "device_groups_levels must be a dictionary"),
            ({"wanted": {"name": "Board"}}, "device_groups_wanted must be a list"),
            ({"wanted": ["Board"]}, r"device_groups_wanted\[0\] must be a dictionary"),
            ({"wanted": [{"nme": "x"}]}, r"device_groups_wanted\[0\]: missing required arguments: name"),
            ({"wanted": [{"nme": "x"}]}, r"device_groups_wanted\[0\]: Unsupported option nme"),
            ({"wanted": [{"name": ""}]}, r"device_groups_wanted\[0\]: name must not be empty"),
            ({"wanted": [{"name": "a"}, {"name": "a", "rank": "first"}]}, r"device_groups_wanted\[1\]: .*rank"),
            (
                {"wanted": [{"name": "a"}, {"name": "A"}]},
                r"device_groups_wanted\[1\]: A is wanted twice, first in device_groups_wanted\[0\]",
            ),
            (
                {"wanted": [{"name": "a", "automation_level": "max"}]},
                r"device_groups_wanted\[0\]: value of automation_level must be one of",
            ),
        ],
    )
    @pytest.mark.parametrize("groups", [(), groups])
    def test_what_is_wrong_is_said_with_its_place(self, groups, asked, said):
        with pytest.raises(ValueError, match=said):
            raised(groups, **{"level": "full", **asked})

    def test_every_group_gets_the_level(self):
        assert raised(self.groups, "full", servers=NO_SERVERS) == {
            "wanted": [{"name": one["name"], "automation_level": "full"} for one in self.groups],
            "levels": {"Clients": "full", "Servers": "full"},
            "kept": [],
            "servers": [],
            "unsure": [],
        }

    def test_a_level_is_not_lowered_unless_told(self):
        assert raised(self.groups, "semi_non_temp_folders", servers=NO_SERVERS)["kept"] == ["Servers"]
        assert raised(self.groups, "semi_non_temp_folders", lower=True, servers=NO_SERVERS)["kept"] == []

    def test_single_groups_go_before_all(self):
        found = raised(self.groups, "full", {"clients": "semi_core_folders"})
        assert found["wanted"][0] == {"name": "Clients", "automation_level": "semi_core_folders"}

    def test_a_level_for_a_group_that_is_not_there_is_refused_once_the_groups_are_known(self):
        with pytest.raises(ValueError, match=r"device_groups_levels: there is no group Domain controlers, .*there are Clients, Servers"):
            raised(self.groups, "full", {"Domain controlers": "", "Servers": ""})
        assert raised((), "full", {"Domain controlers": ""})["wanted"] == []
        assert raised(self.groups, "full", {"Kiosks": ""}, wanted=[{"name": "kiosks", "state": "absent"}])["kept"] == []

    def test_no_level_leaves_the_others_alone(self):
        assert raised(self.groups, "", {"Servers": "full"})["wanted"] == [{"name": "Servers", "automation_level": "full"}]

    def test_a_level_that_does_not_exist_is_named(self):
        with pytest.raises(ValueError, match="maximal is no automation level"):
            raised(self.groups, "maximal")

    @pytest.mark.parametrize("has", LEVELS)
    @pytest.mark.parametrize("level", LEVELS)
    def test_whatever_the_levels_nothing_gets_less_automatic(self, has, level):
        for one in raised([{"name": "x", "automation_level": has}], level, servers=NO_SERVERS)["wanted"]:
            assert LEVELS.index(one["automation_level"]) >= LEVELS.index(has)


def os_rule(*values, prop="os", operator="in"):
    return [{"property": prop, "operator": operator, "values": list(values)}]


BY_NAME = {
    "name": "Domain controllers",
    "automation_level": "semi_all_folders",
    "matching_rules": os_rule("srv-dc", prop="device_name", operator="starts_with"),
}


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
        assert raised(self.groups, "semi_all_folders")["servers"] == []  # no group is below it
        assert raised(self.groups, "")["servers"] == []

    @pytest.mark.parametrize(
        "name", ["WindowsServer2025", "windowsserver2012R2", "Windows2016", "Windows8blueserver", "Windows2008", "Linux"]
    )
    def test_every_name_of_a_server_system(self, name):
        group = {"name": "x", "automation_level": "semi_all_folders", "matching_rules": os_rule(name)}
        assert raised([group], "full")["servers"] == ["x"]

    def test_servers_that_a_group_takes_otherwise_are_told_from_the_devices(self):
        assert raised([BY_NAME], "full", servers={"domain controllers": 1})["servers"] == ["Domain controllers"]
        assert raised([BY_NAME], "full", servers={"Servers": 4})["levels"] == {"Domain controllers": "full"}

    @pytest.mark.parametrize(
        ("servers", "left"), [({"": 1}, True), ({"UnassignedGroup": 2}, True), ({"UnassignedGroup": 0}, False), ({}, False)]
    )
    def test_servers_in_no_group_are_in_the_default_one(self, servers, left):
        found = raised([{"name": DEFAULT, "automation_level": "semi_all_folders"}], "full", servers=servers)
        assert (found["servers"] == [DEFAULT]) is left is not bool(found["wanted"])

    def test_without_the_devices_only_a_group_of_clients_is_raised(self):
        found = raised([BY_NAME, *self.groups, {"name": DEFAULT, "automation_level": "no_automated_response"}], "full")
        assert found["wanted"] == [{"name": "Clients", "automation_level": "full"}]
        assert (found["servers"], found["unsure"]) == (["Farm"], ["Domain controllers", DEFAULT])
        named = raised([BY_NAME], "full", {"Domain controllers": "full"})
        assert named["wanted"] and named["unsure"] == []

    def test_clients_by_their_rules_stay_clients_whatever_else_the_rules_ask(self):
        both = [*os_rule("Windows10", "macOS"), *os_rule("srv", prop="tag", operator="equals")]
        assert raised([{"name": "x", "automation_level": "semi_all_folders", "matching_rules": both}], "full")["levels"] == {"x": "full"}

    @pytest.mark.parametrize(
        ("wish", "left"),
        [
            ({"name": "Farm", "state": "absent"}, ["Kiosks"]),  # its servers go somewhere else
            ({"name": "Farm", "rank": 2}, ["Kiosks"]),
            ({"name": "Farm", "matching_rules": os_rule("WindowsServer2025")}, ["Kiosks"]),
            ({"name": "Kiosks", "rank": 1}, ["Kiosks"]),  # takes others than now
            ({"name": "Kiosks", "matching_rules": os_rule("k", prop="tag", operator="equals")}, ["Kiosks"]),
            ({"name": "Kiosks", "matching_rules": os_rule("KIOSK", prop="tag", operator="equals"), "rank": 2}, []),  # as it is
            ({"name": "Farm", "description": "Servers", "rank": 1}, []),
            ({"name": "Empty", "state": "absent"}, []),
        ],
    )
    def test_servers_of_a_group_that_changes_may_go_to_another(self, wish, left):
        kiosks = {"name": "Kiosks", "automation_level": "semi_all_folders", "rank": 2}
        groups = [
            {**self.groups[0], "rank": 1},
            {**kiosks, "matching_rules": os_rule("kiosk", prop="tag", operator="equals")},
            {"name": "Empty", "automation_level": "full", "rank": 3},
            self.groups[1],
        ]
        found = raised(groups, "full", wanted=[wish], servers={"Farm": 3})
        assert found["unsure"] == left
        assert (found["levels"]["Kiosks"], found["levels"]["Clients"]) == ("" if left else "full", "full")

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
        assert raised((), "full", wanted=[farm])["wanted"] == [farm]

    @pytest.mark.parametrize(
        ("level", "rules", "why"),
        [
            ("full", os_rule("WindowsServer2022"), "its rules may take servers"),
            ("full", os_rule("pilot", prop="tag", operator="equals"), "its rules may take servers"),
            ("", os_rule("Windows11"), "device_groups_automation_level gives none"),
        ],
    )
    def test_a_new_group_that_gets_no_level_is_refused_once_the_groups_are_known(self, level, rules, why):
        with pytest.raises(ValueError, match=f"the group New is new and needs its own automation_level, because {why}"):
            raised(self.groups, level, wanted=[{"name": "New", "matching_rules": rules}], servers=NO_SERVERS)

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
