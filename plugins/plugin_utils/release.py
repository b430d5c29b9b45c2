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

from ..module_utils.backup.model import FILE, Setup
from ..module_utils.budget.model import Budget
from ..module_utils.budget.parse import BUDGET_KEY
from ..module_utils.catalog.certificates import AUTHORITY_KEY
from ..module_utils.catalog.credentials import content_of
from ..module_utils.catalog.merge import drop_unused
from ..module_utils.catalog.routes import KEY, ROUTES_KEY
from ..module_utils.compose.values import mapping
from ..module_utils.deploy.release import LiveState
from ..module_utils.deploy.released_files import FileDigest
from ..module_utils.problems import Problems
from ..module_utils.render import backup as backups
from ..module_utils.render import live_state as collector
from ..module_utils.render.alertmanager.settings import Settings
from ..module_utils.render.monitored import Monitored
from ..module_utils.render.release import build
from ..module_utils.render.scrape import vanished, watched
from ..module_utils.render.validators import validator
from ..module_utils.settings import backup as settings_of_backups
from ..module_utils.settings.sources import sources
from ..module_utils.typed import dump_fields
from .bundle import bundle
from .plain import plain

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def documents(
    compose: Mapping[str, Any],
    budget: Mapping[str, Any],
    config: Mapping[str, str],
    directory: str,
    live_state: bool = False,
    backup: Mapping[str, Any] | None = None,
    slices: bool = False,
) -> dict[str, Any]:
    """Return `files`, their `digests`, `exclusive`, `secrets`, `services`, `vanished` and `watched` of a release below a project directory.

    `backup` is `stack_backup`, `slices` tells whether the host has slices. `live_state` tells whether the host can write its services' live state; it does
    so where node-exporter passes it on.
    """
    compose = drop_unused(plain(compose))
    has_live_state = live_state and "node-exporter" in compose["services"]
    settings = Settings.of(compose.get("x-monitoring") or {}, name=str(compose.get("name") or ""))
    state = LiveState(project=settings.project, file=collector.FILE, backups=dict(settings.backups)) if has_live_state else None
    built = build(compose, plain(budget), plain(config), state)
    definition, secrets = _without_secrets(_without_routes(built.compose))
    contents = {
        "compose.yml": yaml.dump(definition, Dumper=_DUMPER, sort_keys=False, width=160, allow_unicode=True),
        "release.json": _json(built.release.to_dict()),
        "budget.json": _json(plain(budget)),
        **config,
    }
    files = [
        *(_file(directory, path, content, definition) for path, content in sorted(contents.items())),
        *(_collector(directory, settings.project) if has_live_state else []),
        *(_backup(plain(backup), compose, directory, settings.project, slices=slices) if backup else []),
    ]
    monitored = Monitored(budget=Budget.from_dict(plain(budget)), compose=definition, settings=settings)
    return {
        "files": files,
        "digests": [_digest(file) for file in files],
        "exclusive": [f"{directory}/config", f"{directory}/bin"],
        "secrets": secrets,
        "services": built.release.to_dict()["services"],
        "vanished": vanished(monitored),
        "watched": watched(monitored),
    }


def _file(directory: str, path: str, content: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    command = validator(path, definition)
    return {"path": f"{directory}/{path}", "content": content, **({"validate": command} if command else {})}


def _digest(file: Mapping[str, Any]) -> dict[str, Any]:
    content = base64.b64decode(file["content"]) if file.get("encoding") == "base64" else str(file["content"]).encode()
    return dump_fields(FileDigest.of(file["path"], content, file.get("mode", "0644")))


def _backup(written: Mapping[str, Any], compose: Mapping[str, Any], directory: str, project: str, *, slices: bool) -> list[dict[str, Any]]:
    """Return the program that backs up, what it has to know, and the units that start it."""
    said = settings_of_backups.parse(written, Problems())
    setup = Setup(
        project=project,
        directory=directory.rpartition("/")[0],
        repositories=said.repositories,
        retention=said.retention,
        sources=sources(compose, project, Problems(), directory),
        memory=said.memory,
        slices=slices,
        drill_memory=said.drill.memory,
    )
    units = backups.units(project, directory, said, slices=slices)
    return [
        {"path": f"{directory}/{FILE}", "content": _json(dump_fields(setup))},
        *_program(f"{directory}/{backups.PROGRAM}", backups.PROGRAM_OF, units),
    ]


def _collector(directory: str, project: str) -> list[dict[str, Any]]:
    """Return the program that looks at the services, and the units that start it."""
    return _program(f"{directory}/{collector.PROGRAM}", collector.PROGRAM_OF, collector.units(project, directory))


def _program(path: str, module: str, units: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a program made of a module of the core and what it imports, and the units of systemd that start it."""
    return [
        {"path": path, "content": base64.b64encode(bundle(module)).decode(), "encoding": "base64", "mode": "0755"},
        *({"path": unit, "content": content} for unit, content in units.items()),
    ]


def _without_routes(compose: Mapping[str, Any]) -> dict[str, Any]:
    """Take out how services can be routed, and who certifies them: what is of that is in the configuration of nginx and Certbot."""
    services = {
        name: {**service, BUDGET_KEY: {key: value for key, value in mapping(service.get(BUDGET_KEY)).items() if key != KEY}}
        for name, service in compose["services"].items()
    }
    return {**{key: value for key, value in compose.items() if key not in (ROUTES_KEY, AUTHORITY_KEY)}, "services": services}


def _without_secrets(compose: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Take out how secrets are made: that is for the host, not for the definition that lies there."""
    compose = copy.deepcopy(compose)
    made = []
    for name, secret in (compose.get("secrets") or {}).items():
        recipe = secret.pop("x-secret", None)
        if recipe is not None:
            path = secret["file"].removeprefix("./").removeprefix("secrets/")
            made.append({"path": path, "content": content_of(name, recipe), "uid": recipe.get("uid", 0), "gid": recipe.get("gid", 0)})
    return compose, made


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"
