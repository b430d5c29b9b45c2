# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two images everything stands on: the lab host's, and the base layer of every service."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from labkit import docker
from labkit.hashing import spec_of
from labkit.names import BASE_IMAGE, HOST_IMAGE, LAB
from labkit.rootfs import rootfs


def make() -> tuple[str, str]:
    """Build both if they are missing; return the specs of the base image and of the host image."""
    with ThreadPoolExecutor(2) as pool:
        base = pool.submit(_one, "base", BASE_IMAGE)
        host = pool.submit(_one, "host", HOST_IMAGE)
        return base.result(), host.result()


def _one(kind: str, reference: str) -> str:
    tarball, root_spec = rootfs(kind)
    spec = spec_of([root_spec], [LAB / kind])
    if docker.image_spec(reference) != spec:
        root = f"{reference}-rootfs"
        docker.import_rootfs(tarball, root, root_spec)
        docker.build(LAB / kind, LAB / kind / "Dockerfile", reference, spec, {"ROOTFS": root})
    return spec
