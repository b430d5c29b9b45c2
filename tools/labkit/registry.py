# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry beside the lab host: it serves docker.io references as a mirror, the others under their host's name."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

from labkit import docker
from labkit.names import BASE_IMAGE, NETWORK, PUSH_TO, REGISTRY, REGISTRY_PORT, REGISTRY_VOLUME, SPEC_LABEL, STATE
from labkit.shell import LabError, run

PUSHED = STATE / "pushed.json"
MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


def start(base_spec: str, mode: str) -> None:
    """Built images and upstream ones bear the same names, so each mode has a volume of its own."""
    spec, volume = f"{base_spec}-{mode}", f"{REGISTRY_VOLUME}-{mode}"
    found = docker.container_spec(REGISTRY)
    if found != (spec, "running"):
        docker.remove_container(REGISTRY)
        docker.ensure_network(NETWORK)
        docker.ensure_volume(volume)
        run(
            [
                *("docker", "run", "-d", "--name", REGISTRY, "--hostname", REGISTRY, "--network", NETWORK),
                *("--label", f"{SPEC_LABEL}={spec}", "-p", f"127.0.0.1:{REGISTRY_PORT}:5000"),
                *("-v", f"{volume}:/var/lib/docker-registry", BASE_IMAGE),
                *("/usr/bin/docker-registry", "serve", "/etc/docker/registry/config.yml"),
            ],
            sentence=f"the registry did not start; is 127.0.0.1:{REGISTRY_PORT} taken (LAB_REGISTRY_PORT chooses another)?",
        )
    for _unused in range(60):
        if _ask("GET", "/v2/") is not None:
            return
        time.sleep(0.5)
    raise LabError(f"the registry does not answer on 127.0.0.1:{REGISTRY_PORT}; see 'docker logs {REGISTRY}'")


def path_of(reference: str) -> str:
    """Where a reference lies in the registry: docker.io at the top, every other host under its own name."""
    host, slash, rest = reference.partition("/")
    if not slash or not ("." in host or ":" in host):
        rest, host = reference, "docker.io"
    if host != "docker.io":
        return f"{host}/{rest}"
    return rest if "/" in rest else f"library/{rest}"


def holds(reference: str, spec: str) -> bool:
    """Whether the registry has this reference as it was pushed from this spec."""
    recorded = _recorded().get(reference)
    return recorded is not None and recorded["spec"] == spec and recorded["digest"] == _digest(reference)


def push(image: str, reference: str, spec: str) -> None:
    target = f"{PUSH_TO}/{path_of(reference)}"
    run(["docker", "tag", image, target], sentence=f"{image} could not be tagged {target}")
    run(["docker", "push", "-q", target], sentence=f"{reference} could not be pushed to the lab's registry")
    run(["docker", "rmi", target], sentence=f"the tag {target} could not be removed")
    record = _recorded()
    record[reference] = {"spec": spec, "digest": _digest(reference)}
    PUSHED.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _recorded() -> dict[str, dict[str, str]]:
    try:
        found: dict[str, dict[str, str]] = json.loads(PUSHED.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _digest(reference: str) -> str:
    name, _unused, tag = path_of(reference).rpartition(":")
    return _ask("HEAD", f"/v2/{name}/manifests/{tag}") or ""


def _ask(method: str, path: str) -> str | None:
    request = urllib.request.Request(f"http://{PUSH_TO}{path}", method=method, headers={"Accept": ", ".join(MANIFESTS)})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as reply:
            return str(reply.headers.get("Docker-Content-Digest", ""))
    except (urllib.error.URLError, OSError):
        return None
