# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan file's part of one host from what a run's tasks returned, and the file itself."""

from __future__ import annotations

import json
import os
import secrets as random
import stat
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..module_utils.deploy.release import services_of
from ..module_utils.deploy.released_files import FileDigest
from ..module_utils.engine.container import containers
from ..module_utils.host import atomic
from ..module_utils.plan.contract import Contract, ContractError, HostPlan, Key, host_plan
from ..module_utils.typed import load
from .plain import plain
from .plan import Answers, plan_of

# What is wanted of the host itself, beside its files. What is missing of packages, devices and moves follows from its state: the plan's actions tell it.
_WANTED = ("directories", "settings")
_MOST = 64 << 20


def contract_of(answers: Answers, *, credentials: Mapping[str, Any], hooks: Any = ()) -> HostPlan:
    """Return a plan file's part of one host. Raises `ContractError`, and `ValueError` with the path of what cannot be read."""
    found, released = answers.prepared, answers.release
    engine = found["host"]["engine"]
    documents = [{key: one.get(key) for key in ("path", "content", "mode", "state")} for one in found["files"]]
    return host_plan(
        plan_of(answers),
        key=Key(machine=str(found["host"].get("machine", ""))),
        wanted={"files": documents, **{name: found[name] for name in _WANTED}},
        services=services_of(released.get("services", {}), "services"),
        files=load(list[FileDigest], released.get("digests", []), "digests"),
        containers=containers(answers.live.get("containers", [])),
        secrets=answers.secrets,
        recipes=released.get("secrets", []),
        credentials=plain(credentials),
        hooks=plain(hooks),
        versions=(str(engine.get("version", "")), str(engine.get("compose_version", ""))),
    )


def write(path: str, plans: Iterable[HostPlan]) -> Contract:
    """Write a plan file, for its owner alone. Raises `ContractError`."""
    contract = Contract.of(plans, collection=version(), nonce=random.token_hex(16), now=datetime.now(UTC))
    place = Path(path)
    try:
        if place.exists() and not place.is_file():
            raise ContractError(f"{path} is not a file; name one that may be written")
        atomic.write(place, contract.text().encode(), atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o600))
    except OSError as error:
        raise ContractError(
            f"{path} cannot be written ({error.strerror}); name a file in a directory that exists and may be written"
        ) from None
    return contract


def read(path: str) -> Contract:
    """Return what a plan file holds. Raises `ContractError`."""
    try:
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST:
            raise ContractError("it is no plan file; ansible-playbook ziggie.stack.plan -e plan_file=FILE writes one")
        return Contract.parse(Path(path).read_bytes(), collection=version())
    except OSError as error:
        raise ContractError(f"it cannot be read ({error.strerror}); name a file that ansible-playbook ziggie.stack.plan wrote") from None


@cache
def version() -> str:
    """Return the collection's version: a built one tells it in MANIFEST.json, a checkout in galaxy.yml."""
    root = Path(__file__).resolve().parents[2]
    manifest = root / "MANIFEST.json"
    if manifest.exists():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    return str(yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"])
