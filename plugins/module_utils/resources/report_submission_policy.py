# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to messages that people report: one policy, and the rule that names the reporting mailbox."""

from __future__ import annotations

from ansible_collections.m365.defender.plugins.module_utils._resource import Field, Life, Part, Resource
from ansible_collections.m365.defender.plugins.module_utils._types import ArrayOf, Bool, MultiValued, Name, Text
from ansible_collections.m365.defender.plugins.module_utils.resources._recipients import RESERVED

VERDICTS = ("Junk", "NotJunk", "Phish")
SWITCHES = tuple(f"Report{verdict}ToCustomizedAddress" for verdict in VERDICTS)
MAILBOXES = tuple(f"Report{verdict}Addresses" for verdict in VERDICTS)

# Parameters for each language: (moment, what, verdicts).
BY_LANGUAGE = tuple(
    f"MultiLanguage{moment}SubmitMessage{what}For{verdict}"
    for moment, verdicts in (("Post", ("Junk", "Phishing")), ("Pre", ("Junk", "NotJunk", "Phishing")))
    for what in ("", "ButtonLink", "ButtonText", "Title")
    for verdict in verdicts
)
BY_VERDICT = tuple(
    f"{moment}SubmitMessage{what}For{verdict}"
    for moment in ("Post", "Pre")
    for what in ("", "Title")
    for verdict in ("Junk", "NotJunk", "Phishing")
)

REPORT_SUBMISSION_POLICY = Resource(
    kind="report_submission_policy",
    service="exchange",
    blurb="report submission policy",
    parts=(
        Part(
            "ReportSubmissionPolicy",
            (
                Field("DisableQuarantineReportingOption", Bool()),
                Field("EnableCustomNotificationSender", Bool()),
                Field("EnableOrganizationBranding", Bool()),
                Field("EnableReportToMicrosoft", Bool()),
                Field("EnableThirdPartyAddress", Bool()),
                Field("EnableUserEmailNotification", Bool()),
                Field("JunkReviewResultMessage", Text()),
                Field("NotificationFooterMessage", Text()),
                Field("NotificationSenderAddress", MultiValued()),
                # Microsoft's reference reserves these four for internal use. That they are the portal's switches for results of automated
                # investigations of reported messages, that they can be set, and that they are read back is a guess from their names.
                Field("NotificationsForCleanSubmissionAirInvestigationsEnabled", Bool()),
                Field("NotificationsForPhishMalwareSubmissionAirInvestigationsEnabled", Bool()),
                Field("NotificationsForSpamSubmissionAirInvestigationsEnabled", Bool()),
                Field("NotificationsForSubmissionAirInvestigationsEnabled", Bool()),
                Field("NotJunkReviewResultMessage", Text()),
                Field("PhishingReviewResultMessage", Text()),
                Field("PostSubmitMessage", Text()),
                Field("PostSubmitMessageEnabled", Bool()),
                Field("PostSubmitMessageTitle", Text()),
                Field("PreSubmitMessage", Text()),
                Field("PreSubmitMessageEnabled", Bool()),
                Field("PreSubmitMessageTitle", Text()),
                Field("ReportChatMessageEnabled", Bool()),
                Field("ReportChatMessageToCustomizedAddressEnabled", Bool()),
                Field("ReportJunkAddresses", MultiValued()),
                Field("ReportJunkToCustomizedAddress", Bool()),
                Field("ReportNotJunkAddresses", MultiValued()),
                Field("ReportNotJunkToCustomizedAddress", Bool()),
                Field("ReportPhishAddresses", MultiValued()),
                Field("ReportPhishToCustomizedAddress", Bool()),
                Field("ThirdPartyReportAddresses", MultiValued()),
            ),
            life=Life.ONE,
            called="DefaultReportSubmissionPolicy",
            named_by="",  # New- takes no name
            asks=(),
            # [doc] Set-ReportSubmissionPolicy: the same value for all three of each, in one command.
            alike=(SWITCHES, MAILBOXES),
            # No configuration that is documented sends reports of other tools and of Microsoft's own to the mailbox. [doc]
            apart=tuple(("EnableThirdPartyAddress", switch) for switch in SWITCHES),
            # Of the three mailboxes that is not so: the rule alone may name one. [doc]
            goes_with=(("EnableThirdPartyAddress", "ThirdPartyReportAddresses"),),
            left_out={
                **dict.fromkeys(BY_LANGUAGE, "one of twenty parallel lists that Microsoft's reference does not describe; not returned"),
                **dict.fromkeys(BY_VERDICT, "Microsoft says not to use it; the parameter without a verdict in its name takes its place"),
                "DisableUserSubmissionOptions": RESERVED,
                "EnableCustomizedMsg": RESERVED,
                "MultiLanguageSetting": "the languages of lists that Microsoft's reference does not describe",
                "OnlyShowPhishingDisclaimer": RESERVED,
                "UserSubmissionOptions": RESERVED,
                "UserSubmissionOptionsMessage": RESERVED,
            },
        ),
        Part(
            "ReportSubmissionRule",
            (
                Field("Comments", Text(longest=1024)),
                Field("SentTo", ArrayOf(Name())),
            ),
            under="rule",
            points_at="ReportSubmissionPolicy",
            switched=True,
            life=Life.ONE,
            called="DefaultReportSubmissionRule",
            left_out={"Name": "there is one rule, and it keeps its name"},
        ),
    ),
)
