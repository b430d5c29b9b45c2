# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret that is lost while there are data that were made with it is refused before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.ziggie.stack.tests.integration.faults.lab import STACK, ask
from ansible_collections.ziggie.stack.tests.integration.faults.test_deploy import PATIENT, play

pytestmark = pytest.mark.integration

STORE = "/opt/ziggie/secrets"


@contextmanager
def lost(name: str, file: str) -> Iterator[None]:
    ask(f"mkdir -m 0700 /run/lost && mv {STORE}/{name} /run/lost/value && mv {STACK}/secrets/{file} /run/lost/file")
    try:
        yield
    finally:
        ask(f"mv /run/lost/value {STORE}/{name} && mv /run/lost/file {STACK}/secrets/{file} && rmdir /run/lost")


def test_site_refuses_to_make_a_lost_secret_anew() -> None:
    with lost("n8n_encryption_key", "n8n/encryption_key"):
        code, said = play("site", PATIENT)
        assert ask(f"ls {STORE}/n8n_encryption_key 2>/dev/null || echo none") == "none"
    assert code != 0
    assert "Nothing was changed. Fix these problems first:" in said
    assert f"host:{STORE}/n8n_encryption_key: the secret is lost" in said
