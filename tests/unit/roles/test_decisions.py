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
            "kept": [],
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
