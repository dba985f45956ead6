# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is masked in a result, and what is not."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import one_line
from ansible_collections.m365.defender.plugins.module_utils._secrets import MASK, scrubbed


def test_a_secret_is_masked_wherever_it_stands():
    result = {"msg": "no S3cret here", "rows": [{"S3cret/x": ("S3cret",)}], "count": 1}
    assert scrubbed(result, ("S3cret",)) == {"msg": f"no {MASK} here", "rows": [{f"{MASK}/x": [MASK]}], "count": 1}


def test_a_short_secret_leaves_the_keys_that_everybody_looks_for():
    result = {"failed": True, "failure": {"kind": "sign_in"}, "air_2": "defended"}
    assert scrubbed(result, ("ed", "air")) == {"failed": True, "failure": {"kind": "sign_in"}, "air_2": f"defend{MASK}"}


def test_a_long_secret_is_masked_though_it_has_the_form_of_a_key():
    result = {"correct_horse_battery2": 1, "failed": True, "x_correct_horse_battery": {}}
    assert scrubbed(result, ("correct_horse_battery",)) == {f"{MASK}2": 1, "failed": True, f"x_{MASK}": {}}


@pytest.mark.parametrize(
    "secret", ['a"b\\c/d+e f%&=.*(', "-----BEGIN KEY-----\nMII+/=\n-----END KEY-----\n", "Gehe\u00fcmnis-und  mehr\t!", "it's"]
)
def test_every_way_in_which_a_secret_is_written(secret):
    ways = (secret, json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr({"a": secret}), urlencode({"a": secret}))
    for text in (*ways, quote(secret, safe=""), one_line(f"It was {secret} that was refused.")):
        kept = scrubbed({"msg": f"<{text}>"}, (secret, "other"))["msg"]
        assert MASK in kept and not any(part in kept for part in ("Gehe", "MII", "b\\", "c/d", "d%2B", "it's", "it%27")), kept


def test_the_longer_of_two_secrets_is_masked_whole():
    assert scrubbed("abcdef abc", ("abc", "abcdef")) == f"{MASK} {MASK}"
