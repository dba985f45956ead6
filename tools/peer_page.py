# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the page that says which checks of other products a tenant passes after a run of the role email_protection.

python tools/peer_page.py            # write the page
python tools/peer_page.py --check    # only say whether it is in step; exit code 1 when it is not

Nothing on the page is typed by hand: emulated tenants are brought to each state, read back, and held against the checks.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.workspace import environment, link_tree  # noqa: E402  # found by the path above

if __name__ == "__main__":  # in tests, tests/conftest.py has done so
    from ansible.plugins.loader import init_plugin_loader

    os.environ.update(environment())
    init_plugin_loader([str(link_tree())])

from ansible_collections.m365.defender.plugins.plugin_utils._found import Found  # noqa: E402  # found by what stands above
from emulator.testing import Emulator  # noqa: E402  # found by what stands above
from tests.unit.peers.evaluate import Check, Verdict, checks, evaluate, sources  # noqa: E402  # found by what stands above
from tests.unit.peers.states import STATES, tenant_in  # noqa: E402  # found by what stands above

PAGE = ROOT / "docs" / "docsite" / "rst" / "peer_checks.rst"
WORDS = {True: "yes", False: "no", None: "open"}
PLANS = {"plan1": "Plan 1", "plan2": "Plan 2", "e5": "Safe Documents"}
BECAUSE = {
    "microsoft": "Not Microsoft's value.",
    "tenant": "The tenant's to say.",
    "portal": "Portal only.",
    "elsewhere": "Not set by this collection.",
    "peer": "The product's way of testing.",
}
# Why a check is met by presets alone, by its way of reading.
ONLY_PRESETS = {
    "preset_pair": "Looks for policies of both presets, which exist once somebody has switched each of them on in the portal.",
    "both_presets": "Looks at the policies of both presets, which exist once somebody has switched each of them on in the portal.",
    "preset_rules": "Looks at presets only.",
    "covers_everyone": "Counts a policy of the tenant's own only if its rule has no condition, and the service makes no such rule.",
    "applied": "Judges Built-in protection too, which nobody can change, unless a preset is on.",
}
# Why a check is met without presets alone.
NO_PRESETS = {
    "rules": "Wants each domain named in a rule, and a preset for everybody names none.",
    "applied": "Judges the Standard preset too, as long as that is on as well.",
}
HEAD = """\
.. Copyright: (c) 2026, the m365.defender contributors
   GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later

.. Made by tools/peer_page.py from tests/unit/peers/checks.yml and emulated tenants. Change those, not this page.

.. _ansible_collections.m365.defender.docsite.peer_checks:

What other products check
=========================

Other products judge the settings that the role ``email_protection`` makes. Each of their checks stands here with what it says of an
emulated tenant after one run of the role. Their rules were read from their public code and are evaluated here without the products
themselves, so a real scan may differ, most of all where a product is newer than the date given.

Microsoft's recommendation comes first: an overlay adds what another body wants beyond it and never bends it.
"""


@dataclass(frozen=True)
class Results:
    """By state: what each check says, and what the role decided (None where it did not run)."""

    verdicts: Mapping[str, Mapping[Check, Verdict]]
    decided: Mapping[str, Found | None]

    def met(self, check: Check) -> dict[str, bool | None]:
        return {state: verdicts[check].met for state, verdicts in self.verdicts.items()}

    def never(self) -> list[Check]:
        """The checks that are met in no state."""
        return [check for check in in_scope() if not any(self.met(check).values())]


def in_scope() -> list[Check]:
    return [check for check in checks() if check.in_scope]


def results() -> Results:
    """Brings an emulated tenant to each state and asks every check."""
    verdicts, decided = {}, {}
    with Emulator.start() as emulator, tempfile.TemporaryDirectory() as folder:
        for name, state in STATES.items():
            place = Path(folder) / name
            place.mkdir(mode=0o700)
            tenant, decided[name] = tenant_in(state, emulator, place)
            verdicts[name] = {check: evaluate(check, tenant) for check in in_scope()}
    return Results(verdicts, decided)


