# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run deploys: the Compose definition with our labels, and what each container must then look like."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..budget.units import parse_cpus, parse_size
from ..engine.live import LABEL_PREFIX

TIERS = ("critical", "workflow", "management")

# Compose's condition for a dependency that only has to run; the others are service_healthy and service_completed_successfully.
STARTED = "service_started"

# These the engine can change on a running container; a change of these alone recreates nothing.
IN_PLACE = ("mem_limit", "memswap_limit", "mem_reservation", "cpu_shares", "cpus", "cpuset", "pids_limit")


def build(compose: Mapping[str, Any], budget: Mapping[str, Any], config: Mapping[str, str]) -> dict[str, Any]:
    """Make a release of a compiled Compose definition.

    `config` maps paths relative to the project directory (`config/redis/redis.conf`) to contents. Returns `compose` (the
    definition with each service's labels), `volumes` (the directory of each bound volume), and `services`, for each one its
    `tier`, `image`, `parts` (all that needs a new container when it changes), `definition` (their hash), `limits` in the
    engine's units, `probe` (whether health can be asked), `replicas` (how many containers), `secrets` (relative paths),
    `follows` (services whose new container it needs to see from its start: `depends_on` with `restart: true`), `after` (what it is started after, each with
    Compose's condition), `ends` (whether it is a job that may end) and `by_compose` (whether only Compose can start it).
    """
    compose = copy.deepcopy(dict(compose))
    services = {}
    for name, service in compose.get("services", {}).items():
        parts = _parts(name, service, compose, config)
        desired = {
            "tier": budget["services"][name]["tier"],
            "image": service.get("image", ""),
            "definition": _hash(parts),
            "parts": parts,
            "limits": limits(service),
            "probe": _has_probe(service),
            "replicas": budget["services"][name].get("replicas", 1),
            "secrets": sorted(_secret_files(service, compose)),
            "follows": sorted(_followed(service)),
            "after": _after(service),
            "ends": _ends(service),
            "by_compose": _by_compose(service, compose),
        }
        service["labels"] = _labels(service.get("labels"), desired, budget["services"][name])
        services[name] = desired
    return {"compose": compose, "services": services, "volumes": directories(compose)}


def limits(service: Mapping[str, Any]) -> dict[str, int | str]:
    """Return a Compose service's limits as the engine reports them: bytes, shares, millicores, counts; 0 is none.

    `cpuset` is the list of cores that it may use, empty for all.
    Where nothing is said of swap it is -1: the host cannot limit it, and nobody compares it.
    """
    blkio = service.get("blkio_config") or {}
    return {
        "memory": parse_size(service.get("mem_limit", 0), allow_zero=True),
        "memory_swap": parse_size(service["memswap_limit"], allow_zero=True) if "memswap_limit" in service else -1,
        "memory_reservation": parse_size(service.get("mem_reservation", 0), allow_zero=True),
        "cpu_shares": int(service.get("cpu_shares", 0)),
        "cpu_quota": parse_cpus(service.get("cpus", 0), allow_zero=True),
        "pids": max(int(service.get("pids_limit") or 0), 0),
        "io_weight": int(blkio.get("weight", 0)),
        "oom_score_adj": int(service.get("oom_score_adj", 0)),
        "cpuset": str(service.get("cpuset") or ""),
    }


def _parts(name: str, service: Mapping[str, Any], compose: Mapping[str, Any], config: Mapping[str, str]) -> dict[str, Any]:
    """Return all that needs a new container, flat, so that a plan can name what changes."""
    volumes = compose.get("volumes") or {}
    return {
        **{key: value for key, value in service.items() if key not in (*IN_PLACE, "environment", "labels") and not key.startswith("x-")},
        **{f"environment.{key}": value for key, value in _pairs(service.get("environment")).items()},
        **{f"labels.{key}": value for key, value in _pairs(service.get("labels")).items()},
        **{
            f"volume {volume}": volumes[volume] for volume in volumes if any(_mounts(entry, volume) for entry in service.get("volumes", []))
        },
        **{path: fingerprint(content) for path, content in config.items() if path.startswith(f"config/{name}/")},
        "networks of the stack": compose.get("networks") or {},
    }


