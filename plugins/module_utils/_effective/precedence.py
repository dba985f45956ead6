# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies of one type in the order in which the service asks them. Pure; private to the collection.

Strict preset, Standard preset, policies of an evaluation, custom policies by priority, then Built-in protection or the default policy. Only
the first that covers a recipient counts, nothing is merged. [doc] how-policies-and-protections-are-combined, preset-security-policies
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.m365.defender.plugins.module_utils._effective.matching import FROM, TO, Terms, Truth
from ansible_collections.m365.defender.plugins.module_utils._resource import Row
from ansible_collections.m365.defender.plugins.module_utils._types import folded

STRICT, STANDARD, EVALUATION, CUSTOM, BUILT_IN, DEFAULT, NOBODY = (
    "strict",
    "standard",
    "evaluation",
    "custom",
    "built_in",
    "default",
    "nobody",
)
PRESETS = {STRICT: "Strict Preset Security Policy", STANDARD: "Standard Preset Security Policy"}


@dataclass(frozen=True)
class Threat:
    """One type of policy. preset: the noun of the preset's rule, "" where presets have none of it. built_in: the noun of the rule of
    Built-in protection, "" where a default policy takes its place.

    blank: what a custom rule without conditions covers: everybody [doc] safe-links-policies-configure and
    safe-attachments-policies-configure, of the others nothing is said. counts: whether it is part of the verdict on a recipient.
    """

    kind: str
    title: str
    noun: str
    rule: str
    preset: str = ""
    built_in: str = ""
    blank: Truth = None
    words: tuple[str, str, str] = TO
    counts: bool = True

    @property
    def nouns(self) -> tuple[str, ...]:
        return tuple(noun for noun in (self.noun, self.rule, self.preset, self.built_in) if noun)


EOP, ATP, BUILT = "EOPProtectionPolicyRule", "ATPProtectionPolicyRule", "ATPBuiltInProtectionRule"
THREATS = (
    Threat("malware_filter_policy", "Anti-malware", "MalwareFilterPolicy", "MalwareFilterRule", EOP),
    Threat("hosted_content_filter_policy", "Anti-spam", "HostedContentFilterPolicy", "HostedContentFilterRule", EOP),
    Threat("anti_phish_policy", "Anti-phishing", "AntiPhishPolicy", "AntiPhishRule", EOP),
    Threat("safe_attachment_policy", "Safe Attachments", "SafeAttachmentPolicy", "SafeAttachmentRule", ATP, BUILT, True),
    Threat("safe_links_policy", "Safe Links", "SafeLinksPolicy", "SafeLinksRule", ATP, BUILT, True),
    Threat(
        "hosted_outbound_spam_filter_policy",
        "Outbound spam",
        "HostedOutboundSpamFilterPolicy",
        "HostedOutboundSpamFilterRule",
        words=FROM,
        counts=False,
    ),
)


@dataclass(frozen=True, eq=False)
class Link:
    """One policy in the chain, with the name of the rule that says whom it is for. out: why nobody gets it, "" when somebody may.

    terms: whom the rule is for; None covers everybody who gets this far. blank: what the rule covers when it has no condition.
    """

    by: str
    policy: str = ""
    row: Row | None = None
    rule: str = ""
    terms: Terms | None = None
    out: str = ""
    blank: Truth = True


def chain(threat: Threat, rows: Mapping[str, Sequence[Row]]) -> tuple[Link, ...]:
    """Every policy of a type in the order of precedence. rows: those of each noun of the type."""
    policies = {folded(_name(row)): row for row in rows[threat.noun]}
    links = [_preset(threat, by, rows, policies) for by in PRESETS] if threat.preset else []
    own = sorted(rows[threat.rule], key=lambda rule: int(rule.get("Priority") or 0))
    custom = [_custom(threat, rule, policies) for rule in own]
    # How an evaluation's policies are marked is a guess; Microsoft says only where they stand.
    evaluated = [link for link in custom if link.row is not None and folded(link.row.get("RecommendedPolicyType")) == EVALUATION]
    links += [replace(link, by=EVALUATION) for link in evaluated]
    links += [link for link in custom if link not in evaluated]
    links += _unruled(threat, rows, links)
    return (*links, *_last(threat, rows, policies))


def _preset(threat: Threat, by: str, rows: Mapping[str, Sequence[Row]], policies: Mapping[str, Row]) -> Link:
    title = PRESETS[by]
    rule = next((row for row in rows[threat.preset] if folded(_name(row)) == folded(title)), None)
    if rule is None:
        there = any(folded(row.get("RecommendedPolicyType")) == by for row in policies.values())
        return Link(by, out="the preset has no rule: it is off" if there else "the preset was never turned on")
    return _ruled(threat, by, rule, policies, blank=True)


def _custom(threat: Threat, rule: Row, policies: Mapping[str, Row]) -> Link:
    return _ruled(threat, CUSTOM, rule, policies, threat.blank)


def _ruled(threat: Threat, by: str, rule: Row, policies: Mapping[str, Row], blank: Truth) -> Link:
    name = str(rule.get(threat.noun) or "")
    row = policies.get(folded(name))
    out = ""
    if folded(rule.get("State")) == "disabled":
        out = "the preset is off" if by in PRESETS else "its rule is disabled"
    elif row is None:
        out = "its policy does not exist any more"
    return Link(by, str(row.get("Name") or name) if row else name, row, _name(rule), Terms.of(rule, threat.words), out, blank)


def _name(row: Row) -> str:
    return str(row.get("Name") or row.get("Identity") or "")


def _unruled(threat: Threat, rows: Mapping[str, Sequence[Row]], links: Sequence[Link]) -> list[Link]:
    """Custom policies without a rule, which nobody gets."""
    ruled = {folded(link.policy) for link in links}
    return [
        Link(CUSTOM, _name(row), row, out="it has no rule")
        for row in rows[threat.noun]
        if folded(_name(row)) not in ruled
        and not row.get("IsDefault")
        and not row.get("IsBuiltInProtection")
        and folded(row.get("RecommendedPolicyType") or CUSTOM) == CUSTOM
        and not (threat.built_in and _is_built_in(row))
    ]


def _last(threat: Threat, rows: Mapping[str, Sequence[Row]], policies: Mapping[str, Row]) -> list[Link]:
    """What everybody gets whom nothing else covers: Built-in protection but for its exceptions, or the default policy."""
    if not threat.built_in:
        row = next((row for row in rows[threat.noun] if row.get("IsDefault")), None)
        return [Link(DEFAULT, _name(row or {}), row, out="" if row else "the service shows no default policy")]
    rule = next(iter(rows[threat.built_in]), None)
    row = policies.get(folded((rule or {}).get(threat.noun))) or next((row for row in policies.values() if _is_built_in(row)), None)
    if row is None:
        return [Link(BUILT_IN, out="the service shows no policy of Built-in protection")]
    return [Link(BUILT_IN, _name(row), row, _name(rule or {}), Terms.of(rule or {})), Link(NOBODY)]


def _is_built_in(row: Row) -> bool:
    return row.get("IsBuiltInProtection") is True or folded(row.get("Name")) == folded("Built-In Protection Policy")
