# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories behind real SFTP and rest-servers, and an imitation of S3 (moto): what they take and refuse, and what is said when they cannot be had."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.ziggie.stack.tests.integration.backup.rough import (
    DISK,
    PLACE,
    PROJECT,
    REPOSITORY,
    ask,
    backups,
    install,
    instead_of,
    program,
    put,
    setup,
    status,
)

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.usefixtures("ledger", "far")]

# The servers' machine: their keys, what they are told, and what they hold.
FAR = "/srv/rough-far"
ALIAS, PORT, REST_PORT, S3_PORT = "rough-far", 2222, 8123, 8124
CONFIG = "/etc/ssh/ssh_config.d/rough-far.conf"
SFTP = f"sftp:root@{ALIAS}:{FAR}/sftp"
REST = f"rest:http://backup:secret@127.0.0.1:{REST_PORT}/rest/"
REDIS = f"{DISK}/redis"
# Without PAM and its sessions: whoever has the key is let in, to files only.
SSHD = f"""
Port {PORT}
ListenAddress 127.0.0.1
HostKey {FAR}/hostkey
AuthorizedKeysFile {FAR}/key.pub
PidFile {FAR}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
"""


# A backup of five days ago.
BEFORE = 'if [ "$1" = backup ]; then shift; set -- backup --time "$(date -d "5 days ago" "+%F %T")" "$@"; fi'


@pytest.fixture(name="far", scope="module")
def _far(servers: object) -> Iterator[None]:
    """Have an SFTP server with keys of its own. Masked units are not started by the packages, so the host's own door stays as it was."""
    assert servers
    ask("systemctl --quiet mask ssh.service ssh.socket restic-rest-server.service")
    install("openssh-server", "openssh-client", "restic-rest-server", "apache2-utils")
    ask(
        f"rm -rf {FAR} && mkdir -p {FAR} /run/sshd && cd {FAR} && for key in hostkey key wrong; do ssh-keygen -q -t ed25519 -N '' -f $key; done"
    )
    put(f"{FAR}/sshd_config", SSHD)
    let_in()
    ask(f"htpasswd -Bbc {FAR}/users backup secret 2>&1")
    # As in rough.make: a key that is made slowly costs each later call less.
    for place in ("sftp", "rest"):
        ask(
            f"systemd-run --quiet --wait --pipe --property CPUQuota=10% --setenv HOME=/root "
            f"restic -q init -r {FAR}/{place} -p {PLACE}/backup.key"
        )
    try:
        with sshd():
            ask(f"ssh-keyscan -p {PORT} 127.0.0.1 2>/dev/null | grep -v '^#' > {FAR}/known_hosts")
            yield
    finally:
        ask(f"rm -rf {CONFIG} {FAR}")


def let_in(host: str = "127.0.0.1", port: int = PORT, key: str = "key", known: str = "known_hosts") -> None:
    """Tell root's ssh of the server."""
    words = [f"Host {ALIAS}", f"HostName {host}", f"Port {port}", f"IdentityFile {FAR}/{key}", "IdentitiesOnly yes"]
    put(CONFIG, "\n".join([*words, f"UserKnownHostsFile {FAR}/{known}"]) + "\n")


@contextmanager
def sshd() -> Iterator[None]:
    ask(f"/usr/sbin/sshd -f {FAR}/sshd_config -E {FAR}/sshd.log && timeout 10 sh -c 'until [ -s {FAR}/sshd.pid ]; do sleep 0.1; done'")
    try:
        yield
    finally:
        ask(f"kill $(cat {FAR}/sshd.pid)")


@contextmanager
def rest(directory: str, *words: str) -> Iterator[None]:
    """Have a rest-server that asks for a password."""
    command = f"restic-rest-server --path {directory} --listen 127.0.0.1:{REST_PORT} --htpasswd-file {FAR}/users {' '.join(words)}"
    ask(f"systemd-run --quiet --collect --unit rough-rest {command}")
    ask(f"timeout 10 sh -c 'until ss -ltn | grep -q :{REST_PORT}; do sleep 0.1; done'")
    try:
        yield
    finally:
        ask("systemctl stop rough-rest")


