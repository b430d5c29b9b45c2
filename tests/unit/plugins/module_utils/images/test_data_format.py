# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of a version decides whether a server reads the data of another."""

from __future__ import annotations

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.images.data_format import data_version
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
