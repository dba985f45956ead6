# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Behaviour that no public source shows, in one place, a file for each service, so that a capture can replace it.

Every line in these files is a guess unless it says more.
"""