@contextmanager
def small(size: str) -> Iterator[str]:
    """Have a disk on which nothing has room."""
    path = f"{FAR}/small"
    ask(f"mkdir -p {path} && mount -t tmpfs -o size={size} none {path}")
    try:
        yield path
    finally:
        ask(f"umount {path}")


def good(url: str) -> str:
    """Back Redis up, which must succeed, and return the run."""
    setup("redis", repositories=[{"url": url}])
    said = program("run")
    assert (said["failures"], len(said["manifests"])) == ([], 3)
    return str(said["run"])


def counts() -> set[str]:
    return {run for run, state in backups(REDIS).items() if state != "pending"}


def refused(expected: str, url: str) -> None:
    """Back up to one place, which must fail with one sentence, and count nothing."""
    setup("redis", repositories=[{"url": url}])
    before = status()[REDIS]["states"]["stored"]["run"]
    said = program("run")
    assert said["manifests"] == []
    assert len(said["failures"]) == 1, said["failures"]
    assert re.search(expected, said["failures"][0]), said["failures"][0]
    assert said["failures"][0].startswith(f"the repository {re.sub('backup:[a-z]+@', 'backup:***@', url)}: ")
    found = status()[REDIS]
    assert (found["failed"]["verb"], found["states"]["stored"]["run"]) == ("run", before)


def test_over_sftp_a_backup_is_stored_drilled_and_restored() -> None:
    run = good(SFTP)
    assert [one["run"] for one in program("drill redis")["drilled"] if one["volume"] == REDIS] == [run]
    assert backups(REDIS)[run] == "drilled"
    assert program("restore redis")["failures"] == []


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ({"known": "empty"}, r"Host key verification failed.*log in once by hand, and compare the fingerprint$"),
        ({"known": "changed"}, r"Host key verification failed.*shows another key than before: .* ssh-keygen -R"),
        ({"key": "wrong"}, r"Permission denied \(publickey\).*add its public key to authorized_keys there$"),
        ({"port": 1}, r"Connection refused; the server does not answer this host: start it, open its port"),
        ({"host": "192.0.2.1"}, r"No route to host; the server does not answer this host"),
        ({"host": "nowhere.invalid"}, r"Could not resolve hostname.*correct the address in stack_backup.repositories, or the host's DNS$"),
    ],
    ids=["unknown host key", "changed host key", "wrong key", "refused", "no route", "no name"],
)
def test_an_sftp_server_that_lets_nobody_in_is_told_with_the_way_out_and_the_last_backup_stays(
    server: dict[str, str], expected: str
) -> None:
    run = good(SFTP)
    ask(
        f"touch {FAR}/empty; ip route replace unreachable 192.0.2.1/32; echo \"[127.0.0.1]:{PORT} $(cut -d' ' -f1,2 {FAR}/wrong.pub)\" > {FAR}/changed"
    )
    try:
        let_in(**server)  # type: ignore[arg-type]
        refused(expected, SFTP)
    finally:
        let_in()
        ask("ip route del unreachable 192.0.2.1/32")
    assert run in counts()
    good(SFTP)


def test_an_sftp_server_without_room_is_told_and_a_first_place_has_the_backup_all_the_same() -> None:
    with small("400k") as path:
        far = f"sftp:root@{ALIAS}:{path}/sftp"
        setup("redis", repositories=[{"url": far}])
        said = program("run")
        assert any(re.search(r"no space left on device; its disk is full: make room there$", one) for one in said["failures"]), said
        assert REDIS not in [one["volume"] for one in said["manifests"]]
        setup("redis", repositories=[{"url": REPOSITORY}, {"url": far}])
        said = program("run")
        assert (len(said["failures"]), len(said["manifests"])) == (1, 3), said
        assert re.search(rf"^the repository {far}: .*its disk is full: make room there$", said["failures"][0])
        setup("redis")
        assert said["run"] in counts()


