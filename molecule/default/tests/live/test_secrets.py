# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret value is nowhere but in the store and in the files of the services that read it."""

from __future__ import annotations

from typing import Any

Secrets = dict[str, str]


def found(secrets: Secrets, text: str) -> list[str]:
    """Return the names of the secrets whose value a text holds."""
    return [name for name, value in secrets.items() if value in text]


def test_there_is_something_to_hide(secrets: Secrets) -> None:
    assert len(secrets) >= 10
    assert len(set(secrets.values())) == len(secrets)
    assert min(len(value) for value in secrets.values()) >= 20


def test_not_in_what_the_engine_tells_of_any_container(ask: Any, secrets: Secrets) -> None:
    told = ask("docker inspect $(docker ps --all --quiet)")
    assert "ziggie-postgres-1" in told
    assert found(secrets, told) == []


def test_not_in_what_the_engine_tells_of_images_and_networks(ask: Any, secrets: Secrets) -> None:
    assert found(secrets, ask("docker inspect $(docker image ls --quiet) $(docker network ls --quiet) $(docker volume ls --quiet)")) == []


def test_not_in_what_was_rendered(ask: Any, secrets: Secrets) -> None:
    # One of the files is an archive, stored and not compressed: whatever is text in it is looked at, too.
    rendered = ask(
        "cd /opt/ziggie/stack && find . -type f -not -path './secrets/*' -exec cat {} + | tr --complement --delete '[:print:]\\n'"
    )
    assert "services:" in rendered
    assert found(secrets, rendered) == []


def test_not_in_any_processs_arguments(ask: Any, secrets: Secrets) -> None:
    arguments = ask("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '")
    assert "postgres" in arguments
    assert found(secrets, arguments) == []


def test_not_in_what_the_services_log(service: str, ask: Any, secrets: Secrets, containers: dict[str, Any]) -> None:
    assert found(secrets, ask(f"docker logs {containers[service]['Id']} 2>&1 | tail --lines 2000")) == []


def test_not_in_the_hosts_journal(ask: Any, secrets: Secrets) -> None:
    assert found(secrets, ask("journalctl --no-pager --lines 5000 --boot")) == []


def test_only_root_reads_the_store(ask: Any) -> None:
    assert set(ask("stat --format '%U %a' /opt/ziggie/secrets/*").split("\n")) - {""} == {"root 400"}
    assert ask("stat --format '%U %a' /opt/ziggie/secrets /opt/ziggie/stack/secrets").split("\n")[:2] == ["root 700", "root 700"]


def test_only_its_service_reads_a_file(ask: Any, containers: dict[str, Any]) -> None:
    lines = ask("cd /opt/ziggie/stack/secrets && find . -type f -printf '%P %m %U\\n'").split("\n")
    assert [line for line in lines if line and line.split()[1] != "400"] == []
    wrong = [
        line
        for line in filter(None, lines)
        if (user := containers.get(line.split("/")[0], {}).get("Config", {}).get("User")) and user.split(":")[0] != line.split()[2]
    ]
    assert wrong == []
