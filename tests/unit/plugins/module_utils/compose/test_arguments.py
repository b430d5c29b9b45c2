# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.compose.arguments import is_shell, merge_arguments, merge_environment


@pytest.mark.parametrize(
    ("command", "arguments", "merged"),
    [
        ([], ["-c", "a=1"], ["-c", "a=1"]),
        (["postgres", "-c", "a=2", "-c", "b=3"], ["-c", "a=1"], ["postgres", "-c", "b=3", "-c", "a=1"]),
        (["postgres", "--max-connections=9"], ["-c", "max_connections=1"], ["postgres", "-c", "max_connections=1"]),
        (["postgres", "-c", "a=1", "--b=2", "-D", "/data"], ["-c", "b=1"], ["postgres", "-c", "a=1", "-D", "/data", "-c", "b=1"]),
        (["redis-server", "/etc/redis.conf"], ["--maxmemory", "1mb"], ["redis-server", "/etc/redis.conf", "--maxmemory", "1mb"]),
        (
            ["redis-server", "--save", "60", "1", "300", "10", "--maxmemory", "9mb", "--appendonly", "yes"],
            ["--maxmemory", "1mb"],
            ["redis-server", "--save", "60", "1", "300", "10", "--appendonly", "yes", "--maxmemory", "1mb"],
        ),
        (["mongod", "--bind_ip_all", "--maxConns=7"], ["--maxConns", "5"], ["mongod", "--bind_ip_all", "--maxConns", "5"]),
        (["p", "--query.max-samples=9", "--other"], ["--query.max-samples=1"], ["p", "--other", "--query.max-samples=1"]),
        (["p", "--offset", "-1", "--x=1"], ["--offset=2"], ["p", "--x=1", "--offset=2"]),
    ],
)
def test_the_tuned_argument_of_a_name_wins(command: list[str], arguments: list[str], merged: list[str]) -> None:
    assert merge_arguments(command, arguments) == merged
    assert merge_arguments(merged, arguments) == merged


@pytest.mark.parametrize(
    ("environment", "tuned", "merged"),
    [
        (None, {"A": "1"}, {"A": "1"}),
        ({"A": "0", "B": 2}, {"A": "1"}, {"A": "1", "B": 2}),
        (["A=0", "B=2", "C"], {"A": "1"}, ["B=2", "C", "A=1"]),
        ({"NODE_OPTIONS": "--enable-source-maps"}, {"NODE_OPTIONS": "--x=1"}, {"NODE_OPTIONS": "--enable-source-maps --x=1"}),
        (
            ["NODE_OPTIONS=--max_old_space_size=9 --inspect"],
            {"NODE_OPTIONS": "--max-old-space-size=1"},
            ["NODE_OPTIONS=--inspect --max-old-space-size=1"],
        ),
        ({"NODE_OPTIONS": None}, {"NODE_OPTIONS": "--x=1"}, {"NODE_OPTIONS": "--x=1"}),
        (
            {"NODE_OPTIONS": "--openssl-legacy-provider"},
            {"NODE_OPTIONS": "--max-old-space-size=9"},
            {"NODE_OPTIONS": "--openssl-legacy-provider --max-old-space-size=9"},
        ),
        (
            {"ES_JAVA_OPTS": "-Xms1g -Xmx1g -XX:+UseZGC -Dlog4j2.formatMsgNoLookups=true"},
            {"ES_JAVA_OPTS": "-Xms512m -Xmx512m"},
            {"ES_JAVA_OPTS": "-XX:+UseZGC -Dlog4j2.formatMsgNoLookups=true -Xms512m -Xmx512m"},
        ),
        (
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-rabbit disk_free_limit 2147483648 -rabbit vm_memory_high_watermark 0.9 +S 2"],
            {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-rabbit vm_memory_high_watermark {absolute,1}"},
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-rabbit disk_free_limit 2147483648 +S 2 -rabbit vm_memory_high_watermark {absolute,1}"],
        ),
    ],
)
def test_the_tuned_variable_wins_and_options_are_joined(environment: Any, tuned: dict[str, str], merged: Any) -> None:
    assert merge_environment(environment, tuned) == merged
    assert merge_environment(merged, tuned) == merged


def test_scripts_for_a_shell_are_known() -> None:
    assert is_shell(["/bin/sh", "-c", "exec redis-server"])
    assert not is_shell(["shell-server"])
    assert not is_shell([])
