# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is masked in a result, and what is not."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._secrets import MASK, scrubbed


def test_a_secret_is_masked_wherever_it_stands():
    result = {"msg": "no S3cret here", "rows": [{"S3cret/x": ("S3cret",)}], "count": 1}
    assert scrubbed(result, ("S3cret",)) == {"msg": f"no {MASK} here", "rows": [{f"{MASK}/x": [MASK]}], "count": 1}


def test_a_short_secret_leaves_the_keys_that_everybody_looks_for():
    result = {"failed": True, "failure": {"kind": "sign_in"}, "air_2": "defended"}
    assert scrubbed(result, ("ed", "air")) == {"failed": True, "failure": {"kind": "sign_in"}, "air_2": f"defend{MASK}"}
