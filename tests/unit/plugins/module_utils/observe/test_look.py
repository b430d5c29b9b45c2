# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit finds what is wrong with a host, on both versions of cgroups, and says "unknown" where it cannot see."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.observe import codes
from ansible_collections.ziggie.stack.plugins.module_utils.observe.look import Order
from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Audit, Use
from ansible_collections.ziggie.stack.plugins.module_utils.observe.report import Report
from ansible_collections.ziggie.stack.plugins.module_utils.observe.sums import fills

from .world import MEMORY, MIB, World, world

OPEN = {"5432/tcp": [{"HostIp": "0.0.0.0", "HostPort": "5432"}, {"HostIp": "::", "HostPort": "5432"}]}
DEAD = {"Status": "exited", "Pid": 0, "ExitCode": 137, "OOMKilled": True}


def found(audit: Audit) -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in Report.of(audit).findings}


def plant(host: World) -> None:
    host.add("full", use=95)
    host.add("killed", kills=2)
    host.add("dead", state=DEAD)
    host.add("open", ports=OPEN)
    host.add("unlimited", limit=0)
    host.add("restarting", state={"Status": "restarting", "ExitCode": 1}, container={"RestartCount": 7})
    host.add("sick", state={"Health": {"Status": "unhealthy", "Log": [{"Output": "no route\n"}]}})
    host.add("broken", state={"Status": "exited", "Pid": 0, "ExitCode": 2})
    host.add("crowded", host={"PidsLimit": 4})
    host.add("well")


@pytest.mark.parametrize("version", [1, 2])
def test_every_planted_fault_is_found_and_named(tmp_path: Path, version: int) -> None:
    with world(tmp_path, version) as host:
        plant(host)
        seen = found(host.look())
    assert {
        (codes.NEAR_LIMIT, "containers.full"),
        (codes.KILLED, "containers.killed"),
        (codes.KILLED, "containers.dead"),
        (codes.RESTARTING, "containers.restarting"),
        (codes.UNHEALTHY, "containers.sick"),
        (codes.ENDED, "containers.broken"),
        (codes.FEW_PIDS, "containers.crowded"),
        (codes.UNBOUNDED, "host.memory"),
        ("ZB110", "services.unlimited"),
        ("ZB160", "services.open.ports[0]"),
    } <= seen
    live = {path for code, path in seen if code.startswith("ZA")}
    assert live == {f"containers.{name}" for name in ("full", "killed", "dead", "restarting", "sick", "broken", "crowded")} | {
        "host.memory"
    }


def test_a_long_answer_of_a_health_check_is_cut_and_holds_no_password(tmp_path: Path) -> None:
    said = "x" * 170 + " postgres://app:hunter2-hunter2-hunter2@db/app refused"
    with world(tmp_path) as host:
        host.add("sick", state={"Health": {"Status": "unhealthy", "Log": [{"Output": said}]}})
        [container] = host.look().containers
    assert len(container.health_output) == 200
    assert "hunter2" not in container.health_output


@pytest.mark.parametrize("version", [1, 2])
def test_figures_are_the_kernels(tmp_path: Path, version: int) -> None:
    with world(tmp_path, version) as host:
        host.add("one", use=30, limit=60, peak=50, kills=1, project="shop")
        [container] = host.look().containers
    use = container.use
    assert (use.working_set, use.memory_peak, use.kernel_limit, use.oom_kills, use.memory_at_limit, use.pids) == (
        30 * MIB,
        50 * MIB,
        60 * MIB,
        1,
        3,
        4,
    )
    assert (container.project, container.service, container.limits.memory) == ("shop", "one", 60 * MIB)


@pytest.mark.parametrize("version", [1, 2])
def test_no_limit_is_not_a_limit_of_the_kernels_largest_number(tmp_path: Path, version: int) -> None:
    with world(tmp_path, version) as host:
        host.add("free", limit=0)
        [container] = host.look().containers
    assert (container.limits.memory, container.use.kernel_limit) == (0, 0)


