# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated Microsoft 365 tenant: sign-in, Exchange Online, Graph, Defender and the Defender portal in one process.

It shares no code with the collection that it was made to test, and knows nothing of it.
"""

from __future__ import annotations
