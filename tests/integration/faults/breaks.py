# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults: each breaks the host in one way and mends it again, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.ziggie.stack.tests.integration.faults.lab import STACK, ask, compose, container, healthy, inspect, signal, until

MIB = 1 << 20


@contextmanager
def updated_behind_our_back(service: str) -> Iterator[None]:
    limit = inspect(service)["HostConfig"]["Memory"]
    _limit(service, limit + 64 * MIB)
    try:
        yield
    finally:
        _limit(service, limit)


@contextmanager
def smaller_than_the_budget(service: str) -> Iterator[None]:
    """Edit the release as well: engine, kernel and release agree, and only the Budget knows better."""
    limit = inspect(service)["HostConfig"]["Memory"]
    change = f"d = json.load(open('{STACK}/release.json')); limits = d['services']['{service}']['limits']; "
    change += f"limits.update(memory={limit - 4 * MIB}, memory_swap=-1); json.dump(d, open('{STACK}/release.json', 'w'))"
    with _kept(f"{STACK}/release.json"):
        ask(f'python3 -c "import json; {change}"')
        _limit(service, limit - 4 * MIB)
        try:
            yield
        finally:
            _limit(service, limit)


@contextmanager
def replaced_by_hand(service: str) -> Iterator[None]:
    found = inspect(service)
    name, image = found["Name"].lstrip("/"), found["Config"]["Image"]
    labels = f"--label com.docker.compose.project=ziggie --label com.docker.compose.service={service}"
    ask(f"docker rm -f {name} && docker run -d --name {name} --network ziggie-network {labels} --entrypoint sleep {image} 3600 || true")
    try:
        yield
    finally:
        ask(f"docker rm -f {name}")
        compose(f"up -d --no-deps {service}")
        until(lambda: healthy(service), f"{service} is back")


@contextmanager
def changed_file(path: str) -> Iterator[None]:
    with _kept(f"{STACK}/config/{path}"):
        ask(f"echo '# by hand' >>{STACK}/config/{path}")
        yield


@contextmanager
def stopped_in_its_tracks(service: str) -> Iterator[None]:
    signal(service, "STOP")
    try:
        yield
    finally:
        signal(service, "CONT")
        until(lambda: healthy(service), f"{service} is back")


@contextmanager
def silent_exporter(service: str, job: str) -> Iterator[None]:
    """It is there and runs; only Prometheus notices, at its next scrape."""
    with stopped_in_its_tracks(service):
        until(lambda: not scraped(job), "Prometheus misses the exporter")
        yield


def scraped(job: str) -> bool:
    query = f"http://127.0.0.1:9090/api/v1/query?query=up%7Bjob%3D%22{job}%22%7D"
    return '"1"]' in ask(f"docker exec {container('prometheus')} wget -q -O - '{query}'")


@contextmanager
def password_of_one_side(role: str, file: str) -> Iterator[None]:
    """Change a role's password in the server: whoever is logged in stays so."""
    _password(role, "printf elsewhere")
    try:
        yield
    finally:
        _password(role, f"cat {STACK}/secrets/postgres/{file}")


@contextmanager
def killed_for_memory(service: str) -> Iterator[None]:
    ask(f"docker exec {container(service)} python3 -c 'len(bytes(1) * (1 << 30))' || true")
    try:
        yield
    finally:
        ask(f"docker restart {container(service)}")
        until(lambda: healthy(service), f"{service} is back")


@contextmanager
def full_disk(directory: str, volume: str) -> Iterator[None]:
    """Lay a small full file system over a directory; containers keep the one that they have."""
    ask(f"mount -t tmpfs -o size=1m tmpfs {directory} && mkdir -p {directory}/{volume}")
    try:
        ask(f"dd if=/dev/zero of={directory}/{volume}/filler bs=64k 2>/dev/null || true")
        yield
    finally:
        ask(f"umount {directory}")


@contextmanager
def on_the_wrong_disk(service: str, volume: str) -> Iterator[None]:
    """Make a volume anew in another place, with the labels that Compose gives it."""
    labels = f"--label com.docker.compose.project=ziggie --label com.docker.compose.volume={volume}"
    ask(f"docker rm -f {container(service)} && docker volume rm ziggie_{volume} && mkdir -p /mnt/elsewhere")
    ask(f"docker volume create {labels} --opt type=none --opt o=bind --opt device=/mnt/elsewhere ziggie_{volume}")
    try:
        yield
    finally:
        ask(f"docker volume rm ziggie_{volume} && rmdir /mnt/elsewhere")
        compose(f"up -d --no-deps {service}")
        until(lambda: healthy(service), f"{service} is back")


@contextmanager
def jumped_clock(seconds: int) -> Iterator[None]:
    """Shift the clock for every Python on the host: the lab shares the kernel's own with the machine under it."""
    place = ask("python3 -c 'import site; print(site.getusersitepackages())'")
    shift = f"import time; real = time.time; time.time = lambda: real() + {seconds}"
    ask(f"mkdir -p {place} && echo '{shift}' >{place}/usercustomize.py")
    try:
        yield
    finally:
        ask(f"rm -rf {place}/usercustomize.py {place}/__pycache__ && rmdir -p {place} 2>/dev/null || true")


@contextmanager
def hanging_engine() -> Iterator[None]:
    ask("systemctl kill --kill-whom=main -s STOP docker")
    try:
        yield
    finally:
        ask("systemctl kill --kill-whom=main -s CONT docker")
        ask("docker version >/dev/null")


@contextmanager
def _kept(path: str) -> Iterator[None]:
    kept = ask(f"kept=$(mktemp /run/kept.XXXXXX) && cp -p {path} $kept && echo $kept")
    try:
        yield
    finally:
        # Written into the same file: a bind mount holds on to it.
        ask(f"cat {kept} >{path} && rm {kept}")


def _limit(service: str, memory: int) -> None:
    ask(f"docker update --memory {memory} --memory-swap {memory} {container(service)}")


def _password(role: str, source: str) -> None:
    query = f"ALTER ROLE {role} PASSWORD :'new'"
    ask(
        f"{{ printf '\\\\set new '; {source}; printf '\\n%s;\\n' \"{query}\"; }} | docker exec -i {container('postgres')} psql -q -X -U postgres"
    )
