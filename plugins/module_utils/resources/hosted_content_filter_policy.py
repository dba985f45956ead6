# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inbound anti-spam: a policy with its rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import Address, Bool, Choice, Int, MultiValued, Name, Text, folded
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import (
    DEFAULT,
    MAKE_DEFAULT,
    PRESET,
    RESERVED,
    recipient_rule,
)

# What the service takes. [doc]
LANGUAGES = """
    AF AR AZ BE BG BN BR BS CA CS CY DA DE EL EN EO ES ET EU FA FI FO FR FY GA GL GU HA HE HI HR HU HY ID IS IT JA KA KK KL KN KO KU KY LA
    LB LT LV MI MK ML MN MR MS MT NB NL NN PA PL PS PT RM RO RU SE SK SL SQ SR SV SW TA TE TH TL TR UK UR UZ VI WEN YI ZH-CN ZH-TW ZU
"""
REGIONS = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK
    CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT
    GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN
    PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XE XJ XS YE YT ZA ZM ZW
"""
ACTIONS = ("AddXHeader", "Delete", "ModifySubject", "MoveToJmf", "Quarantine", "Redirect")
OPTION, SWITCH = Choice("Off", "On", "Test"), Choice("Off", "On")
NO_LONGER = "accepted, but without effect: who is told of quarantined mail is now said by quarantine policies"


@dataclass(frozen=True)
class CodeOf(Name):
    """One of many codes, in any case: clients have seen both, whatever was sent. [code]"""

    known: str = ""  # the codes, with blanks between them
    what: str = ""

    def write(self, value: Any) -> Any:
        return self.show(value)

    def show(self, value: Any) -> Any:
        return folded(value).upper()

    def wrong(self, value: Any) -> str:
        return "" if self.show(value) in self.known.split() else f"must have codes that the service knows; {value} is no {self.what} to it"


HOSTED_CONTENT_FILTER_POLICY = Resource(
    kind="hosted_content_filter_policy",
    service="exchange",
    blurb="anti-spam policy",
    parts=(
        Part(
            "HostedContentFilterPolicy",
            (
                Field("AddXHeaderValue", Text(longest=255)),
                Field("AdminDisplayName", Text(longest=256)),
                Field("AllowedSenderDomains", MultiValued(Address())),
                Field("AllowedSenders", MultiValued(Address())),
                Field("BlockedSenderDomains", MultiValued(Address())),
                Field("BlockedSenders", MultiValued(Address())),
                # A preview that not every tenant has; there it is not returned. [doc]
                Field("BulkMovesEnabled", Choice("NotSet", "On", "Off", same={None: "NotSet"})),
                Field("BulkQuarantineTag", Name()),
                Field("BulkSpamAction", Choice(*ACTIONS, "NoAction")),
                Field("BulkThreshold", Int(1, 9)),
                Field("EnableLanguageBlockList", Bool()),
                Field("EnableRegionBlockList", Bool()),
                Field("HighConfidencePhishAction", Choice("Quarantine", "Redirect")),
                Field("HighConfidencePhishQuarantineTag", Name()),
                Field("HighConfidenceSpamAction", Choice(*ACTIONS)),
                Field("HighConfidenceSpamQuarantineTag", Name()),
                Field("IncreaseScoreWithBizOrInfoUrls", OPTION),
                Field("IncreaseScoreWithImageLinks", OPTION),
                Field("IncreaseScoreWithNumericIps", OPTION),
                Field("IncreaseScoreWithRedirectToOtherPort", OPTION),
                Field("InlineSafetyTipsEnabled", Bool()),
                # [doc] for the commercial cloud; in those of the US Government Default means Disabled.
                Field(
                    "IntraOrgFilterState",
                    Choice(
                        "Default",
                        "HighConfidencePhish",
                        "Phish",
                        "HighConfidenceSpam",
                        "Spam",
                        "Disabled",
                        same={"Default": "HighConfidencePhish"},
                    ),
                ),
                Field("LanguageBlockList", MultiValued(CodeOf(known=LANGUAGES, what="language"))),
                Field("MarkAsSpamBulkMail", OPTION),
                Field("MarkAsSpamEmbedTagsInHtml", OPTION),
                Field("MarkAsSpamEmptyMessages", OPTION),
                Field("MarkAsSpamFormTagsInHtml", OPTION),
                Field("MarkAsSpamFramesInHtml", OPTION),
                Field("MarkAsSpamFromAddressAuthFail", SWITCH),
                Field("MarkAsSpamJavaScriptInHtml", OPTION),
                Field("MarkAsSpamNdrBackscatter", SWITCH),
                Field("MarkAsSpamObjectTagsInHtml", OPTION),
                Field("MarkAsSpamSensitiveWordList", OPTION),
                Field("MarkAsSpamSpfRecordHardFail", SWITCH),
                Field("MarkAsSpamWebBugsInHtml", OPTION),
                Field("ModifySubjectValue", Text()),
                Field("PhishQuarantineTag", Name()),
                Field("PhishSpamAction", Choice(*ACTIONS)),
                Field("PhishZapEnabled", Bool()),
                Field("QuarantineRetentionPeriod", Int(1, 30)),
                Field("RedirectToRecipients", MultiValued()),
                Field("RegionBlockList", MultiValued(CodeOf(known=REGIONS, what="country or region"))),
                Field("SpamAction", Choice(*ACTIONS)),
                Field("SpamQuarantineTag", Name()),
                Field("SpamZapEnabled", Bool()),
                Field("TestModeAction", Choice("AddXHeader", "BccMessage", "None")),
                Field("TestModeBccToRecipients", MultiValued()),
            ),
            guards=(PRESET, DEFAULT),
            always=True,
            left_out={
                "DownloadLink": "accepted, but without effect",
                "EnableEndUserSpamNotifications": NO_LONGER,
                "EndUserSpamNotificationCustomFromAddress": NO_LONGER,
                "EndUserSpamNotificationCustomFromName": NO_LONGER,
                "EndUserSpamNotificationCustomSubject": NO_LONGER,
                "EndUserSpamNotificationFrequency": NO_LONGER,
                "EndUserSpamNotificationLanguage": NO_LONGER,
                "EndUserSpamNotificationLimit": RESERVED,
                "MakeDefault": MAKE_DEFAULT,
                "RecommendedPolicyType": RESERVED,
            },
        ),
        recipient_rule("HostedContentFilterRule", policy="HostedContentFilterPolicy"),
    ),
)
