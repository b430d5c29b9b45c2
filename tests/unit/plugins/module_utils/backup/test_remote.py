# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server elsewhere says ends in a sentence with the way out, and in time. The real servers are in tests/integration/backup/test_remote.py."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.backup import remote as subject
from ansible_collections.ziggie.stack.plugins.module_utils.backup.model import BackupError
from ansible_collections.ziggie.stack.plugins.module_utils.backup.restic import Restic
from ansible_collections.ziggie.stack.plugins.module_utils.settings.repositories import Repository, Retention

AGAIN = "#!/bin/sh\ntrap 'exit 130' INT\n"
# As restic 0.18 does, which asks its question where it could not look, too.
AWAY = """#!/bin/sh
echo 'Fatal: unable to open config file: Head "http://there:8404/config": dial tcp: connect: connection refused' >&2
echo 'Is there a repository at the following location?' >&2
[ "$1" = cat ] || touch "${0%/*}/made"
exit 1
"""
# It ends well, whatever it could not remove.
KEEPS = """#!/bin/sh
echo "$1" >> "${0%/*}/calls"
echo 'Remove(<snapshot/413779644c>) failed: {why}' >&2
echo 'unable to remove snapshot/413779644c from the repository' >&2
"""


def restic(place: Path, script: str, url: str = "rest:http://me:secret@there:8000/") -> Restic:
    program = place / "restic"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    return Restic(Repository(url=url), place / "key", "shop", str(program))


@pytest.fixture(name="ssh")
def _ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "ssh"
    monkeypatch.setattr(subject, "_SSH", str(program))
    return program


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sftp:me@there:/srv/backup", "me@there -s sftp"),
        ("sftp:there:backup", "there -s sftp"),
        ("sftp://me@there:2222//srv/backup", "-p 2222 -l me there -s sftp"),
        ("sftp://[::1]/backup", "::1 -s sftp"),
    ],
)
def test_a_server_is_asked_as_restic_asks_it_but_never_at_a_terminal(tmp_path: Path, ssh: Path, url: str, said: str) -> None:
    ssh.write_text(f'#!/bin/sh\necho "$*" > {tmp_path}/words\n', encoding="utf-8")
    ssh.chmod(0o755)
    subject.reach(url)
    assert (tmp_path / "words").read_text(encoding="utf-8") == f"-o BatchMode=yes -o ConnectTimeout=15 {said}\n"


def test_why_a_server_lets_nobody_in_is_told_before_restic_runs_and_without_a_password(tmp_path: Path, ssh: Path) -> None:
    ssh.write_text("#!/bin/sh\necho 'me@there: Permission denied (publickey).' >&2\nexit 255\n", encoding="utf-8")
    ssh.chmod(0o755)
    one = restic(tmp_path, "#!/bin/sh\ntouch ran\n", "sftp://me:secret@there//srv")
    with pytest.raises(BackupError) as caught:
        one.snapshots()
    assert str(caught.value) == (
        "the repository sftp://me:***@there//srv: me@there: Permission denied (publickey).; "
        "the server takes no SSH key that root of this host has: add its public key to authorized_keys there"
    )


def test_without_ssh_its_package_is_named(ssh: Path) -> None:
    assert not ssh.exists()
    with pytest.raises(BackupError, match="install openssh-client"):
        subject.reach("sftp:me@there:/srv/backup")


def test_a_server_that_does_not_answer_is_not_taken_for_a_repository_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(BackupError) as caught:
        restic(tmp_path, AWAY).prepare()
    assert "connection refused; the server does not answer this host: start it" in str(caught.value)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("why", "seconds"), [("dial tcp: i/o timeout", 0.2), ("unexpected HTTP response (507): 507 Insufficient Storage", 60.0)]
)
def test_restic_is_ended_once_it_tries_the_same_for_too_long_and_at_once_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str, seconds: float
) -> None:
    monkeypatch.setattr(subject.Patience.__init__, "__defaults__", (seconds,))
    loop = f"while :; do echo 'Save(<data/9888>) returned error, retrying after 1.2s: {why}' >&2; sleep 0.1; done"
    began = time.monotonic()
    with pytest.raises(BackupError, match=rf"Fatal: given up, {re.escape(why)}; "):
        restic(tmp_path, f"{AGAIN}{loop}\n").snapshots()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("pause", "then"), [("1s", "Load(<config>) operation successful after 1 retries"), ("720.2ms", "")], ids=["0.18", "0.14"]
)
def test_a_call_that_succeeds_in_the_end_is_not_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pause: str, then: str) -> None:
    monkeypatch.setattr(subject.Patience.__init__, "__defaults__", (0.2,))
    again = f"echo 'Load(<config>) returned error, retrying after {pause}: EOF' >&2; sleep 0.3; echo '{then}' >&2"
    assert restic(tmp_path, f"{AGAIN}{again}\n{again}\necho '[]'\n").snapshots() == []


@pytest.mark.parametrize(
    ("why", "kind"), [("unexpected HTTP response (403): 403 Forbidden", subject.RefusedError), ("input/output error", BackupError)]
)
def test_what_could_not_be_removed_is_told_and_not_pruned(tmp_path: Path, why: str, kind: type[BackupError]) -> None:
    with pytest.raises(BackupError) as caught:
        restic(tmp_path, KEEPS.replace("{why}", why)).forget(["413779644c"], prune=True)
    assert type(caught.value) is kind
    assert (tmp_path / "calls").read_text(encoding="utf-8") == "forget\n"


@pytest.mark.parametrize(
    ("retention", "days"), [(Retention(), 186), (Retention(daily=0, weekly=0, monthly=0), 1), (Retention(daily=40, monthly=1), 40)]
)
def test_days_reach_back_to_the_oldest_backup_that_is_kept(retention: Retention, days: int) -> None:
    assert retention.days == days