def _pairs(written: Any) -> dict[str, str]:
    if isinstance(written, list):
        return dict(entry.split("=", 1) if "=" in entry else (entry, "") for entry in written)
    return {str(key): str(value) for key, value in (written or {}).items()}


def directories(compose: Mapping[str, Any]) -> dict[str, str]:
    """Return where each volume that is bound to a directory keeps its data."""
    return {
        name: str(volume["driver_opts"]["device"])
        for name, volume in (compose.get("volumes") or {}).items()
        if volume and "device" in (volume.get("driver_opts") or {})
    }


def _mounts(entry: Any, volume: str) -> bool:
    source = entry.get("source") if isinstance(entry, Mapping) else str(entry).split(":", 1)[0]
    return bool(source == volume)


def fingerprint(content: str) -> str:
    """Return what a release remembers of a configuration file's content."""
    return _hash(content)[:12]


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _has_probe(service: Mapping[str, Any]) -> bool:
    probe = service.get("healthcheck") or {}
    return not probe.get("disable", False) and probe.get("test") not in (["NONE"], "NONE") and bool(probe.get("test"))


def _followed(service: Mapping[str, Any]) -> list[str]:
    dependencies = service.get("depends_on") or {}
    if not isinstance(dependencies, Mapping):
        return []
    return [name for name, dependency in dependencies.items() if (dependency or {}).get("restart")]


def _after(service: Mapping[str, Any]) -> dict[str, str]:
    """Return Compose's condition by the name of each service that this one is started after, written or implied."""
    found = dict.fromkeys(_shared(service), STARTED)
    dependencies = service.get("depends_on") or {}
    for name in dependencies:
        written = dependencies[name] if isinstance(dependencies, Mapping) else None
        found[name] = (written or {}).get("condition", STARTED)
    return dict(sorted(found.items()))


def _shared(service: Mapping[str, Any]) -> list[str]:
    """Name the services whose namespaces or volumes a service uses; their containers have to be there first."""
    modes = [str(service.get(key) or "") for key in ("network_mode", "ipc", "pid")]
    volumes = [str(entry) for entry in service.get("volumes_from") or [] if not str(entry).startswith("container:")]
    return [
        *(mode.removeprefix("service:") for mode in modes if mode.startswith("service:")),
        *(str(entry).split(":", 1)[0] for entry in (*volumes, *(service.get("links") or []))),
    ]


def _ends(service: Mapping[str, Any]) -> bool:
    # YAML 1.1 reads a bare `no` as false.
    policy = str(service.get("restart") or "no").split(":", 1)[0]
    return policy in ("no", "on-failure") and not _has_probe(service)


def _by_compose(service: Mapping[str, Any], compose: Mapping[str, Any]) -> bool:
    """Tell whether Compose does more than to start the container: it runs hooks, and copies what is in no file of the host."""
    for section in ("secrets", "configs"):
        declared = compose.get(section) or {}
        for entry in service.get(section) or []:
            definition = declared.get(entry["source"] if isinstance(entry, Mapping) else entry) or {}
            if "content" in definition or "environment" in definition:
                return True
    return bool(service.get("post_start") or service.get("provider"))


def _secret_files(service: Mapping[str, Any], compose: Mapping[str, Any]) -> list[str]:
    declared = compose.get("secrets") or {}
    names = [entry["source"] if isinstance(entry, Mapping) else entry for entry in service.get("secrets", [])]
    return [str(declared[name]["file"]).removeprefix("./") for name in names if "file" in declared.get(name, {})]


def _labels(written: Any, desired: Mapping[str, Any], share: Mapping[str, Any]) -> dict[str, str]:
    return {
        **_pairs(written),
        LABEL_PREFIX + "tier": share["tier"],
        LABEL_PREFIX + "priority": share["priority"],
        LABEL_PREFIX + "definition": desired["definition"],
    }
