# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The global quarantine policy: how often, in which languages and from whom people are told of their messages in quarantine."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._times import Duration
from ansible_collections.m365.defender.plugins.module_utils._types import Bool, Choice, Name, SequenceOf
from ansible_collections.m365.defender.plugins.module_utils.resources._quarantine import RESERVED_BOTH

GLOBAL_TYPE = (("QuarantinePolicyType", "GlobalQuarantinePolicy"),)
ORDINARY = "a setting of ordinary quarantine policies, see quarantine_policy"

# [doc] Set-QuarantinePolicy
LANGUAGES = Choice(
    "Default",
    "Amharic",
    "Arabic",
    "Basque",
    "BengaliIndia",
    "Bulgarian",
    "Catalan",
    "ChineseSimplified",
    "ChineseTraditional",
    "Croatian",
    "Cyrillic",
    "Czech",
    "Danish",
    "Dutch",
    "English",
    "Estonian",
    "Filipino",
    "Finnish",
    "French",
    "Galician",
    "German",
    "Greek",
    "Gujarati",
    "Hebrew",
    "Hindi",
    "Hungarian",
    "Icelandic",
    "Indonesian",
    "Italian",
    "Japanese",
    "Kannada",
    "Kazakh",
    "Korean",
    "Latvian",
    "Lithuanian",
    "Malay",
    "Malayalam",
    "Marathi",
    "Norwegian",
    "NorwegianNynorsk",
    "Odia",
    "Persian",
    "Polish",
    "Portuguese",
    "PortuguesePortugal",
    "Romanian",
    "Russian",
    "Serbian",
    "SerbianCyrillic",
    "Slovak",
    "Slovenian",
    "Spanish",
    "Swahili",
    "Swedish",
    "Tamil",
    "Telugu",
    "Thai",
    "Turkish",
    "Ukrainian",
    "Urdu",
    "Vietnamese",
)

GLOBAL_QUARANTINE_POLICY = Resource(
    kind="global_quarantine_policy",
    service="exchange",
    blurb="global quarantine policy",
    parts=(
        Part(
            "QuarantinePolicy",
            (
                Field("EndUserSpamNotificationCustomFromAddress", Name()),
                Field("EndUserSpamNotificationFrequency", Duration(of=("04:00:00", "1.00:00:00", "7.00:00:00"))),
                Field("EsnCustomSubject", SequenceOf()),
                # That New- takes these although it is documented to reserve them is what a published client does. [code] CIPP
                Field("MultiLanguageCustomDisclaimer", SequenceOf()),
                Field("MultiLanguageSenderName", SequenceOf()),
                Field("MultiLanguageSetting", SequenceOf(LANGUAGES)),
                Field("OrganizationBrandingEnabled", Bool()),
            ),
            life=Life.ONE,
            called="DefaultGlobalTag",
            # What it is called while nobody has made it. [code] CIPP
            placeholder=("Name", ("DefaultGlobalPolicy",)),
            # It is not among the others, and reads as another type than it is asked for with. [doc] [code]
            asked_with=GLOBAL_TYPE,
            made_with=GLOBAL_TYPE,
            parallel=("MultiLanguageSetting", "MultiLanguageSenderName", "EsnCustomSubject", "MultiLanguageCustomDisclaimer"),
            # Remove- takes ordinary ones; no source shows it on this one.
            lasting=True,
            always=True,
            left_out={
                **RESERVED_BOTH,
                "AdminDisplayName": ORDINARY,
                "EndUserQuarantinePermissionsValue": ORDINARY,
                "ESNEnabled": ORDINARY,
                "IncludeMessagesFromBlockedSenderAddress": ORDINARY,
            },
        ),
    ),
)
