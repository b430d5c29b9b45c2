# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a host that runs: findings from live figures, and those of every reconstructed definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..findings.accept import BAD_ACCEPTANCE, Accepted, accept
from ..findings.inspect import inspect
from ..findings.known import KNOWN
from ..findings.rule import listed
from ..problems import Finding, Severity, ordered
from ..units import GIB, MIB, mib, mib_up
from . import codes
from .model import Audit, Seen, Use
from .sums import named, running, sums

# From these shares on, something is said.
_NEAR, _THROTTLED, _STALLED, _MEMORY, _SWAP, _DISK, _DISK_LAST = 0.9, 0.25, 0.1, 0.1, 0.5, 0.15, 0.05
_RESTARTS = 3
# What docker stop and a shutdown end with: SIGINT, SIGKILL and SIGTERM.
_STOPPED = (0, 130, 137, 143)


def evaluate(audit: Audit, accepted: Mapping[str, Any] | None = None) -> tuple[Finding, ...]:
    """Return all findings of an audit, errors first.

    Those about definitions come from the rules that `adopt` and `plan` use; their path begins with the project's name. `accepted` is as
    `findings.accept` takes it; its paths may have that name or, as in an inventory, not.
    """
    live = [*_host(audit), *(finding for container in audit.containers for finding in _container(container))]
    written = list(_definitions(audit, accepted))
    marked = [finding for finding in written if isinstance(finding, Accepted)]
    pending = [finding for finding in written if not isinstance(finding, Accepted)]
    return ordered([*marked, *accept([*live, *pending], accepted, KNOWN)])


def unknown(audit: Audit) -> list[str]:
    """Return in sentences what the audit could not see and why."""
    told = list(audit.unknown)
    live = running(audit)
    blind = [container.name for container in live if container.use == Use()]
    if blind:
        told.append(f"the cgroup of {listed(blind)} cannot be read, so its use is unknown")
    if any(container.use.memory is not None and container.use.memory_peak is None for container in live):
        told.append("this kernel keeps no memory peak of a container (memory.peak came with Linux 5.19); find one with audit_watch")
    if live and not any(container.victim for container in live):
        told.append("the OOM kill order is unknown: the processes of containers cannot be seen from here")
    hidden = [volume.name for volume in audit.volumes if volume.size is None]
    if hidden:
        reason = "it is not there, or is not on this host" if audit.machine.root else "the audit did not run as root"
        told.append(f"the size of {listed(hidden)} is unknown: {reason}")
    if any(container.log is None for container in audit.containers):
        told.append("the size of logs is unknown: the audit did not run as root, or the engine keeps them elsewhere")
    if any(volume.size and not volume.size.complete for volume in audit.volumes):
        told.append("sizes with > are at least that: counting stopped when its time was up (audit_sizes), or a part may not be read")
    if not audit.machine.pressure:
        told.append("this kernel reports no pressure (PSI)")
    if audit.engine.others:
        told.append(f"other engines listen at {', '.join(audit.engine.others)}: audit each with audit_socket")
    return told


def facts(audit: Audit) -> dict[str, Any]:
    """Return the host's facts in the shape that the rules about definitions read."""
    machine, engine = audit.machine, audit.engine
    return {
        "memory": {"total": machine.memory},
        "cores": machine.cores,
        "engine": {"daemon_config": {**engine.daemon, "log-driver": engine.logging_driver or "json-file"}},
        "closes_ports": machine.own_rules is True,
    }


def _definitions(audit: Audit, accepted: Mapping[str, Any] | None) -> Iterator[Finding]:
    known = facts(audit)
    for project, definition in sorted(audit.definitions.items()):
        for finding in inspect(definition, known, accepted=accepted):
            if finding.code in _NOT_HERE:
                continue
            yield replace(finding, path=f"{project}.{finding.path}") if project else finding


# A sum over one project, where the audit sums over all; settings that are the default, which a budget writes as well and which harm
# nothing that runs; and wrong acceptances, which are said once for all projects.
_NOT_HERE = ("ZB120", "ZB202", BAD_ACCEPTANCE)


