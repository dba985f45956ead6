# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes are counted when they are sent, and those that the service refused are told from those of which nothing is known."""

from __future__ import annotations

from contextlib import suppress

import pytest

from ansible_collections.m365.defender.plugins.module_utils._clouds import CLOUDS
from ansible_collections.m365.defender.plugins.module_utils._errors import Forbidden, ListChanged, NotFound, TenantError
from ansible_collections.m365.defender.plugins.module_utils._graph import Rest
from ansible_collections.m365.defender.plugins.module_utils._resource import Operation
from tests.unit.wire.scripted import Told
from tests.unit.wire.test_graph import Signed
from tests.unit.wire.test_portal import portal_at

CONTEXT = Told(200, {"AuthInfo": {"TenantId": "an id"}})


def counted(transport):
    return transport.counts["writes"], transport.counts["refused"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([Told(200, b"")], (1, 0)),
        ([Told(403, b"")], (1, 1)),
        ([Told(400, {"error": {"message": "no"}})], (1, 1)),
        ([Told(429, b"", {"Retry-After": "1"}), Told(200, b"")], (1, 0)),
        ([Told(500, b"")], (1, 0)),
    ],
)
def test_the_portal(answers, expected, scripted, transport):
    ours = transport(scripted(CONTEXT, *answers).url)
    with suppress(TenantError):
        portal_at(ours).send("PUT", "/x", [], "Writing")
    assert counted(ours) == expected


def test_what_is_found_out_in_making_a_list_was_never_sent(scripted, transport):
    def changed():
        raise ListChanged("somebody else was at it")

    server = scripted(CONTEXT)
    ours = transport(server.url)
    with pytest.raises(ListChanged):
        portal_at(ours).write("PUT", "/x", changed, "Writing")
    assert counted(ours) == (0, 0) and [one.method for one in server.asked] == ["GET"]


@pytest.mark.parametrize(("status", "expected"), [(204, (1, 0)), (403, (1, 1)), (404, (1, 1)), (503, (1, 0))])
def test_graph_and_defender(status, expected, scripted, transport):
    ours = transport(scripted(Told(status)).url)
    with suppress(TenantError):
        Rest("defender", cloud=CLOUDS["commercial"], transport=ours, sign_in=Signed()).write("POST", "machines/1/tags", {}, "Tagging")
    assert counted(ours) == expected


def test_exchange(emulated, connect):
    writer, reader = connect(emulated), connect(emulated, "reader")
    with pytest.raises(NotFound):
        writer.store("exchange").do(Operation("Set", "SafeLinksPolicy", "x", "x", {"TrackClicks": False}))
    with pytest.raises(Forbidden):
        reader.store("exchange").do(Operation("New", "SafeLinksPolicy", "x", None, {"Name": "x"}))
    writer.store("exchange").do(Operation("New", "SafeLinksPolicy", "x", None, {"Name": "x"}))
    assert [(one.counts["writes"], one.counts["refused"]) for one in (writer, reader)] == [(2, 1), (1, 1)]
