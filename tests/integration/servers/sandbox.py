# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container of the lab's base layer, in which real servers are started one after the other."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

IMAGE = "ziggie-lab/base"
SERVE = Path(__file__).with_name("serve.sh").read_text(encoding="utf-8")
# Should nobody be left to remove the container, it ends by itself.
LIFETIME = "1800"
PROGRAMS = "/usr/lib/postgresql/17/bin:/usr/libexec/real:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class UnavailableError(Exception):
    """The sandbox cannot be had; the message says how it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A running container."""

    container: str

    def run(self, command: Sequence[str], *, environment: Mapping[str, str] | None = None, standard_input: bytes | None = None) -> str:
        """Run a command to its end and return what it printed; it must succeed."""
        options = [word for name, value in {"PATH": PROGRAMS, **(environment or {})}.items() for word in ("-e", f"{name}={value}")]
        done = subprocess.run(
            ["docker", "exec", "-i", *options, self.container, *command],
            input=standard_input or b"",
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command[-8:])}: {done.stderr.decode(errors='replace')}"
        return done.stdout.decode()

    def write(self, files: Mapping[str, str], owner: int = 0) -> None:
        """Write files by absolute path, for one owner to read."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for path, content in files.items():
                entry = tarfile.TarInfo(path.lstrip("/"))
                entry.size, entry.mode, entry.uid, entry.gid = len(content.encode()), 0o600, owner, owner
                tar.addfile(entry, io.BytesIO(content.encode()))
        self.run(["tar", "-x", "-C", "/"], standard_input=archive.getvalue())

    def directory(self, path: str, owner: int | str) -> None:
        """Make an empty directory for one owner."""
        self.run(["bash", "-c", 'rm -rf "$1" && install -d -m 0700 -o "$2" -g "$2" "$1"', "directory", path, str(owner)])

    def serve(self, command: Sequence[str], *, ready: str, read: str, user: int | str, environment: Mapping[str, str] | None = None) -> str:
        """Start a server as a user, wait until `ready` succeeds, return what `read` prints, and stop the server."""
        return self.run(["bash", "-c", SERVE, "serve", str(user), ready, read, *command], environment=environment)


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """Start the container, and remove it whatever happens."""
    if _docker("image", "inspect", "-f", "{{.Id}}", IMAGE) is None:
        raise UnavailableError(f"the image {IMAGE}, which holds the servers, is not on this machine: run `make lab`")
    container = _docker("run", "--detach", "--rm", "--network", "none", IMAGE, "tini", "--", "sleep", LIFETIME)
    if container is None:
        raise UnavailableError(f"no container of {IMAGE} could be started: run `make lab`, and look at `docker run --rm {IMAGE} true`")
    try:
        yield Sandbox(container=container)
    finally:
        _docker("rm", "--force", "--volumes", container)


def _docker(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["docker", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    except FileNotFoundError as error:
        raise UnavailableError("there is no docker on this machine: run `make lab`") from error
    return done.stdout.strip() if done.returncode == 0 else None
