# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people host besides, by the least with which each works: its documentation's minimum, or the heap that its start script sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...budget.units import GIB, MIB
from .facts import Facts

# -Xmx1G of kafka-server-start.sh, and what a JVM needs beside its heap.
_KAFKA = Facts(kind="kafka", data=("/var/lib/kafka/data",), grace=60, pids=400, many_files=True, floor=1280 * MIB, tier="critical")
_ZOOKEEPER = Facts(kind="zookeeper", data=("/data",), grace=30, pids=200, floor=640 * MIB, tier="critical")
_CLICKHOUSE = Facts(kind="clickhouse", data=("/var/lib/clickhouse",), grace=60, pids=1500, many_files=True, floor=GIB, tier="critical")
_AUTHENTIK = Facts(kind="authentik", pids=100, floor=512 * MIB)
_LANGFUSE = Facts(kind="langfuse", pids=100, floor=GIB)
_PLAUSIBLE = Facts(kind="plausible", pids=200, floor=256 * MIB)
_PLANE = Facts(kind="plane", pids=100, floor=256 * MIB)
_PLEX = Facts(kind="plex", data=("/config",), grace=30, pids=300, floor=512 * MIB)
_SUPABASE = Facts(kind="supabase", pids=100, floor=256 * MIB)

TABLE: Mapping[str, Facts] = {
    "apache/kafka": _KAFKA,
    "confluentinc/cp-kafka": _KAFKA,
    "confluentinc/cp-zookeeper": replace(_ZOOKEEPER, data=("/var/lib/zookeeper/data",)),
    "zookeeper": _ZOOKEEPER,
    "clickhouse": _CLICKHOUSE,
    "clickhouse/clickhouse-server": _CLICKHOUSE,
    "altinity/clickhouse-server": _CLICKHOUSE,
    "kibana": Facts(kind="kibana", pids=100, floor=GIB, tier="management"),
    "kibana/kibana": Facts(kind="kibana", pids=100, floor=GIB, tier="management"),
    "logstash": Facts(kind="logstash", pids=200, floor=1280 * MIB),
    "logstash/logstash": Facts(kind="logstash", pids=200, floor=1280 * MIB),
    "goauthentik/server": _AUTHENTIK,
    "langfuse/langfuse": _LANGFUSE,
    "langfuse/langfuse-worker": _LANGFUSE,
    "plausible/analytics": _PLAUSIBLE,
    "plausible/community-edition": _PLAUSIBLE,
    "makeplane/plane-backend": _PLANE,
    "makeplane/plane-frontend": replace(_PLANE, floor=128 * MIB),
    "umami-software/umami": Facts(kind="umami", pids=100, floor=256 * MIB),
    "outlinewiki/outline": Facts(kind="outline", pids=100, floor=512 * MIB),
    "gotenberg/gotenberg": Facts(kind="gotenberg", pids=300, floor=512 * MIB),
    "apache/tika": Facts(kind="tika", pids=100, floor=512 * MIB),
    "pihole/pihole": Facts(kind="pihole", data=("/etc/pihole",), pids=100, floor=128 * MIB, tier="critical"),
    "dpage/pgadmin4": Facts(kind="pgadmin", data=("/var/lib/pgadmin",), pids=100, floor=256 * MIB, tier="management"),
    "cloudflare/cloudflared": Facts(kind="cloudflared", pids=50, floor=64 * MIB, tier="critical"),
    "nginxproxy/acme-companion": Facts(kind="acme-companion", pids=50, floor=64 * MIB, tier="management"),
    "linuxserver/wireguard": Facts(kind="wireguard", data=("/config",), pids=50, floor=32 * MIB, tier="critical"),
    "linuxserver/plex": _PLEX,
    "plexinc/pms-docker": _PLEX,
    "louislam/uptime-kuma": Facts(kind="uptime-kuma", data=("/app/data",), pids=50, floor=128 * MIB, tier="management"),
    "home-assistant/home-assistant": Facts(kind="home-assistant", data=("/config",), grace=60, pids=200, floor=512 * MIB),
    "homeassistant/home-assistant": Facts(kind="home-assistant", data=("/config",), grace=60, pids=200, floor=512 * MIB),
    "itzg/minecraft-server": Facts(kind="minecraft", data=("/data",), grace=60, pids=300, floor=1536 * MIB),
    "gitlab/gitlab-ce": Facts(kind="gitlab", data=("/var/opt/gitlab",), grace=120, pids=1000, floor=4 * GIB),
    "sonarqube": Facts(kind="sonarqube", data=("/opt/sonarqube/data",), grace=60, pids=1024, floor=2 * GIB),
    "jenkins/jenkins": Facts(kind="jenkins", data=("/var/jenkins_home",), grace=60, pids=300, floor=512 * MIB),
    "ghost": Facts(kind="ghost", data=("/var/lib/ghost/content",), pids=60, floor=256 * MIB),
    "matomo": Facts(kind="matomo", data=("/var/www/html",), pids=100, floor=128 * MIB),
    "kong": Facts(kind="kong", pids=100, floor=512 * MIB, tier="critical"),
    "darthsim/imgproxy": Facts(kind="imgproxy", pids=100, floor=128 * MIB),
    "postgrest/postgrest": Facts(kind="postgrest", pids=50, floor=64 * MIB),
    "supabase/studio": _SUPABASE,
    "supabase/realtime": _SUPABASE,
    "supabase/storage-api": _SUPABASE,
    "supabase/edge-runtime": _SUPABASE,
    "supabase/supavisor": _SUPABASE,
    "supabase/logflare": replace(_SUPABASE, floor=512 * MIB),
    "supabase/gotrue": replace(_SUPABASE, floor=64 * MIB),
    "supabase/postgres-meta": replace(_SUPABASE, floor=128 * MIB),
}
