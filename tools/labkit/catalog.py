# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which image references the catalog asks for: the lab never repeats them."""

from __future__ import annotations

import yaml

from labkit.names import FRAGMENTS
from labkit.shell import LabError

OWN = "docker.io/ziggie/"


def references() -> dict[str, str]:
    """Service name to image reference, in the catalog's order of names."""
    found: dict[str, str] = {}
    for path in sorted(FRAGMENTS.glob("*.yml")):
        fragment = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for name, service in (fragment.get("services") or {}).items():
            if isinstance(service, dict) and isinstance(service.get("image"), str):
                found[name] = service["image"]
    if not found:
        raise LabError(f"{FRAGMENTS} holds no service with an image; the lab has nothing to build")
    return found


def optional() -> set[str]:
    """The services that are part of a stack only where an inventory includes them."""
    services = [yaml.safe_load(path.read_text(encoding="utf-8"))["services"] for path in FRAGMENTS.glob("*.yml")]
    return {name for found in services for name, service in found.items() if service.get("x-budget", {}).get("optional")}


def registry_hosts(references_: dict[str, str]) -> list[str]:
    """The registries other than docker.io that the catalog pulls from."""
    hosts = {reference.partition("/")[0] for reference in references_.values() if "/" in reference}
    return sorted(host for host in hosts if "." in host and host != "docker.io")