def test_an_append_only_server_keeps_what_retention_does_not_and_the_run_says_who_removes_it() -> None:
    kept = {"daily": 1, "weekly": 0, "monthly": 0}
    with rest(FAR, "--append-only"):
        with instead_of("/usr/bin/restic", BEFORE):
            old = good(REST)
        setup("redis", repositories=[{"url": REST}], retention=kept)
        said = program("run")
        assert (said["failures"], len(said["manifests"])) == ([], 3)
        assert {old, said["run"]} <= counts()
        command = f"restic -r DIRECTORY forget --prune --group-by host --host {PROJECT} --keep-within 1d"
        told = re.escape(f"{REST.replace('secret', '***')} takes nothing back (append-only): ")
        assert [one for one in said["stored"] if re.fullmatch(rf"{told}\d+ backups that retention .*, with the key: {command}", one)], said
        # States are records that are added, and locks may go.
        assert program("drill redis")["failures"] == []
        assert backups(REDIS)[said["run"]] == "drilled"
        assert ask(f"ls {FAR}/rest/locks") == ""
        # What is advised does it, on the server's machine.
        ask(f"HOME=/root {command.replace('DIRECTORY', f'{FAR}/rest').replace('restic ', f'restic -q -p {PLACE}/backup.key ', 1)}")
        assert (old in backups(REDIS), backups(REDIS)[said["run"]]) == (False, "drilled")


def test_a_rest_server_that_refuses_or_does_not_answer_is_told_in_minutes_and_the_last_backup_stays() -> None:
    with rest(FAR):
        run = good(REST)
        refused(
            r"401 Unauthorized; the server takes neither the name nor the password: correct the environment_file of this repository$",
            REST.replace(":secret@", ":wrong@"),
        )
    began = time.monotonic()
    refused(r"connection refused; the server does not answer this host: start it, open its port", REST)
    # restic alone would try for a quarter of an hour.
    assert time.monotonic() - began < 180
    with rest(FAR):
        setup("redis", repositories=[{"url": REST}])
        assert run in counts()
        good(REST)


def test_a_rest_server_without_room_is_told_at_once() -> None:
    with small("400k") as path, rest(path):
        url = REST.replace("/rest/", "/full/")
        setup("redis", repositories=[{"url": url}])
        began = time.monotonic()
        said = program("run")
        assert any(re.search(r"507 Insufficient Storage; its disk is full: make room there$", one) for one in said["failures"]), said
        assert REDIS not in [one["volume"] for one in said["manifests"]]
        assert time.monotonic() - began < 60


def test_over_s3_a_backup_is_stored_and_drilled_and_what_retention_does_not_keep_goes() -> None:
    install("python3-moto", "python3-flask-cors", "curl")
    put(f"{FAR}/s3", "AWS_ACCESS_KEY_ID=me\nAWS_SECRET_ACCESS_KEY=secret\n", "600")
    ask(f"systemd-run --quiet --collect --unit rough-s3 moto_server -H 127.0.0.1 -p {S3_PORT}")
    place = {"url": f"s3:http://127.0.0.1:{S3_PORT}/bucket", "environment_file": f"{FAR}/s3"}
    try:
        ask(f"timeout 20 sh -c 'until curl -sf -X PUT http://127.0.0.1:{S3_PORT}/bucket; do sleep 0.2; done'")
        setup("redis", repositories=[place], retention={"daily": 1, "weekly": 0, "monthly": 0})
        first, second = program("run"), program("run")
        assert (first["failures"], second["failures"], second["kept"]) == ([], [], [])
        assert counts() == {second["run"]}
        assert program("drill redis")["failures"] == []
        assert backups(REDIS) == {second["run"]: "drilled"}
    finally:
        ask("systemctl stop rough-s3")
