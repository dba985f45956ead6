# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words in which a thing that is only read is described. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Query, Values


@dataclass(frozen=True)
class Ask:
    """One question: which service, what. Services: exchange, compliance, graph, defender, portal, token."""

    service: str
    query: Query


# What came back for each question: rows, or the error that says why it is not known. An error is never "nothing there".
Answers = Mapping[Ask, Any]


@dataclass(frozen=True)
class Reader:
    """A thing that is only read. options: the Ansible argument spec of its own options; the connection's `cloud` comes with them.

    asks: the questions, from the options. answer: the result keys, from options and answers; pure. It raises the TenantError of a question
    without whose answer nothing can be said; questions that only add to the picture become entries that say "unknown" and why.
    wrong: what is wrong with options that fit the spec, as sentences. further: the questions that only the answers to the first ones raise,
    such as the members of groups that were found; those that were asked before are not asked again.
    """

    kind: str
    asks: Callable[[Values], tuple[Ask, ...]]
    answer: Callable[[Values, Answers], Values]
    options: Mapping[str, dict[str, Any]] = field(default_factory=dict, hash=False)
    wrong: Callable[[Values], list[str]] = lambda options: []
    further: Callable[[Values, Answers], tuple[Ask, ...]] = lambda options, answers: ()
