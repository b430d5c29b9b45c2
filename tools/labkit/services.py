# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One image per service of the catalog, all on one base layer, pushed to the lab's registry."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from labkit import catalog, docker, host, registry
from labkit.hashing import spec_of
from labkit.names import IMAGES, NOTE_LABEL, PULL_FROM, SERVICE_IMAGES, STAND_IN_LABEL, STATE
from labkit.progress import Step
from labkit.shell import LabError

WORKERS = 2


def make(step: Step, mode: str, base_spec: str) -> list[str]:
    """Build and push what is missing; return the references whose image has changed."""
    references = catalog.references()
    ours = {name: ref for name, ref in references.items() if mode == "built" or ref.startswith(catalog.OWN)}
    homeless = sorted(name for name in ours if not (IMAGES / name / "Dockerfile").is_file())
    if homeless:
        raise LabError(f"no lab image is defined for {', '.join(homeless)}: write molecule/lab/images/<service>/Dockerfile")
    changed: list[str] = []
    finished: list[str] = []
    guard = Lock()

    def one(item: tuple[str, str]) -> None:
        name, reference = item
        spec = spec_of([base_spec, reference, name], [IMAGES / name])
        image = f"{SERVICE_IMAGES}:{name}"
        docker.build(IMAGES / name, IMAGES / name / "Dockerfile", image, spec, {})
        with guard:
            if not registry.holds(reference, spec):
                registry.push(image, reference, spec)
                changed.append(reference)
            finished.append(name)
            step.count(len(finished), len(ours), name)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(one, ours.items()))
    _record(mode, references, set(ours))
    return changed


def _record(mode: str, references: dict[str, str], ours: set[str]) -> None:
    """Say what is real and what is a stand-in, for everything that reports a result."""
    images = {}
    for name, reference in references.items():
        found = docker.labels(f"{SERVICE_IMAGES}:{name}") if name in ours else {}
        images[reference] = {
            "service": name,
            "real": found.get(STAND_IN_LABEL) != "true",
            "note": found.get(NOTE_LABEL, "the upstream image"),
        }
    hosts = catalog.registry_hosts(references) if mode == "built" else []
    lab = {"images": mode, "registry_map": {name: f"{PULL_FROM}/{name}" for name in hosts}}
    _write("images.json", images)
    _write("lab.json", lab)


def _write(name: str, content: object) -> None:
    (STATE / name).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def copy_record() -> None:
    for name in ("images.json", "lab.json"):
        host.write(f"/etc/ziggie-lab/{name}", (STATE / name).read_text(encoding="utf-8"))