def why(check: Check, met: Mapping[str, bool | None]) -> str:
    """Why a check is not met everywhere; "" when that is plain. Raises ValueError when there is no reason to give."""
    if not any(met.values()):
        if check.because is None:
            raise ValueError(f"{check.source} {check.id}: met nowhere, and nobody says why")
        return f"{BECAUSE[check.because.kind]} {check.because.text}"
    if met["full"] and met["presets"]:
        return ""
    reasons = NO_PRESETS if met["full"] else ONLY_PRESETS
    if check.reads not in reasons:
        raise ValueError(f"{check.source} {check.id}: met in some states, and nobody says why not in the others")
    return reasons[check.reads]


def page(found: Results) -> str:
    """The whole page."""
    lines = [HEAD, *_title("The states"), *_states(found), *_title("How many are met"), *_summary(found), *_title("Met in no state")]
    lines += [f"{len(found.never())} of {len(in_scope())} checks, none of them for want of a setting that could be made:", ""]
    lines += _table("auto", ("Check", "Why"), ((_name(one), _plain(why(one, found.met(one)))) for one in found.never()))
    for source, about in sources().items():
        lines += [*_title(f"{about['name']}"), f"Read from ``{about['repository']}``, {_paths(about['paths'])}, as of {about['date']}.", ""]
        rows = []
        for check in (one for one in in_scope() if one.source == source):
            met = found.met(check)
            remark = " ".join(text for text in (why(check, met), check.remark) if text)
            rows.append((_name(check), *(WORDS[one] for one in met.values()), _plain(remark)))
        widths = "30" + " 7" * len(STATES) + " 28"
        lines += _table(widths, ("Check", *(state.title for state in STATES.values()), "Remark"), rows)
        outside = [one for one in checks() if one.source == source and not one.in_scope]
        if outside:
            listed = "; ".join(f"{one.id} ({one.title})" for one in outside)
            lines += [_plain(f"Not about what this collection sets: {listed}."), ""]
    return "\n".join(lines).rstrip() + "\n"


def _states(found: Results) -> list[str]:
    lines = _table("auto", ("State", "What was asked for"), ((state.title, state.text) for state in STATES.values()))
    lines += ["The role writes nothing where everybody has the target's settings already. In these runs it left alone:", ""]
    for name, decided in found.decided.items():
        by_kind: dict[str, list[str]] = {}
        for one in decided.covered if decided else ():
            by_kind.setdefault(str(one["by"]), []).append(f"``{one['kind']}``")
        if by_kind:
            told = "; ".join(f"{', '.join(kinds)} because of {_plain(who)}" for who, kinds in by_kind.items())
            lines += [f"* {STATES[name].title}: {told}"]
    return [*lines, "", 'In the tables "open" means that only the tenant, or a person, can tell.', ""]


def _summary(found: Results) -> list[str]:
    rows = []
    for source, about in sources().items():
        asked = [one for one in in_scope() if one.source == source]
        rows.append((_plain(about["name"]), str(len(asked)), *_counts(found, asked)))
    rows.append(("All", str(len(in_scope())), *_counts(found, in_scope())))
    return _table("auto", ("Product", "Checks", *(state.title for state in STATES.values())), rows)


def _counts(found: Results, asked: Iterable[Check]) -> list[str]:
    listed = list(asked)
    return [str(sum(verdicts[check].met is True for check in listed)) for verdicts in found.verdicts.values()]


def _name(check: Check) -> str:
    needs = f" ({PLANS[check.plan]})" if check.plan in PLANS else ""
    return f"``{check.id}`` {_plain(check.title)}{needs}"


def _paths(paths: Iterable[str]) -> str:
    return ", ".join(f"``{path}``" for path in paths)


def _title(text: str) -> list[str]:
    return [_plain(text), "-" * len(_plain(text)), ""]


def _table(widths: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in (heads, *rows):
        first, *others = row
        lines += [f"   * - {first}", *(f"     - {one}".rstrip() for one in others)]
    return [*lines, ""]


def _plain(text: Any) -> str:
    """One line in which nothing is markup."""
    return re.sub(r"([\\*`|_])", r"\\\1", " ".join(str(text).split()))


def main(arguments: Sequence[str]) -> int:
    text = page(results())
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        sys.stderr.write(f"{PAGE.relative_to(ROOT)} is not in step with the role and the checks: run tools/peer_page.py\n")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
