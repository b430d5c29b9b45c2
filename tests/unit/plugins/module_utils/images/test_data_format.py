# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of a version decides whether a server reads the data of another."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.images.data_format import data_version, one_way
from ansible_collections.ziggie.stack.plugins.module_utils.images.name import ImageName
from ansible_collections.ziggie.stack.plugins.module_utils.images.table import facts_of


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("postgres:17.11", "17"),
        ("postgres:9.6.24", "9.6"),
        ("pgvector/pgvector:0.8.0-pg17", "17"),
        ("mariadb:10.11.6", "10.11"),
        ("mongo:8.0.29", "8.0"),
        ("registry.example.org/mirror/library/redis:8.0.2@sha256:abc", "8"),
        ("postgres:mine", ""),
        ("nginx:1.26", ""),
        ("somebody/else:1", ""),
    ],
)
def test_what_decides(image: str, version: str) -> None:
    assert data_version(facts_of(ImageName.parse(image))) == version


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("postgres:17.11", "postgres:18.1", "its data are then those of postgres 18; it opens only data of 18: dump and restore"),
        ("mongo:7.0.5", "mongo:8.0.1", "its data are then those of mongodb 8.0; 7.0 does not read them again"),
        ("redis:7.0.5", "redis:7.2.1", "its snapshots are then of format 11, which 7.0.5 does not load"),
        ("redis:7.2.1", "redis:7.0.5", "it loads snapshots up to format 10, and 7.2.1 writes format 11 when it stops"),
        ("n8nio/n8n:2.41.3", "n8nio/n8n:2.42.0", "2.42.0 migrates its database at the start, and nothing takes that back"),
        ("n8nio/n8n:2.42.0", "n8nio/n8n:2.41.3", "its database was migrated for 2.42.0, and 2.41.3 does not take that back"),
        ("grafana/grafana:13.2.3", "grafana/grafana:13.3.0", "13.3.0 migrates its database at the start, and nothing takes that back"),
    ],
)
def test_what_does_not_go_back_is_said(old: str, new: str, why: str) -> None:
    assert one_way(facts_of(ImageName.parse(old)), facts_of(ImageName.parse(new))) == (why,)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("postgres:17.11", "postgres:17.12"),
        ("redis:8.0.2", "redis:8.0.5"),
        ("n8nio/n8n:2.41.3", "n8nio/n8n:2.41.4"),
        ("n8nio/n8n:mine", "n8nio/n8n:2.42.0"),
        ("redis:7.2", "valkey/valkey:8.1"),
        ("nginx:1.26", "nginx:1.28"),
    ],
)
def test_of_what_goes_back_and_of_what_is_not_known_nothing_is(old: str, new: str) -> None:
    assert one_way(facts_of(ImageName.parse(old)), facts_of(ImageName.parse(new))) == ()
