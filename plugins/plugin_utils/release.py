# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release as files."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

import yaml

from ..module_utils.catalogue.merge import drop_unused
from ..module_utils.deploy.release import build
from ..module_utils.render.validators import validator
from .plain import plain

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def documents(compose: Mapping[str, Any], budget: Mapping[str, Any], config: Mapping[str, str], directory: str) -> dict[str, Any]:
    """Return `files`, `exclusive`, `secrets` and `services` of a release below a project directory."""
    compose = drop_unused(plain(compose))
    release = build(compose, plain(budget), plain(config))
    definition, secrets = _without_secrets(release["compose"])
    contents = {
        "compose.yml": yaml.dump(definition, Dumper=_DUMPER, sort_keys=False, width=160, allow_unicode=True),
        "release.json": _json({"services": release["services"], "volumes": release["volumes"]}),
        "budget.json": _json(plain(budget)),
        **config,
    }
    return {
        "files": [_file(directory, path, content, definition) for path, content in sorted(contents.items())],
        "exclusive": [f"{directory}/config"],
        "secrets": secrets,
        "services": release["services"],
    }


def _file(directory: str, path: str, content: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    command = validator(path, definition)
    return {"path": f"{directory}/{path}", "content": content, **({"validate": command} if command else {})}


def _without_secrets(compose: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Take out how secrets are made: that is for the host, not for the definition that lies there."""
    compose = copy.deepcopy(compose)
    made = []
    for name, secret in (compose.get("secrets") or {}).items():
        recipe = secret.pop("x-secret", None)
        if recipe is not None:
            path = secret["file"].removeprefix("./").removeprefix("secrets/")
            content = recipe.get("content", f"@{name.split('__', 1)[-1]}@")
            made.append({"path": path, "content": content, "uid": recipe.get("uid", 0), "gid": recipe.get("gid", 0)})
    return compose, made


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"
