# Copyright: (c) 2026, the m365.defender contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant starts from: seeds (by name or file) and the tables of a fresh tenant."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from .clouds import CLOUDS, COMMERCIAL

HERE = Path(__file__).resolve().parent
TABLES = HERE / "tables"
SEEDS = HERE / "seeds"
FRESH_E5: dict[str, Any] = {
    "description": "A new tenant with Microsoft 365 E5 in which nobody has configured anything.",
    "licences": ["SPE_E5"],
}
KEYS = frozenset({"description", "based_on", "licences", "identities", "certificate", "presets", "objects", "cloud"})

_loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ANNOTATION = re.compile(r"@(?:odata|data)\.type$")


class SeedError(ValueError):
    """A seed that cannot be read; the text says which and why."""


@dataclass(frozen=True)
class Seed:
    """A tenant's beginning. `objects` maps a noun to the JSON text of its rows, so that many tenants can share one seed cheaply."""

    name: str
    description: str = ""
    licences: tuple[str, ...] = ()
    identities: dict[str, dict[str, Any]] = field(default_factory=dict)
    certificate: str = ""
    presets: tuple[str, ...] = ()
    cloud: str = COMMERCIAL
    objects: dict[str, str] = field(default_factory=dict)


@cache
def table(name: str) -> dict[str, Any]:
    """A table of emulator/tables by name, read once."""
    path = TABLES / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def without_annotations(value: Any) -> Any:
    """The same value without the keys that only tell a property's type on the wire."""
    if isinstance(value, dict):
        return {key: without_annotations(part) for key, part in value.items() if not _ANNOTATION.search(key)}
    if isinstance(value, list):
        return [without_annotations(part) for part in value]
    return value


def plans_of(licences: tuple[str, ...] | list[str]) -> frozenset[str]:
    """The service plans that come with these products. Raises SeedError for a product that the licence table does not know."""
    skus = table("licences")["skus"]
    unknown = [name for name in licences if name not in skus]
    if unknown:
        raise SeedError(f"unknown licence {unknown[0]!r}")
    return frozenset(plan for name in licences for plan in skus[name]["plans"])


def load_seed(name: str) -> Seed:
    """The seed of that name, or in that file. Raises SeedError when there is none or its content is wrong."""
    path = Path(name)
    if path.suffix not in {".yml", ".yaml", ".json"}:
        path = SEEDS / f"{name}.yml"
    if not path.is_file():
        if name == "fresh_e5":
            return parse_seed(name, FRESH_E5)
        known = ", ".join(sorted(found.stem for found in SEEDS.glob("*.yml")))
        raise SeedError(f"there is no seed {name!r}; known: {known}; or give the path of a .yml or .json file")
    return _read(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: str, _changed: int) -> Seed:
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_loader)  # noqa: S506  # a safe loader, in C where there is one
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SeedError(f"{path}: {error}") from error
    return parse_seed(Path(path).stem, content)


def parse_seed(name: str, content: Any) -> Seed:
    """A Seed from its content (the mapping that a seed file holds). Raises SeedError."""
    if not isinstance(content, dict):
        raise SeedError(f"seed {name}: a mapping is wanted")
    strange = set(content) - KEYS
    if strange:
        raise SeedError(f"seed {name}: unknown key {sorted(strange)[0]!r}; known: {', '.join(sorted(KEYS))}")
    base = load_seed(content["based_on"]) if content.get("based_on") else Seed(name)
    objects = content.get("objects") or {}
    if not isinstance(objects, dict) or not all(isinstance(rows, list) for rows in objects.values()):
        raise SeedError(f"seed {name}: objects maps a noun to a list of objects")
    licences = tuple(content["licences"] or ()) if "licences" in content else base.licences
    plans_of(licences)
    cloud = content.get("cloud", base.cloud)
    if cloud not in CLOUDS:
        raise SeedError(f"seed {name}: unknown cloud {cloud!r}; known: {', '.join(CLOUDS)}")
    return Seed(
        name=name,
        description=content.get("description", ""),
        licences=licences,
        identities={**base.identities, **(content.get("identities") or {})},
        certificate=content.get("certificate", base.certificate),
        presets=tuple(content.get("presets", base.presets) or ()),
        cloud=cloud,
        objects={**base.objects, **{noun: json.dumps(without_annotations(rows), default=str) for noun, rows in objects.items()}},
    )
