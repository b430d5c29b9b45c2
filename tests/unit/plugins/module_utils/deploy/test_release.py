# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release as the host keeps it: read back exactly, and refused in a sentence where it is anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.budget.reload import Reload
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import LiveState, Release, ReleasedService, ReleaseError
from ansible_collections.ziggie.stack.plugins.module_utils.limits import Limits
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS
from ansible_collections.ziggie.stack.tests.unit import samples
from hypothesis import given
from hypothesis import strategies as st

_TEXT = st.text(max_size=5)
_TEXTS = st.lists(_TEXT, max_size=2).map(tuple)
_SERVICE = st.builds(
    ReleasedService,
    tier=st.sampled_from(sorted(TIERS)),
    image=_TEXT,
    definition=_TEXT,
    parts=st.dictionaries(_TEXT, st.none() | st.booleans() | st.integers() | _TEXT | st.lists(_TEXT, max_size=2), max_size=2),
    limits=st.sampled_from([Limits(), samples.LIMITS]),
    probe=st.booleans(),
    replicas=st.integers(),
    secrets=_TEXTS,
    follows=_TEXTS,
    after=st.dictionaries(_TEXT, _TEXT, max_size=2),
    ends=st.booleans(),
    by_compose=st.booleans(),
    reload=st.none() | st.builds(Reload, files=_TEXTS, check=_TEXTS, signal=_TEXT, command=_TEXTS, verify=_TEXTS, timeout=st.integers()),
    reloadable=st.dictionaries(_TEXT, _TEXT, max_size=2),
)
_STATE = st.builds(LiveState, project=_TEXT, file=_TEXT, backups=st.dictionaries(_TEXT, _TEXT, max_size=2))
ANY = st.builds(
    Release,
    services=st.dictionaries(_TEXT, _SERVICE, max_size=2),
    volumes=st.dictionaries(_TEXT, _TEXT, max_size=2),
    live_state=st.none() | _STATE,
)


@given(release=ANY)
def test_plain_data_and_back(release: Release) -> None:
    assert Release.parse(json.dumps(release.to_dict()).encode()) == release


def _spoiled(path: str, value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(samples.release("redis").to_dict()))
    *parents, last = path.split(".")
    place: Any = plain
    for key in parents:
        place = place[key]
    place[last] = value
    return plain


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("services", [], "services: expected a mapping, got []"),
        ("volumes", None, "volumes: expected a mapping, got None"),
        ("volumes", {"data": 5}, "volumes.data: expected a text, got 5"),
        ("live_state", {"project": "shop"}, "live_state.backups: this key is missing"),
        ("services.redis.tier", "other", "services.redis.tier: expected one of critical, workflow, management, got 'other'"),
        ("services.redis.replicas", "1", "services.redis.replicas: expected a whole number, got '1'"),
        ("services.redis.probe", 1, "services.redis.probe: expected true or false, got 1"),
        ("services.redis.limits", {}, "services.redis.limits.memory: this key is missing"),
        ("services.redis.limits.pids", None, "services.redis.limits.pids: expected a whole number, got None"),
        ("services.redis.more", 5, "services.redis.more: nothing reads this key"),
    ],
)
def test_what_is_not_a_release_is_refused_with_its_place(tmp_path: Path, path: str, value: Any, said: str) -> None:
    (tmp_path / "release.json").write_text(json.dumps(_spoiled(path, value)))
    with pytest.raises(ReleaseError) as caught:
        Release.read(tmp_path)
    assert str(caught.value) == f"{tmp_path}/release.json cannot be read ({said}); run the site playbook again"


def test_a_directory_in_its_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "release.json").mkdir()
    with pytest.raises(ReleaseError, match="Is a directory"):
        Release.read(tmp_path)


def test_no_release_is_none_and_a_sentence_where_one_is_needed(tmp_path: Path) -> None:
    assert Release.read(tmp_path) is None
    with pytest.raises(ReleaseError, match="run the site playbook first"):
        Release.needed(tmp_path)
