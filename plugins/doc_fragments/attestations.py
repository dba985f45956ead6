# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option that takes what people attest."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  attestations:
    description:
      - What people attest of settings that no supported API shows. Of several for one setting the last one counts.
      - The module M(m365.defender.attestation_info) lists what can be attested.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: What is attested.
        type: str
        required: true
      value:
        description: What it is set to, one of the words of that setting. A bare V(on) or V(off) may be written without quotes.
        type: raw
        required: true
      by:
        description: Who has seen it.
        type: str
        required: true
      when:
        description: On which day, as in V(2026-11-01).
        type: str
        required: true
      expires:
        description: The last day on which it is believed, in UTC.
        type: str
        required: true
      reference:
        description: Where more of it stands, such as the number of a ticket.
        type: str
"""