def test_a_limit_that_the_kernel_does_not_enforce_is_found(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        identifier = host.add("one", limit=60)
        host.write(f"sys/fs/cgroup/docker/{identifier}/memory.max", "max")
        assert (codes.NOT_ENFORCED, "containers.one") in found(host.look())


def test_the_group_of_a_container_with_its_own_init_is_the_containers(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        host.add("nested", use=40, inside="/init.scope")
        [container] = host.look().containers
    assert container.use.memory == 40 * MIB


def test_what_cannot_be_read_is_unknown_and_said(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        identifier = host.add("hidden")
        for file in (host.root / f"sys/fs/cgroup/docker/{identifier}").iterdir():
            file.unlink()
        report = Report.of(host.look())
    [container] = report.audit.containers
    assert container.use == Use()
    assert report.sums.unseen == 1
    assert "the cgroup of hidden cannot be read, so its use is unknown" in report.unknown
    assert "hidden" not in report.observed


def test_a_kernel_without_a_peak_is_said(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        identifier = host.add("one")
        (host.root / f"sys/fs/cgroup/docker/{identifier}/memory.peak").unlink()
        report = Report.of(host.look())
    assert report.audit.containers[0].use.memory_peak is None
    assert any("keeps no memory peak" in sentence for sentence in report.unknown)


def test_a_container_that_goes_while_it_is_looked_at_is_not_there(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        host.add("stays")
        host.engine.vanishing = {"f" * 64}
        audit = host.look()
    assert [container.name for container in audit.containers] == ["stays"]
    assert audit.unknown == ()


def test_an_engine_that_does_not_answer_is_waited_for_no_longer_than_asked(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        host.engine.deaf = True
        begun = time.monotonic()
        with pytest.raises(EngineError, match="does not answer"):
            host.look(Order(timeout=0.2))
        assert time.monotonic() - begun < 1.5


@pytest.mark.parametrize("answer", [None, [], "hello", {}, {"Version": "1.0"}])
def test_a_socket_of_another_program_is_a_sentence(tmp_path: Path, answer: Any) -> None:
    with world(tmp_path) as host:
        host.engine.answers["/version"] = answer
        with pytest.raises(EngineError, match=r"what answers at .* is not Docker's engine"):
            host.look()


def test_a_group_may_have_any_name(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        identifier = host.add("one", use=40)
        host.write(f"proc/{host.pids}/cgroup", f"0::/größe/{identifier}\n")
        (host.root / "sys/fs/cgroup/docker").rename(host.root / "sys/fs/cgroup/größe")
        [container] = host.look().containers
    assert container.use.memory == 40 * MIB


def test_a_resource_that_the_engine_does_not_have_is_unknown(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        host.add("one")
        del host.engine.answers["/system/df"]
        audit = host.look()
    assert audit.engine.image_bytes is None
    assert [sentence for sentence in audit.unknown if "disk use" in sentence]


def test_an_old_engine_is_not_asked_to_count_everything(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        host.engine.answers["/version"] = {"Version": "20.10.24", "ApiVersion": "1.41"}
        audit = host.look()
    assert (audit.engine.image_bytes, audit.unknown) == (None, ())


def test_volumes_and_logs_are_counted(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        mount = {"Type": "volume", "Name": "shop_data", "Destination": "/data", "RW": True}
        home = "/var/lib/docker/containers/one"
        host.add("one", container={"Mounts": [mount], "HostnamePath": f"{home}/hostname"})
        host.write("var/lib/docker/volumes/shop_data/_data/file", "x" * 10_000)
        host.write(f"{home[1:]}/one-json.log", "x" * 20_000)
        host.engine.answers["/volumes"] = {
            "Volumes": [
                {
                    "Name": "shop_data",
                    "Mountpoint": "/var/lib/docker/volumes/shop_data/_data",
                    "Labels": {"com.docker.compose.volume": "data"},
                },
                {"Name": "orphan", "Mountpoint": "/gone", "Labels": None},
            ]
        }
        audit = host.look()
    sizes = {volume.name: volume for volume in audit.volumes}
    assert sizes["shop_data"].size is not None
    assert sizes["shop_data"].size.complete
    assert 10_000 <= sizes["shop_data"].size.bytes < 100_000
    assert (sizes["shop_data"].used, sizes["orphan"].used, sizes["orphan"].size) == (True, False, None)
    [container] = audit.containers
    assert container.log is not None
    assert container.log.bytes >= 20_000
    assert audit.definitions[""]["services"]["one"]["volumes"] == [{"type": "volume", "source": "data", "target": "/data"}]


def test_a_volume_that_cannot_be_looked_into_has_the_size_that_the_engine_counts(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        mount = {"Type": "volume", "Name": "shop_data", "Destination": "/data", "RW": True}
        host.add("off", state={"Status": "exited", "Pid": 0}, container={"Mounts": [mount]})
        host.engine.answers["/volumes"] = {
            "Volumes": [{"Name": name, "Mountpoint": f"/closed/{name}"} for name in ("shop_data", "orphan", "remote")]
        }
        host.engine.answers["/system/df"]["Volumes"] = [
            {"Name": "shop_data", "UsageData": {"Size": 70_000_000}},
            {"Name": "orphan", "UsageData": {"Size": 60_000_000}},
            {"Name": "remote", "UsageData": {"Size": -1}},
        ]
        told, not_asked = host.look(), host.look(Order(timeout=5.0, sizes=0.0))
        host.engine.answers["/version"] = {"Version": "20.10.24", "ApiVersion": "1.41"}
        old = host.look()
    assert {volume.name: volume.size and volume.size.bytes for volume in told.volumes} == {
        "shop_data": 70_000_000,
        "orphan": 60_000_000,
        "remote": None,
    }
    assert [room.what for room in fills(told)][:2] == ["volume shop_data, of a container that is off", "volume orphan, of no container"]
    assert [volume.size for audit in (not_asked, old) for volume in audit.volumes] == [None] * 6


def test_the_kernel_kills_by_adjustment_and_size(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        host.add("large", use=2048, limit=4096)
        host.add("first", use=10, adjustment=500)
        host.add("spared", use=3000, limit=4096, adjustment=-1000)
        host.process(5, "dockerd", 800, 0)
        report = Report.of(host.look())
    order = [(death.owner, death.victim.process, death.victim.badness) for death in report.deaths]
    assert order == [("first", "first", 501), ("large", "large", 250), ("", "dockerd", 800 * MIB * 1000 // MEMORY)]


def test_an_audit_reads_back_exactly_what_it_wrote(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        plant(host)
        audit = host.look()
    assert Audit.from_dict(audit.to_dict()) == audit


def test_an_audit_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="format: expected 1, got 2"):
        Audit.from_dict({"format": 2})


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with world(tmp_path) as host:
        plant(host)
        before = {path: path.stat().st_mtime_ns for path in host.root.rglob("*")}
        host.look()
        assert {path: path.stat().st_mtime_ns for path in host.root.rglob("*")} == before
    assert (host.engine.started, host.engine.stopped, host.engine.updated) == ([], [], {})


def test_what_lies_where_this_user_may_not_look_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of group docker may not look into /root, and mounts from there are common."""
    real = os.stat

    def refused(path: Any, *args: Any, **options: Any) -> os.stat_result:
        if not isinstance(path, int) and "closed" in os.fspath(path):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return real(path, *args, **options)

    with world(tmp_path) as host:
        host.add("one", container={"Mounts": [{"Type": "bind", "Source": "/closed/data", "Destination": "/data", "RW": True}]})
        monkeypatch.setattr(os, "stat", refused)
        monkeypatch.setattr(Path, "stat", lambda self, *, follow_symlinks=True: refused(self, follow_symlinks=follow_symlinks))
        seen = host.look()
    assert [(volume.name, volume.size) for volume in seen.volumes if volume.kind == "bind"] == [("/closed/data", None)]
