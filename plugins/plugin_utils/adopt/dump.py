# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data as YAML that Ansible and Compose read alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


class _Short(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes lists farther in than what they belong to, as yamllint wants it, and no anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never leave a list at its key's own indentation."""
        del indentless
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        del data
        return True


_Dumper.add_representer(_Short, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True))


def dump(fragment: Mapping[str, Any]) -> str:
    """Return a fragment as a YAML document, the figures of its budgets on one line each."""
    services = {
        name: {key: _shortened(value) if key == "x-budget" else value for key, value in service.items()}
        for name, service in fragment.get("services", {}).items()
    }
    data = {**fragment, "services": services} if services else dict(fragment)
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
    return f"---\n{text}"


def _shortened(budget: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _Short(value) if isinstance(value, Mapping) and key != "storage" else value for key, value in budget.items()}
