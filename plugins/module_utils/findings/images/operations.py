# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proxies, and what manages a host."""

from __future__ import annotations

from collections.abc import Mapping

from ...budget.units import GIB, MIB
from .facts import Facts, words

_BUSYBOX = words("sh wget nc")

TABLE: Mapping[str, Facts] = {
    "nginx": Facts(
        kind="nginx",
        tools={"": words("sh bash curl"), "alpine": _BUSYBOX | {"curl"}, "alpine-slim": _BUSYBOX},
        own_probe=False,
        probe="curl -fsS -o /dev/null http://127.0.0.1:<port>/healthz, with a server block of its own",
        grace=30,
        many_files=True,
        floor=32 * MIB,
        steps_down=("CHOWN", "SETGID", "SETUID"),
        engine="nginx",
        tier="critical",
    ),
    "traefik": Facts(kind="traefik", tools={"": _BUSYBOX}, own_probe=False, many_files=True, floor=64 * MIB, engine="go", tier="critical"),
    "caddy": Facts(
        kind="caddy", tools={"": _BUSYBOX}, data=("/data",), own_probe=False, many_files=True, floor=64 * MIB, engine="go", tier="critical"
    ),
    "haproxy": Facts(kind="haproxy", own_probe=False, many_files=True, floor=64 * MIB, tier="critical"),
    "portainer/portainer-ce": Facts(
        kind="portainer",
        tools={"": frozenset(), "alpine": _BUSYBOX},
        data=("/data",),
        own_probe=False,
        floor=128 * MIB,
        engine_29=(2, 33, 5),
        engine="go",
        tier="management",
    ),
    "containrrr/watchtower": Facts(
        kind="watchtower",
        tools={"": frozenset()},
        own_probe=True,
        floor=64 * MIB,
        ended="it was archived on 2025-12-17 and fails on Docker Engine 29",
        instead="nickfedor/watchtower, or pinned images that a bot raises",
        engine="go",
        tier="management",
        batch=True,
    ),
    "nickfedor/watchtower": Facts(
        kind="watchtower", tools={"": frozenset()}, own_probe=True, floor=64 * MIB, engine="go", tier="management", batch=True
    ),
    "certbot/certbot": Facts(
        kind="certbot",
        tools={"": _BUSYBOX | {"python3"}},
        data=("/etc/letsencrypt",),
        own_probe=False,
        floor=96 * MIB,
        tier="management",
        batch=True,
    ),
    "actions/actions-runner": Facts(
        kind="runner",
        tools={"": words("sh bash curl jq git docker")},
        own_probe=False,
        probe="bash -c 'grep -qx Runner.Listener /proc/[0-9]*/comm'",
        grace=300,
        pids=1024,
        floor=2 * GIB,
        tier="management",
        batch=True,
    ),
    "myoung34/github-runner": Facts(kind="runner", grace=300, pids=1024, floor=2 * GIB, tier="management", batch=True),
}
