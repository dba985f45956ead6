# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that depend on each other, and placeholders that something points at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.m365.defender.plugins.module_utils._errors import BadInput
from ansible_collections.m365.defender.plugins.module_utils._plan import plan
from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Bool, MultiValued, SequenceOf

PART = Part(
    "Lamp",
    (
        *(Field(name, Bool()) for name in ("Left", "Right", "Dark", "Fast")),
        *(Field(name, SequenceOf()) for name in ("Words", "Tones")),
        Field("Tags", MultiValued()),
    ),
    life=Life.FIXED,
    alike=(("Left", "Right"),),
    apart=(("Dark", "Left"), ("Dark", "Right")),
    parallel=("Words", "Tones"),
)
LAMP = Resource(kind="lamp", service="exchange", blurb="lamp", parts=(PART,))
POST = Resource(
    kind="post",
    service="exchange",
    blurb="post",
    parts=(
        Part("Post", (Field("Fast", Bool()),), life=Life.ONE, called="The Post", lasting=True, placeholder=("Guid", ("none",))),
        Part("Sign", (Field("Fast", Bool()),), under="sign", points_at="Post", life=Life.ONE, called="The Sign", lasting=True),
    ),
)
ROW = {"Identity": "Default", "Left": False, "Right": False, "Dark": False, "Fast": False, "Words": [], "Tones": [], "Tags": []}


def operations(wanted, resource=LAMP, **rows):
    found = rows or {"Lamp": [ROW]}
    return [(one.verb, one.noun, dict(one.parameters)) for one in plan(resource, found, [wanted]).operations]


def lamp(**changes):
    return {"Lamp": [{**ROW, **changes}]}


def test_fields_that_have_one_value_are_set_together():
    assert operations({"left": True, "right": True}) == [("Set", "Lamp", {"Left": True, "Right": True})]


def test_one_of_them_alone_is_refused_where_the_other_differs():
    with pytest.raises(BadInput, match="left, right must all have one value: give all of them"):
        operations({"left": True})


def test_what_came_apart_is_put_right_by_sending_all_of_them():
    assert operations({"left": True, "right": True}, **lamp(Left=True)) == [("Set", "Lamp", {"Left": True, "Right": True})]
    assert operations({"right": True}, **lamp(Left=True)) == [("Set", "Lamp", {"Left": True, "Right": True})]


def test_switches_that_exclude_each_other():
    with pytest.raises(BadInput, match="dark and left can't both be on"):
        operations({"dark": True}, **lamp(Left=True, Right=True))
    assert operations({"dark": True, "left": False, "right": False}, **lamp(Left=True, Right=True)) == [
        ("Set", "Lamp", {"Left": False, "Right": False, "Dark": True})
    ]


def test_what_is_wrong_already_and_stays_concerns_nobody():
    wrong = lamp(Left=True, Dark=True, Words=["one"], Tones=["one", "two"])
    assert operations({"fast": True}, **wrong) == [("Set", "Lamp", {"Fast": True})]
    assert operations({"left": True, "dark": True, "tones": ["one", "two"]}, **wrong) == []


def test_parallel_lists_are_as_long_as_the_first_or_empty():
    assert operations({"words": ["one", "two"]}) == [("Set", "Lamp", {"Words": ["one", "two"]})]
    assert operations({"tones": ["low"]}, **lamp(Words=["one"])) == [("Set", "Lamp", {"Tones": ["low"]})]
    with pytest.raises(BadInput, match="tones would have 1 members, and words 2"):
        operations({"words": ["one", "two"]}, **lamp(Words=["one"], Tones=["low"]))
    with pytest.raises(BadInput, match="tones would have 1 members, and words 0"):
        operations({"words": []}, **lamp(Words=["one"], Tones=["low"]))


def test_a_new_object_is_held_against_the_same():
    part = replace(PART, life=Life.ONE, called="The Lamp")
    resource = Resource(kind="lamp", service="exchange", blurb="lamp", parts=(part,))
    with pytest.raises(BadInput, match="give all of them"):
        operations({"left": True}, resource, Lamp=[])
    with pytest.raises(BadInput, match="tones would have 1 members, and words 0"):
        operations({"tones": ["low"]}, resource, Lamp=[])
    assert operations({"fast": True}, resource, Lamp=[]) == [("New", "Lamp", {"Name": "The Lamp", "Fast": True})]


def test_a_placeholder_becomes_real_when_something_points_at_it():
    stands_in = {"Name": "Some Post", "Identity": "Some Post", "Guid": "none", "Fast": False}
    assert operations({"sign": {"fast": True}}, POST, Post=[stands_in], Sign=[]) == [
        ("New", "Post", {"Name": "The Post"}),
        ("New", "Sign", {"Name": "The Sign", "Post": "The Post", "Fast": True}),
    ]
    assert operations({"fast": False}, POST, Post=[stands_in], Sign=[]) == []
    real = {**stands_in, "Guid": "1", "Name": "The Post", "Identity": "The Post"}
    assert operations({"sign": {"fast": True}}, POST, Post=[real], Sign=[]) == [
        ("New", "Sign", {"Name": "The Sign", "Post": "The Post", "Fast": True})
    ]


def test_a_bond_speaks_of_fields_that_are_there():
    for bond in ({"alike": (("Left", "Right"),)}, {"apart": (("Left", "Right"),)}, {"parallel": ("Left", "Right")}):
        part = Part("Lamp", (Field("Left", Bool()),), life=Life.FIXED, **bond)
        with pytest.raises(ValueError, match="Right"):
            Resource(kind="lamp", service="exchange", blurb="lamp", parts=(part,))
