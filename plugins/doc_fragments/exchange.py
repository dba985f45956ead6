# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all kinds that Exchange Online keeps have in common. Private to the collection: it may change in any release."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
notes:
  - The app registration needs the application permission C(Exchange.ManageAsApp) of Office 365 Exchange Online, and its service
    principal a directory role. For reading, and so for check mode, the Entra roles Global Reader and Security Reader are enough. For
    writing give it Exchange Administrator. Microsoft documents that Security Administrator does not suffice for unattended changes to
    anti-spam, anti-malware and anti-phishing policies, although it does in the portal; for other policies of the same service that is a
    guess. A role group of Exchange that holds the cmdlets will do instead, see M(m365.defender.role_group).
  - A new role or permission shows only in a new token, and reaches Exchange Online after some minutes.
  - After a write the setting is read until it shows, because the service may answer with old values for a while.
"""
