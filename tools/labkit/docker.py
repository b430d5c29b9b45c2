# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few questions and orders that the lab has for the engine."""

from __future__ import annotations

import json
from pathlib import Path

from labkit.names import SPEC_LABEL, STATE
from labkit.shell import answer, run, succeeds


def image_spec(reference: str) -> str | None:
    """The spec that an image was made from, or None if there is no such image."""
    return answer(["docker", "image", "inspect", "-f", f'{{{{index .Config.Labels "{SPEC_LABEL}"}}}}', reference])


def container_spec(name: str) -> tuple[str, str] | None:
    """A container's spec label and its state, or None if there is none."""
    form = f'{{{{index .Config.Labels "{SPEC_LABEL}"}}}} {{{{.State.Status}}}}'
    found = answer(["docker", "container", "inspect", "-f", form, name])
    if found is None:
        return None
    spec, _unused, state = found.rpartition(" ")
    return spec, state


def import_rootfs(tarball: Path, reference: str, spec: str) -> None:
    if image_spec(reference) == spec:
        return
    run(
        ["docker", "import", "--change", f"LABEL {SPEC_LABEL}={spec}", str(tarball), reference],
        sentence=f"the engine could not import {tarball.name}",
    )


def build(context: Path, dockerfile: Path, reference: str, spec: str, arguments: dict[str, str]) -> None:
    """Build an image with no network, unless the one of that name was made from the same spec."""
    if image_spec(reference) == spec:
        return
    command = ["docker", "build", "--network=none", "--pull=false", "--force-rm", "-q", "-f", str(dockerfile)]
    command += ["-t", reference, "--label", f"{SPEC_LABEL}={spec}"]
    for key, value in arguments.items():
        command += ["--build-arg", f"{key}={value}"]
    name = reference.replace("/", "_").replace(":", "_")
    run(
        [*command, str(context)],
        sentence=f"the image {reference} could not be built",
        log=STATE / "log" / f"build-{name}.log",
    )


def labels(reference: str) -> dict[str, str]:
    found = answer(["docker", "image", "inspect", "-f", "{{json .Config.Labels}}", reference])
    return json.loads(found) or {} if found else {}


def ensure_network(name: str) -> None:
    if not succeeds(["docker", "network", "inspect", name]):
        run(["docker", "network", "create", name], sentence=f"the network {name} could not be made")


def ensure_volume(name: str) -> None:
    run(["docker", "volume", "create", name], sentence=f"the volume {name} could not be made")


def remove_container(name: str) -> bool:
    if container_spec(name) is None:
        return False
    run(["docker", "rm", "-f", "-v", name], sentence=f"the container {name} could not be removed")
    return True
