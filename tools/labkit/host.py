# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab host: a container that boots systemd and runs its own engine, so that it looks like a VPS."""

from __future__ import annotations

import socket
import time

from labkit import docker
from labkit.names import HOST, HOST_IMAGE, HOST_VOLUME, HTTP_PORT, HTTPS_PORT, LAB, NETWORK, SPEC_LABEL
from labkit.shell import LabError, answer, run

# Less than --privileged, which fails where a capability cannot be granted.
MIGHT = (
    "--cap-add=ALL",
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
    "--security-opt=systempaths=unconfined",
    "--device-cgroup-rule=a *:* rwm",
    "--cgroupns=private",
)
# Where CAP_SYS_RESOURCE is not to be had, engines up to 20.10 want it dropped by name and later ones refuse the name.
ATTEMPTS: tuple[tuple[str, ...], ...] = ((), ("--cap-drop=SYS_RESOURCE",))
_TAKEN = "the lab host did not start; is one of {} taken (LAB_HTTP_PORT and LAB_HTTPS_PORT choose other ports)?"
# systemd 257 refuses cgroup v1 unless it is told twice; on v2 both words are ignored.
BOOT = (
    "--env=container=docker",
    "--env=SYSTEMD_PROC_CMDLINE=systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1",
)


def doors() -> list[tuple[str, int, int]]:
    """What listens on the host's loopback and can be opened from this machine: name, its port, the port of its door."""
    rows = [line.split() for line in (LAB / "host" / "doors.txt").read_text(encoding="utf-8").splitlines()]
    return [(row[0], int(row[1]), 10000 + int(row[1])) for row in rows if row and not row[0].startswith("#")]


def opened() -> list[tuple[str, str]]:
    """The doors as they are published: name and address."""
    found = ((name, answer(["docker", "port", HOST, f"{door}/tcp"])) for name, _unused, door in doors())
    return [(name, address.splitlines()[0]) for name, address in found if address]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def start(spec: str) -> None:
    found = docker.container_spec(HOST)
    if found is None or found[0] != spec:
        # A new machine: what the old one's engine held refers to files that went with it.
        docker.remove_container(HOST)
        answer(["docker", "volume", "rm", HOST_VOLUME])
        docker.ensure_network(NETWORK)
        docker.ensure_volume(HOST_VOLUME)
        published = [f"127.0.0.1:{HTTP_PORT}:80", f"127.0.0.1:{HTTPS_PORT}:443"]
        # A door whose port is taken here is published on its own port, or on any.
        for _unused, port, door in doors():
            here = next((str(candidate) for candidate in (port, door) if _free(candidate)), "")
            published.append(f"127.0.0.1:{here}:{door}")
        _create(spec, published)
    elif found[1] != "running":
        run(["docker", "start", HOST], sentence="the lab host did not start")
    _wait()


def _create(spec: str, published: list[str]) -> None:
    options = ["--name", HOST, "--hostname", HOST, "--network", NETWORK, "--label", f"{SPEC_LABEL}={spec}", *MIGHT, *BOOT]
    options += ["--tmpfs", "/run", "--tmpfs", "/tmp", "-v", f"{HOST_VOLUME}:/var/lib/docker"]
    options += [f"--publish={address}" for address in published]
    for extra in ATTEMPTS:
        if answer(["docker", "run", "-d", *options, *extra, HOST_IMAGE], seconds=120) is not None:
            return
        docker.remove_container(HOST)
    # Once more, for what the engine says.
    run(["docker", "run", "-d", *options, HOST_IMAGE], sentence=_TAKEN.format(", ".join(published)))


def _wait() -> None:
    """Until systemd says running (or degraded, which it names) and the nested engine answers."""
    state = ""
    for _unused in range(90):
        state = answer(["docker", "exec", HOST, "sh", "-c", "systemctl is-system-running || true"], seconds=10) or state
        if state == "degraded":
            failed = answer(["docker", "exec", HOST, "systemctl", "--failed", "--plain", "--no-legend"]) or ""
            raise LabError(f"systemd in the lab host is degraded: {failed}")
        if state == "running" and answer(["docker", "exec", HOST, "docker", "version", "-f", "{{.Server.Version}}"]):
            return
        time.sleep(0.5)
    raise LabError(f"the lab host is not ready after 60 s (systemd says {state or 'nothing'}); see 'docker logs {HOST}'")


def write(path: str, text: str) -> None:
    """Put a file into the lab host."""
    script = f'mkdir -p "$(dirname {path})" && cat >{path}.new && mv {path}.new {path}'
    run(["docker", "exec", "-i", HOST, "sh", "-c", script], stdin=text, sentence=f"{path} could not be written in the lab host")


def forget(reference: str) -> None:
    """Let the host pull a reference anew whose image has changed since; no release holds on to the old one."""
    answer(["docker", "exec", HOST, "docker", "rmi", "-f", reference])
    answer(["docker", "exec", HOST, "sh", "-c", "rm -f /opt/*/stack/images.json /opt/*/releases/*/images.json"])
