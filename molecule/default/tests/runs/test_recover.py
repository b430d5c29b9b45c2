# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole stack is backed up, lost with its data, secrets and releases, and recovered, with every write that was acknowledged before the backup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = "/srv/lost"
# What a new host in place of the lost one has not: whatever this project wrote, but for the engine and its images.
LOST = (
    "docker ps --all --quiet --filter label=com.docker.compose.project=ziggie | xargs --no-run-if-empty docker rm --force --volumes >/dev/null; "
    "docker volume ls --quiet --filter label=com.docker.compose.project=ziggie | xargs --no-run-if-empty docker volume rm >/dev/null; "
    "rm -rf /opt/ziggie /mnt/nvme/ziggie /var/log/ziggie /var/lib/ziggie-backup /var/cache/ziggie-backup /etc/systemd/system/ziggie-*"
)
PSQL = "docker exec -i ziggie-postgres-1 psql -U postgres -v ON_ERROR_STOP=1 -Atq"


@pytest.fixture(name="variables")
def _variables(budget: dict[str, Any], tmp_path: Path, ask: Any) -> Iterator[dict[str, Any]]:
    """Return the variables of a stack with backups; its host is larger by the room for them, or everybody's memory would change."""
    capacity = {key: budget["capacity"][key] for key in ("memory", "cpus", "disk")}
    clean = f"rm -rf {REPOSITORY} /var/lib/ziggie-backup/recovering.json /var/lib/ziggie-backup/repositories; {PSQL} -c 'DROP TABLE IF EXISTS lost_ledger'"
    ask(clean)
    yield {
        "stack_capacity": {**capacity, "memory": capacity["memory"] + (512 << 20), "cpus": capacity["cpus"] / 1000},
        "stack_backup": {"repositories": [{"url": REPOSITORY}], "key_escrow": str(tmp_path / "escrow")},
    }
    ask(clean)


@pytest.mark.usefixtures("restored")
def test_a_lost_stack_comes_back_with_every_write_that_was_acknowledged_before_the_backup(
    play: Any, ask: Any, inspect: Any, secrets: dict[str, str], variables: dict[str, Any]
) -> None:
    played = play(variables=variables)
    assert played.code == 0, played.text[-3000:]
    ask(f"{PSQL} -c 'CREATE TABLE lost_ledger (n int PRIMARY KEY)'")
    acknowledged = ask(f"{PSQL} -c 'INSERT INTO lost_ledger SELECT generate_series(1, 2000) RETURNING n'").split()
    assert play("backup", variables=variables).code == 0
    ask(f"{PSQL} -c 'INSERT INTO lost_ledger VALUES (9999)'")
    refused = play("recover", variables=variables)
    assert refused.code != 0
    assert "this host has a stack: secrets in /opt/ziggie/secrets" in " ".join(refused.text.split())
    release = ask("cat /opt/ziggie/stack/release.json")
    running = set(inspect())
    ask(LOST)
    played = play("recover", variables=variables, log="recover.log")
    assert played.code == 0, played.text[-3000:]
    assert ask(f"{PSQL} -c 'SELECT n FROM lost_ledger ORDER BY n'").split() == acknowledged
    listed = ask('cd /opt/ziggie/secrets && for name in *; do printf \'%s \' "$name"; cat "$name"; echo; done').splitlines()
    assert dict(line.split(" ", 1) for line in listed if line) == secrets
    assert ask("cat /opt/ziggie/stack/release.json") == release
    states = {name: container["State"] for name, container in inspect().items()}
    assert set(states) == running
    assert {name for name, state in states.items() if state.get("Health", {}).get("Status", "healthy") != "healthy"} == set()
