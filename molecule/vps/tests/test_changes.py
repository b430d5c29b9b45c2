# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory that changes its mind: a service's data are wanted elsewhere, and the host is to have swap; then none of it any more."""

from __future__ import annotations

from machine import Played, ask, inspect, play, unhealthy

_REDIS = "docker exec ziggie-redis-1 sh -c 'REDISCLI_AUTH=\"$(cat /run/secrets/redis_password)\" redis-cli {}'"
_OLD, _NEW = "/mnt/nvme/ziggie/redis", "/var/log/ziggie/redis"
_SWAP = "/var/lib/ziggie/swap"
_MOVED = {"services": {"redis": {"x-budget": {"storage": {"redis_data": {"class": "log", "size": "1g"}}}}}}


def _played(name: str, **variables: object) -> Played:
    played = play(name, **variables)
    assert played.code == 0, played.text[-3000:]
    return played


def test_data_and_swap_follow_the_inventory() -> None:
    overrides = ask("cat /proc/sys/kernel/random/uuid")
    assert ask(_REDIS.format(f"set moved {overrides}")) == "OK"
    others = {name: container["Id"] for name, container in inspect().items() if name != "redis"}
    wanted = {"stack_host": {"swap": "file", "swap_size": "256m"}, "vps_overrides": _MOVED}
    refused = play(**wanted)
    assert refused.code != 0
    assert "migrate_service=redis" in refused.text
    assert ask(f"test -e {_SWAP} || echo none") == "none"
    _played("migrate_storage", migrate_service="redis", **wanted)
    assert ask(_REDIS.format("get moved")) == overrides
    volume = "docker volume inspect --format '{{ .Options.device }}' ziggie_redis_data"
    assert ask(volume) == _NEW
    assert ask(f"ls {_OLD}")
    assert ask("swapon --show=NAME,SIZE --noheadings").split() == [_SWAP, "256M"]
    # The containers still swap nothing.
    assert ask("cat /sys/fs/cgroup/ziggie.slice/memory.swap.max") == "0"
    assert {name: container["Id"] for name, container in inspect().items() if name != "redis"} == others
    assert unhealthy() == {}


def test_the_old_data_go_when_told_and_swap_when_not_wanted() -> None:
    wanted = {"stack_host": {"swap": "none"}, "vps_overrides": _MOVED}
    _played("migrate_storage", migrate_service="redis", migrate_remove_old=True, **wanted)
    assert ask(f"test -e {_OLD} && ls -A {_OLD} || true") == ""
    assert ask("swapon --show=NAME --noheadings") == ""
    assert ask(f"test -e {_SWAP} || echo none") == "none"
    assert len(ask(_REDIS.format("get moved"))) == 36
