# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications, and the runtimes that they are built on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...budget.units import GIB, MIB
from .facts import Facts, words

_BUSYBOX = "sh wget nc"
_DEBIAN = "sh bash curl wget python3"

_NODE = Facts(
    kind="node",
    tools={"": words(f"{_DEBIAN} node"), "slim": words("sh bash node"), "alpine": words(f"{_BUSYBOX} node")},
    own_probe=False,
    needs_init=True,
    floor=128 * MIB,
    support_ends={(14,): "2023-04-30", (16,): "2023-09-11", (18,): "2025-04-30", (20,): "2026-04-30"},
    engine="node",
)
_PYTHON = Facts(
    kind="python",
    tools={
        "": words(f"{_DEBIAN} python"),
        "slim": words("sh bash python python3"),
        "alpine": words(f"{_BUSYBOX} python python3"),
    },
    own_probe=False,
    needs_init=True,
    floor=128 * MIB,
    support_ends={(2,): "2020-01-01", (3, 7): "2023-06-27", (3, 8): "2024-10-07", (3, 9): "2025-10-31"},
)
_PHP = Facts(kind="php", data=("/var/www/html",), own_probe=False, floor=256 * MIB, steps_down=("CHOWN", "SETGID", "SETUID"))
_MASTODON = Facts(kind="mastodon", queue_when=("", ""), pids=100, floor=512 * MIB)
_IMMICH = Facts(kind="immich", own_probe=True, queue_when=("", ""), pids=200, floor=GIB)

TABLE: Mapping[str, Facts] = {
    "node": _NODE,
    "python": _PYTHON,
    "ollama/ollama": Facts(
        kind="ollama",
        tools={"": words("sh bash ollama")},
        data=("/root/.ollama",),
        own_probe=False,
        probe="ollama ps",
        pids=100,
        floor=3 * GIB,
        engine="ollama",
    ),
    "n8nio/n8n": Facts(
        kind="n8n",
        tools={"": words(f"{_BUSYBOX} node")},
        data=("/home/node/.n8n",),
        secret_file="_FILE",
        keys=("N8N_ENCRYPTION_KEY", "N8N_ENCRYPTION_KEY_FILE"),
        own_probe=False,
        probe="wget -q -T 4 -O /dev/null http://127.0.0.1:5678/healthz/readiness",
        boot=9600,
        grace=45,
        pids=60,
        floor=GIB,
        queue_when=("EXECUTIONS_MODE", "queue"),
        engine="node",
    ),
    "flowiseai/flowise": Facts(
        kind="flowise",
        tools={"": words(f"{_BUSYBOX} curl node python3")},
        data=("/root/.flowise",),
        own_probe=False,
        probe="curl -fsS -o /dev/null http://127.0.0.1:3000/api/v1/ping",
        boot=8900,
        grace=30,
        pids=40,
        floor=GIB,
        needs_init=True,
        queue_when=("MODE", "queue"),
        engine="node",
    ),
    "open-webui/open-webui": Facts(
        kind="open-webui",
        tools={"": words("sh bash curl jq python3")},
        data=("/app/backend/data",),
        keys=("WEBUI_SECRET_KEY",),
        own_probe=True,
        probe="python3 -c \"import urllib.request as u; u.build_opener().open('http://127.0.0.1:8080/ready', timeout=4)\"",
        boot=14700,
        pids=256,
        floor=1536 * MIB,
        floor_slim=512 * MIB,
        tier="management",
    ),
    "simstudioai/simstudio": Facts(kind="sim-studio", own_probe=False, floor=4 * GIB),
    "nextcloud": replace(_PHP, kind="nextcloud", secret_file="_FILE"),
    "wordpress": replace(_PHP, kind="wordpress", secret_file="_FILE", floor=128 * MIB),
    "drupal": replace(_PHP, kind="drupal"),
    "phpmyadmin": replace(_PHP, kind="phpmyadmin", data=(), floor=64 * MIB, tier="management"),
    "adminer": Facts(kind="adminer", own_probe=False, floor=64 * MIB, tier="management"),
    "immich-app/immich-server": _IMMICH,
    "immich-app/immich-machine-learning": replace(_IMMICH, queue_when=None),
    "mastodon/mastodon": _MASTODON,
    "tootsuite/mastodon": _MASTODON,
    "mastodon/mastodon-streaming": replace(_MASTODON, queue_when=None, floor=128 * MIB, engine="node"),
    "paperless-ngx/paperless-ngx": Facts(kind="paperless", queue_when=("", ""), floor=512 * MIB),
    "gitea/gitea": Facts(kind="gitea", data=("/data",), pids=100, floor=256 * MIB),
    "vaultwarden/server": Facts(kind="vaultwarden", data=("/data",), own_probe=True, floor=64 * MIB),
    "keycloak/keycloak": Facts(kind="keycloak", floor=768 * MIB, pids=200),
    "jellyfin/jellyfin": Facts(kind="jellyfin", data=("/config",), floor=512 * MIB, pids=200),
    "tiangolo/uvicorn-gunicorn-fastapi": Facts(
        kind="python", ended="its author retired it", instead="python with gunicorn or uvicorn", floor=128 * MIB, engine="python"
    ),
}
