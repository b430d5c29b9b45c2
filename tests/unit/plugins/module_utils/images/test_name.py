# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images are known by their name, through any mirror."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.images.name import ImageName
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import facts_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("postgres", "postgres"),
        ("postgres:17.11-alpine", "postgres"),
        ("docker.io/library/postgres:17.11", "postgres"),
        ("lab-registry:5000/docker.io/library/postgres:17.11", "postgres"),
        ("public.ecr.aws/docker/library/postgres", "postgres"),
        ("registry.example.com/postgres@sha256:01", "postgres"),
        ("somebody/postgres", ""),
        ("docker.n8n.io/n8nio/n8n:2.41.3", "n8n"),
        ("quay.io/prometheus/node-exporter", "node-exporter"),
        ("ghcr.io/google/cadvisor", "cadvisor"),
        ("localhost/ollama/ollama", "ollama"),
        ("", ""),
        ("::::", ""),
    ],
)
def test_kind(text: str, kind: str) -> None:
    assert facts_of(ImageName.parse(text)).kind == kind


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("nginx", "docker.io", "nginx", "", ""),
        ("localhost:5000/a/b:1.2", "localhost:5000", "a/b", "1.2", ""),
        ("a/b:1@sha256:00", "docker.io", "a/b", "1", "sha256:00"),
        ("${IMAGE:-ghcr.io/a/b}:${TAG:-1.2}", "ghcr.io", "a/b", "1.2", ""),
        ("mariadb:${VERSION:?set it}", "docker.io", "mariadb", "$VERSION", ""),
        ("a/b:$TAG", "docker.io", "a/b", "$TAG", ""),
    ],
)
def test_parts(text: str, registry: str, repository: str, tag: str, digest: str) -> None:
    assert ImageName.parse(text) == ImageName(registry=registry, repository=repository, tag=tag, digest=digest)


@pytest.mark.parametrize(
    ("tag", "marker", "version"),
    [
        ("v3.14.0-distroless", "", (3, 14, 0)),
        ("18.2.0-ee.0", "", (18, 2, 0)),
        ("version-2.0", "", (2, 0)),
        ("8-jre", "", (8,)),
        ("17-3.5", "", (17,)),
        ("2022-latest", "", (2022,)),
        ("16rc1", "", (16,)),
        ("RELEASE.2024-12-18T13-15-44Z", "", (2024, 12, 18)),
        ("pg16", "pg", (16,)),
        ("0.8.0-pg17", "pg", (17,)),
        ("latest-pg17", "pg", (17,)),
        ("14-vectorchord0.4.3-pgvectors0.2.0", "pg", (14,)),
        ("latest", "", None),
        ("java21", "", None),
        ("stable", "", None),
        ("20240101", "", None),
        ("3f2a9c1", "", None),
        ("", "", None),
    ],
)
def test_version(tag: str, marker: str, version: tuple[int, ...] | None) -> None:
    assert ImageName.parse(f"a:{tag}" if tag else "a").version(marker) == version


@pytest.mark.parametrize(
    ("text", "newest"),
    [
        ("postgres", True),
        ("postgres:latest", True),
        ("postgres:alpine3.22", True),
        ("postgres:trixie", True),
        ("redis:latest-alpine", True),
        ("mysql:lts", False),
        ("nginx:stable", False),
        ("nginx:${TAG}", False),
        ("postgres@sha256:00", False),
        ("", False),
    ],
)
def test_newest(text: str, newest: bool) -> None:
    assert ImageName.parse(text).is_newest() is newest
