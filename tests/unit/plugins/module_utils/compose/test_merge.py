# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents are laid over each other by the rules of the Compose specification."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.merge import RESET, merge, merge_service, removed, without_resets


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({"command": ["a"]}, {"command": ["b"]}, {"command": ["b"]}),
        ({"entrypoint": "a"}, {"entrypoint": None}, {"entrypoint": None}),
        ({"image": "a"}, {"image": None}, {"image": "a"}),
        ({"environment": ["A=1", "B"]}, {"environment": {"A": 2, "C": None}}, {"environment": {"A": "2", "B": None, "C": None}}),
        ({"labels": {"l": 1}}, {"labels": ["m=2"]}, {"labels": {"l": "1", "m": "2"}}),
        ({"ports": ["80:80", "1:1"]}, {"ports": ["80:80/tcp", 2]}, {"ports": ["80:80/tcp", "1:1", 2]}),
        ({"ports": ["0.0.0.0:80:80"]}, {"ports": [{"target": 80, "published": 80}]}, {"ports": [{"target": 80, "published": 80}]}),
        ({"volumes": ["a:/a", "b:/b/"]}, {"volumes": ["c:/b"]}, {"volumes": ["a:/a", "c:/b"]}),
        ({"dns": "1.1.1.1"}, {"dns": ["1.1.1.1", "8.8.8.8"]}, {"dns": ["1.1.1.1", "8.8.8.8"]}),
        ({"env_file": "a"}, {"env_file": [{"path": "a", "required": False}]}, {"env_file": [{"path": "a", "required": False}]}),
        ({"depends_on": ["a"]}, {"depends_on": {"b": {"condition": "x"}}}, {"depends_on": {"a": {"condition": "service_started"}, "b": {"condition": "x"}}}),
        ({"networks": {"a": {"aliases": ["x"]}}}, {"networks": ["a", "b"]}, {"networks": {"a": {"aliases": ["x"]}, "b": None}}),
        ({"models": ["a"]}, {"models": {"a": {"endpoint_var": "X"}}}, {"models": {"a": {"endpoint_var": "X"}}}),
        ({"extra_hosts": ["a=1", "b:2"]}, {"extra_hosts": {"a": "1", "c": "3"}}, {"extra_hosts": ["a=1", "b:2", "c=3"]}),
        ({"healthcheck": {"test": ["a"], "retries": 1}}, {"healthcheck": {"test": ["b"]}}, {"healthcheck": {"test": ["b"], "retries": 1}}),
        ({"ulimits": {"nofile": {"soft": 1, "hard": 2}}}, {"ulimits": {"nofile": 3}}, {"ulimits": {"nofile": 3}}),
        ({"build": "."}, {"build": {"args": ["A=1"]}}, {"build": {"context": ".", "args": ["A=1"]}}),
        ({"logging": {"driver": "a", "options": {"x": 1}}}, {"logging": {"driver": "b"}}, {"logging": {"driver": "b"}}),
        ({"logging": {"driver": "a"}}, {"logging": {"options": {"y": 1}}}, {"logging": {"driver": "a", "options": {"y": 1}}}),
        ({"secrets": ["a"]}, {"secrets": [{"source": "b", "target": "a"}]}, {"secrets": [{"source": "b", "target": "a"}]}),
        ({"post_start": [{"command": "a"}]}, {"post_start": [{"command": "b"}]}, {"post_start": [{"command": "a"}, {"command": "b"}]}),
        ({"deploy": {"labels": ["a=1"], "replicas": 1}}, {"deploy": {"labels": {"b": 2}}}, {"deploy": {"labels": {"a": "1", "b": "2"}, "replicas": 1}}),
        ({"devices": ["/dev/a:/dev/x"]}, {"devices": ["/dev/b:/dev/x:r"]}, {"devices": ["/dev/b:/dev/x:r"]}),
    ],
)  # fmt: skip
def test_a_service_over_another(base: dict[str, Any], over: dict[str, Any], expected: dict[str, Any]) -> None:
    before = copy.deepcopy((base, over))
    merged = merge_service(base, over)
    assert merged == expected
    assert (base, over) == before


def test_a_document_over_another() -> None:
    base = {"services": {"a": {"image": "x"}, "c": None}, "volumes": {"v": {"driver": "local", "labels": ["a=1"]}, "w": None}}
    over = {
        "services": {"a": None, "b": {"image": "y"}, "c": {"image": "z"}},
        "volumes": {"v": {"name": "w", "labels": {"b": 2}}},
        "name": "n",
    }
    assert merge(base, over) == {
        "services": {"a": {"image": "x"}, "b": {"image": "y"}, "c": {"image": "z"}},
        "volumes": {"v": {"driver": "local", "name": "w", "labels": {"a": "1", "b": "2"}}, "w": None},
        "name": "n",
    }


def test_subnets_of_a_network_merge_by_address() -> None:
    base = {"networks": {"n": {"ipam": {"config": [{"subnet": "10.0.0.0/24"}, {"subnet": "10.0.1.0/24"}]}}}}
    over = {"networks": {"n": {"ipam": {"config": [{"subnet": "10.0.0.0/24", "gateway": "10.0.0.9"}]}}}}
    assert merge(base, over)["networks"]["n"]["ipam"]["config"] == [
        {"subnet": "10.0.0.0/24", "gateway": "10.0.0.9"},
        {"subnet": "10.0.1.0/24"},
    ]


def test_what_is_reset_is_gone() -> None:
    assert without_resets({"a": RESET, "b": [RESET, 1], "c": {"d": RESET}}) == {"b": [1], "c": {}}
    assert copy.deepcopy({"a": RESET})["a"] is RESET
    document = {"services": {"a": {"ports": [1], "image": "x"}, "b": 3}}
    assert removed(document, [("services", "a", "ports"), ("services", "b", "x"), ("nothing", "here")]) == {
        "services": {"a": {"image": "x"}, "b": 3}
    }
    assert document["services"]["a"]["ports"] == [1]