def _container(container: Seen) -> Iterator[Finding]:
    path, use, limits = f"containers.{container.name}", container.use, container.limits
    window = container.window
    most = max(filter(None, (use.working_set, window.working_set.most if window and window.working_set else None)), default=0)
    if limits.memory and most >= _NEAR * limits.memory:
        verb = "uses" if most == use.working_set else "used, while it was watched,"
        peak = f"; peak {mib_up(use.memory_peak)} with page cache" if use.memory_peak else ""
        yield _finding(
            codes.NEAR_LIMIT,
            "warning",
            path,
            f"{verb} {mib_up(most)}, {100 * most // limits.memory} % of its limit of {mib(limits.memory)}{peak}",
            f"raise the limit to {mib_up(most * 115 // 100)} or more, or find out why its use grows",
        )
    if use.oom_kills or container.oom_killed:
        kills = f"{use.oom_kills} OOM kill{'' if use.oom_kills == 1 else 's'} since it was started" if use.oom_kills else ""
        limit = f"at its limit of {mib(limits.memory)}" if limits.memory else "with no limit of its own: the host ran out of memory"
        yield _finding(
            codes.KILLED,
            "error",
            path,
            f"{kills or f'OOM-killed, exit code {container.exit_code}'}, {limit}",
            "raise the limit, or reduce what the program allocates",
        )
    yield from _state(container, path)
    if use.throttled_share is not None and use.throttled_share >= _THROTTLED:
        yield _finding(
            codes.THROTTLED,
            "warning",
            path,
            f"the CPU quota of {limits.cpu_quota / 1000:g} throttled it in {100 * use.throttled_share:.0f} % of all periods",
            "raise the quota, or use cpu_shares: weights protect other containers and do not slow it down while the host is idle",
        )
    if limits.pids and use.pids is not None and use.pids >= _NEAR * limits.pids:
        yield _finding(
            codes.FEW_PIDS,
            "warning",
            path,
            f"uses {use.pids} of {limits.pids} pids",
            "raise pids_limit, or find out what starts so many processes",
        )
    stalled = (use.pressure or {}).get("memory", 0.0)
    if stalled > _STALLED:
        yield _finding(
            codes.STALLED,
            "warning",
            path,
            f"tasks waited for memory in {100 * stalled:.0f} % of the last minute (PSI)",
            "raise the memory limit",
        )
    if use.kernel_limit is not None and limits.memory != use.kernel_limit and container.state == "running":
        held = mib(use.kernel_limit) if use.kernel_limit else "no limit"
        asked = mib(limits.memory) if limits.memory else "no limit"
        yield _finding(
            codes.NOT_ENFORCED,
            "error",
            path,
            f"the engine holds a memory limit of {asked}, the kernel enforces {held}",
            "recreate the container",
        )
    if container.log and container.log.bytes >= GIB:
        yield _finding(
            codes.LARGE_LOG,
            "warning",
            path,
            f"the log takes {container.log.bytes / GIB:.1f} GiB",
            "cap it with the logging options max-size and max-file, or with log-driver: local in daemon.json",
        )


def _state(container: Seen, path: str) -> Iterator[Finding]:
    logs = f"read its log: docker logs --tail 50 {container.name}"
    if container.state == "restarting" or (container.restarts >= _RESTARTS and container.state == "running"):
        restarting = container.state == "restarting"
        yield _finding(
            codes.RESTARTING,
            "error" if restarting else "warning",
            path,
            f"restarted {container.restarts} times, last exit code {container.exit_code}; {'restarting now' if restarting else 'running now'}",
            logs,
        )
    elif container.state in ("exited", "dead") and container.exit_code not in _STOPPED and not container.oom_killed:
        yield _finding(codes.ENDED, "warning", path, f"exited with code {container.exit_code}", logs)
    if container.state == "running" and container.health == "unhealthy":
        said = f": {container.health_output}" if container.health_output else ""
        yield _finding(
            codes.UNHEALTHY,
            "error",
            path,
            f"the health check fails{said}",
            "fix what the check reports; Docker does not restart an unhealthy container",
        )


def _host(audit: Audit) -> Iterator[Finding]:
    machine, engine, total = audit.machine, audit.engine, sums(audit)
    unlimited = [container for container in running(audit) if not container.limits.memory]
    if unlimited:
        yield _finding(
            codes.UNBOUNDED,
            "warning",
            "host.memory",
            f"{len(unlimited)} of {total.containers} running containers have no memory limit ({listed(named(unlimited))}); "
            f"beside limits of {mib_up(total.limits)} they can use all {machine.memory // MIB} MiB, and then the kernel kills processes",
            "set a limit for each; ziggie.stack.adopt computes limits that fit the host",
        )
    if total.limits > machine.memory:
        yield _finding(
            codes.OVERCOMMITTED,
            "warning",
            "host.memory",
            f"the memory limits add up to {mib_up(total.limits)}, the host has {machine.memory // MIB} MiB",
            "lower the limits; ziggie.stack.adopt computes limits that fit the host",
        )
    if machine.memory and machine.available < _MEMORY * machine.memory:
        yield _finding(
            codes.LITTLE_MEMORY,
            "warning",
            "host.memory",
            f"{mib_up(machine.available)} of {machine.memory // MIB} MiB are available",
            "stop or limit the largest containers before the kernel kills one",
        )
    if machine.swap and machine.swap - machine.swap_free > _SWAP * machine.swap:
        yield _finding(
            codes.SWAPPING,
            "info",
            "host.swap",
            f"{mib_up(machine.swap - machine.swap_free)} of {mib_up(machine.swap)} of swap are in use",
            "find the containers that are near their limits",
        )
    if engine.disk_size and engine.disk_free is not None and engine.disk_free < _DISK * engine.disk_size:
        last = engine.disk_free < _DISK_LAST * engine.disk_size
        yield _finding(
            codes.LITTLE_DISK,
            "error" if last else "warning",
            "host.disk",
            f"{engine.disk_free / GIB:.1f} of {engine.disk_size / GIB:.1f} GiB are free on {engine.disk_mount}, which holds {engine.root}",
            "remove what fills it; docker image prune removes untagged images",
        )


def _finding(code: str, severity: Severity, path: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity=severity, path=path, message=message, fix=fix)
