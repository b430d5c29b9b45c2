# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever way a service is written, it is adopted once and for all, or left alone; generated files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt
from hypothesis import given, settings
from hypothesis import strategies as st

HEAD = "x-d: &d\n  restart: always\n  cpus: &c 0.25\n  deploy: {resources: {limits: {cpus: '2'}}}\nx-e: &e\n  Q: r  # kept\nservices:\n"
IMAGES = st.sampled_from(["redis:8", "postgres:17", "node:22", "x:1", "mongo:8.0", "grafana/grafana:13", "valkey/valkey:8"])
WRITTEN: dict[str, list[str]] = {
    "mem_limit": ["512m", "${M:-1g}", "'2g'   # kept"],
    "cpus": ["0.5", "*c"],
    "deploy": ["{resources: {limits: {memory: 1g, cpus: '1'}}}", "\n      resources:\n        limits:\n          memory: 1g # kept\n"],
    "environment": ["\n      - A=b\n      # kept\n      - C=d", "{A: b}", "*e", "\n      <<: *e\n      X: y"],
    "command": [
        "redis-server --save ''",
        "[a, --b, 'c']",
        "\n      - a\n      # kept\n      - --maxmemory\n      - 10mb\n\n      - -c\n      - x=1",
    ],
    "<<": ["*d", "*other"],
    "x-a": ["|\n      text\n\n      # no comment", ">-\n      a\n      b", "[\n      'a',  # kept\n    ]"],
    "labels": [""],
    "x-budget": ["{memory: {request: 300m}}", "\n      # kept\n      tier: critical"],
    "pids_limit": ["100"],
    "memswap_limit": ["2g"],
    "extends": ["other", "{service: other}"],
    "profiles": ["[a]"],
}
SERVICE = st.lists(
    st.sampled_from([(key, value) for key, values in WRITTEN.items() for value in values]), max_size=6, unique_by=lambda entry: entry[0]
)


def service(name: str, image: str, entries: list[tuple[str, str]]) -> str:
    return f"  {name}:\n    image: {image}\n" + "".join(f"    {key}: {value}\n" for key, value in entries)


def adopted(path: Path) -> dict[str, Any]:
    return adopt([str(path)], Wish(capacity={"memory": "16g", "cpus": 4}, policy={}, profiles=frozenset(), accepted={}, host={}))


@settings(max_examples=80)
@given(IMAGES, SERVICE, IMAGES, SERVICE, st.sampled_from(["", "\nvolumes: {a: {}}\n", "# kept"]))
def test_adopted_once_and_for_all_or_left_alone(
    image: str, entries: list[tuple[str, str]], base: str, other: list[tuple[str, str]], tail: str
) -> None:
    plain = [entry for entry in other if entry[0] != "extends" and entry != ("<<", "*other")]
    text = HEAD + service("other", base, plain).replace("other:", "other: &other", 1) + service("web", image, entries) + tail
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "compose.yml"
        path.write_text(text)
        once = adopted(path)
        if once["problems"]:
            return
        content = once["files"][0]["content"]
        if "ZB310" in [finding["code"] for finding in once["findings"]]:
            assert content == text
            return
        assert [line for line in text.splitlines() if line.strip() == "# kept" and line not in content.splitlines()] == []
        path.write_text(content)
        twice = adopted(path)
        assert twice["problems"] == []
        assert twice["files"][0]["content"] == content
