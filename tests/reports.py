# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds reports against the schema that is published, and against a stricter one that knows no further keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tools.workspace import ROOT

SCHEMA = ROOT / "docs" / "report.schema.json"


@cache
def schema() -> dict[str, Any]:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def closed(value: Any) -> Any:
    """The same schema, in which every object has the properties that are described and no others."""
    if isinstance(value, list):
        return [closed(one) for one in value]
    if not isinstance(value, dict):
        return value
    result = {name: closed(one) for name, one in value.items()}
    if isinstance(value.get("properties"), dict) and value.get("type") == "object":
        result["additionalProperties"] = False
    return result


@cache
def _validator(strict: bool) -> Draft202012Validator:
    return Draft202012Validator(closed(schema()) if strict else schema(), format_checker=FormatChecker())


def faults_in(report: Mapping[str, Any], strict: bool = True) -> list[str]:
    """What is wrong with a report, each with its place in it."""
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in _validator(strict).iter_errors(report)]
