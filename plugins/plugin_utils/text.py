# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents as the text of a file. The same document always gives the same bytes."""

from __future__ import annotations

import json
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):
    """Writes text of several lines as a block, and a value that two places share twice: no reader has to know aliases."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Return that nothing is an alias."""
        return True


def _string(dumper: _Dumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _string)


def text(path: str, document: Any) -> str:
    """Return a document in the format that its path ends in: JSON with sorted keys, or YAML in the order it was made."""
    if path.endswith(".json"):
        return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True, explicit_start=True)


def check(source: str, name: str, content: str) -> None:
    """Raise `ValueError` where the content of a file of JSON or YAML does not parse."""
    try:
        if name.endswith(".json"):
            json.loads(content)
        elif name.endswith((".yml", ".yaml")):
            yaml.load(content, Loader=_LOADER)  # a safe loader
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{source} does not parse: {' '.join(str(error).split())}") from error
