# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release as files."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Mapping
from typing import Any

import yaml

from ..module_utils.catalogue.merge import drop_unused
from ..module_utils.deploy.release import build
from ..module_utils.render import live_state as collector
from ..module_utils.render.alerts.monitoring import vanished
from ..module_utils.render.validators import validator
from ..module_utils.render.watched import Watched
from .bundle import bundle
from .plain import plain

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def documents(
    compose: Mapping[str, Any], budget: Mapping[str, Any], config: Mapping[str, str], directory: str, live_state: bool = False
) -> dict[str, Any]:
    """Return `files`, `exclusive`, `secrets`, `services` and `vanished` of a release below a project directory.

    `live_state` tells whether the host can write its services' live state; it does so where node-exporter passes it on.
    """
    compose = drop_unused(plain(compose))
    release = build(compose, plain(budget), plain(config))
    definition, secrets = _without_secrets(release["compose"])
    looked_at = live_state and "node-exporter" in definition["services"]
    settings = compose.get("x-monitoring") or {}
    project = str(settings.get("project") or compose.get("name") or "ziggie")
    remembered = {"live_state": collector.settings(project, settings.get("backups") or {})} if looked_at else {}
    contents = {
        "compose.yml": yaml.dump(definition, Dumper=_DUMPER, sort_keys=False, width=160, allow_unicode=True),
        "release.json": _json({"services": release["services"], "volumes": release["volumes"], **remembered}),
        "budget.json": _json(plain(budget)),
        **config,
    }
    return {
        "files": [
            *(_file(directory, path, content, definition) for path, content in sorted(contents.items())),
            *(_collector(directory, project) if looked_at else []),
        ],
        "exclusive": [f"{directory}/config", f"{directory}/bin"],
        "secrets": secrets,
        "services": release["services"],
        "vanished": vanished(Watched(budget=budget, compose=definition, settings=settings)),
    }


def _file(directory: str, path: str, content: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    command = validator(path, definition)
    return {"path": f"{directory}/{path}", "content": content, **({"validate": command} if command else {})}


def _collector(directory: str, project: str) -> list[dict[str, Any]]:
    """Return the program that looks at the services, and the units that start it."""
    program = base64.b64encode(bundle(collector.PROGRAM_OF)).decode()
    return [
        {"path": f"{directory}/{collector.PROGRAM}", "content": program, "encoding": "base64", "mode": "0755"},
        *({"path": path, "content": content} for path, content in collector.units(project, directory).items()),
    ]


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
