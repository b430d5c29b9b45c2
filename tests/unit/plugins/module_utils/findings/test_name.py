# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images are known by their name, through any mirror."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.findings.images.name import ImageName
from ansible_collections.ziggie.stack.plugins.module_utils.findings.images.table import facts_of


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
    ],
)
def test_parts(text: str, registry: str, repository: str, tag: str, digest: str) -> None:
    assert ImageName.parse(text) == ImageName(registry=registry, repository=repository, tag=tag, digest=digest)


def test_version() -> None:
    assert ImageName.parse("a:v3.14.0-distroless").version() == (3, 14, 0)
    assert ImageName.parse("a:latest").version() == ()
