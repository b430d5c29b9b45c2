# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories on other machines: whether an SFTP server lets this host in, how long restic may try again, and what to do about what either says."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from urllib.parse import urlsplit

from .model import BackupError

# restic tries again for 15 minutes at a time, and each of a run's calls would.
PATIENCE = 60.0
# How long an SFTP server may take to let this host in, in seconds.
_LET_IN = 15
_SSH = "ssh"
# The exit code by which ssh tells its own errors from those of what it runs.
_SSH_FAILED = 255
_AGAIN = re.compile(r"returned error, retrying after ([^:]*): (.*)")
_AFTER_ALL = re.compile(r"operation successful after")
_FULL = re.compile(r"no space left on device|507 Insufficient Storage|quota exceeded", re.IGNORECASE)
_UNREMOVED = re.compile(r"unable to remove .* from the repository")
_REFUSED = re.compile(r"403 Forbidden|access denied|permission denied", re.IGNORECASE)
_FIXES = (
    (_FULL, "its disk is full: make room there"),
    (
        re.compile(r"REMOTE HOST IDENTIFICATION HAS CHANGED"),
        "the server shows another key than before: if it was made anew, remove the old one by ssh-keygen -R, and log in once by hand as root of this host",
    ),
    (
        re.compile(r"Host key verification failed|authenticity of host"),
        "root of this host does not know the server's key: log in once by hand, and compare the fingerprint",
    ),
    (
        re.compile(r"Permission denied \("),
        "the server takes no SSH key that root of this host has: add its public key to authorized_keys there",
    ),
    (
        re.compile(r"Could not resolve hostname|no such host"),
        "this host cannot look the server's name up: correct the address in stack_backup.repositories, or the host's DNS",
    ),
    (
        re.compile(r"connection refused|timed out|timeout|no route to host|unreachable|connection closed|connection reset", re.IGNORECASE),
        "the server does not answer this host: start it, open its port, or correct the address in stack_backup.repositories",
    ),
    (
        re.compile(r"\b401\b|InvalidAccessKeyId|SignatureDoesNotMatch|Access Denied", re.IGNORECASE),
        "the server takes neither the name nor the password: correct the environment_file of this repository",
    ),
    (re.compile(r"certificate|x509"), "the server's certificate is not trusted here: install its authority's on this host, or renew it"),
)


class RefusedError(BackupError):
    """A repository takes nothing back."""


def shown(url: str) -> str:
    """Return an address without the password that it may hold.

    >>> shown("rest:https://me:secret@there:8000/")
    'rest:https://me:***@there:8000/'
    """
    return re.sub(r"(://[^/@:]*):[^/]*@", r"\1:***@", url)


def fix(said: str) -> str:
    """Return what to do about what restic or ssh says, with a semicolon before it; nothing where that is unknown."""
    return next((f"; {way}" for pattern, way in _FIXES if pattern.search(said)), "")


def unremoved(said: str) -> bool:
    """Tell whether restic says that it could not remove something. It ends well all the same."""
    return bool(_UNREMOVED.search(said))


def refused(said: str) -> bool:
    """Tell whether it could not because the server forbids it."""
    return bool(_REFUSED.search(said))


def reach(url: str) -> None:
    """Raise `BackupError` where an SFTP server does not let this host in; restic would not say why, wait for minutes, or ask at the terminal."""
    if not url.startswith("sftp:"):
        return
    options = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={_LET_IN}"]
    try:
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            [_SSH, *options, *_whom(url), "-s", "sftp"], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        raise BackupError(f"the repository {shown(url)}: {_SSH} cannot be run ({error.strerror}); install openssh-client") from error
    if done.returncode == _SSH_FAILED:
        said = done.stderr.decode(errors="replace")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raise BackupError(f"the repository {shown(url)}: {lines[-1] if lines else 'ssh failed and did not say why'}{fix(said)}")


def _whom(url: str) -> list[str]:
    """Return how ssh is told of the server, as restic tells it.

    >>> _whom("sftp:me@there:/srv/backup"), _whom("sftp://me@[::1]:2222//srv/backup")
    (['me@there'], ['-p', '2222', '-l', 'me', '::1'])
    """
    if not url.startswith("sftp://"):
        return [url.removeprefix("sftp:").partition(":")[0]]
    parts = urlsplit(url)
    port = ["-p", str(parts.port)] if parts.port else []
    return [*port, *(["-l", parts.username] if parts.username else []), parts.hostname or ""]


class Patience(threading.Thread):
    """Reads what restic says, and ends it once it has tried the same again for too long, or at once where the server's disk is full."""

    def __init__(self, process: subprocess.Popen[bytes], patience: float = PATIENCE) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._patience = patience
        self._lines: list[bytes] = []
        self._tried = ""
        self.start()

    def run(self) -> None:
        """Read until restic ends."""
        since = 0.0
        for raw in self._process.stderr or ():
            self._lines.append(raw)
            line = raw.decode(errors="replace")
            if _AFTER_ALL.search(line):
                since = 0.0
            elif again := _AGAIN.search(line):
                if self._tried:
                    # It tries to take its lock away, at the same server.
                    self._process.kill()
                # restic 0.14 does not say that it got on; its first pause is below a second again.
                since = time.monotonic() if again[1].endswith("ms") or not since else since
                if _FULL.search(line) or time.monotonic() - since > self._patience:
                    self._tried = again[2].strip()
                    self._process.send_signal(signal.SIGINT)

    def said(self) -> bytes:
        """Return all that restic has said; where it was ended, what it was ended for comes last."""
        self.join()
        if self._tried:
            return f"Fatal: given up, {self._tried}\n".encode()
        return b"".join(self._lines)
