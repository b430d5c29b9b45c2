# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stranger's Compose file becomes a catalog, and that alone is deployed to the lab host, beside whatever runs there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]
HOST = os.environ.get("ZIGGIE_LAB_HOST", "ziggie-lab")
COMPOSE = Path(__file__).parent / "compose.yml"
PROJECT = "ziggie-test-shop"
DIRECTORY = f"/opt/{PROJECT}"
Play = Callable[..., "subprocess.CompletedProcess[str]"]


def ask(command: str) -> str:
    """Run a shell command on the host; one that fails is an error of the test."""
    done = subprocess.run(["docker", "exec", HOST, "sh", "-c", command], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


@pytest.fixture(name="play", scope="module")
def _play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Run a playbook with an inventory that has the stranger's stack alone; at the end nothing of it is left."""
    place = tmp_path_factory.mktemp("shop")
    settings = {
        "ansible_connection": "community.docker.docker",
        "ansible_python_interpreter": "/usr/bin/python3",
        "stack_project": PROJECT,
        "stack_directory": DIRECTORY,
        "stack_capacity": {"memory": "4g", "cpus": 2, "disk": "40g"},
        "stack_capacity_pretend": True,
        "stack_sysctl": {},
        "preflight_disk_free": "1g",
        "release_watch": 1,
        "catalog_builtin": False,
        "catalog_directories": [str(place / "catalog")],
    }
    inventory = place / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"stack": {"hosts": {HOST: settings}}}))

    def play(name: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "ansible-playbook"), f"ziggie.stack.{name}", "-i", str(inventory)]
        command += ["-e", json.dumps({"adopt_catalog": str(place / "catalog"), **variables})]
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "ZIGGIE_DETAILED_EXITCODE": "true", "ZIGGIE_PAGE_DIRECTORY": str(place)}
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment, timeout=600)

    yield play
    ask(f"docker compose -p {PROJECT} down --volumes --timeout 1 && rm -rf {DIRECTORY}")


def plan(play: Play, **variables: Any) -> tuple[int, dict[str, Any]]:
    """Return a plan's status and the plan."""
    done = play("plan", plan_format="json", **variables)
    [document] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done.returncode, document


def changed(plan: dict[str, Any]) -> set[str]:
    """Return the services whose containers a run would change."""
    return {container["service"] for container in plan["containers"] if container["impact"] != "none"}


def image(service: str) -> list[str]:
    """Return what a service's container was made of: the reference, and the id of the image."""
    label = f"--filter label=com.docker.compose.project={PROJECT} --filter label=com.docker.compose.service={service}"
    return ask(f"docker inspect --format '{{{{.Config.Image}}}} {{{{.Image}}}}' $(docker ps -q {label})").split()


def test_a_strangers_stack_alone_is_deployed_within_its_budget(play: Play) -> None:
    adopted = play("adopt", adopt_file=str(COMPOSE), adopt_capacity={"memory": "4g", "cpus": 2})
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    code, before = plan(play)
    assert (code, before["verdict"], changed(before)) == (10, "feasible with changes", {"cache", "db", "nginx"})
    deployed = play("site")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    code, after = plan(play)
    assert (code, after["verdict"], changed(after)) == (0, "feasible", set())
    for name, service in after["budget"]["services"].items():
        container = ask(
            f"docker ps -q --filter label=com.docker.compose.project={PROJECT} --filter label=com.docker.compose.service={name}"
        )
        limits = json.loads(ask(f"docker inspect --format '{{{{json .HostConfig}}}}' {container}"))
        assert (limits["Memory"], limits["PidsLimit"]) == (service["memory"]["limit"], service["pids"])
    buffers = after["budget"]["services"]["db"]["tuning"]["settings"]["shared_buffers"]
    assert ask(f"docker compose -p {PROJECT} exec -T db psql -U shop -tAc 'show shared_buffers'") == buffers
    assert "Welcome to nginx" in ask("busybox wget -qO- http://127.0.0.1:8090/")
    assert ask(f"ls {DIRECTORY}/stack/config 2>/dev/null | wc -l") == "0"


def test_a_tag_that_is_moved_is_told_and_a_new_image_waits_until_it_is_acknowledged(play: Play, tmp_path: Path) -> None:
    """The stack of the test before, whose release remembers its images."""
    pins = json.loads(ask(f"cat {DIRECTORY}/stack/images.json"))
    reference, was = image("cache")
    assert (pins["cache"]["reference"], pins["cache"]["id"]) == (reference, was)
    digest = pins["cache"]["digest"]
    assert digest in ask(f"docker image inspect --format '{{{{.RepoDigests}}}}' {was}")
    other = {"catalog_overrides": {"services": {"cache": {"environment": {"ANOTHER": "1"}}}}}
    try:
        ask(f"docker tag {image('nginx')[1]} redis:8.2.9")
        code, told = plan(play)
        assert (code, changed(told)) == (0, set())
        [moved] = [one for one in told["findings"] if one["code"] == "ZH071"]
        assert f"redis:8.2.9 was {digest[:19]} when it was released and is " in moved["message"]
        assert play("site", **other).returncode == 0
        assert image("cache") == [f"redis:8.2.9@{digest}", was]
        code, told = plan(play, **other)
        assert (code, changed(told)) == (0, set())
    finally:
        ask(f"docker tag {was} redis:8.2.9")
    new = {
        "catalog_overrides": {"services": {"cache": {"image": "docker.io/library/redis:8.2.10"}}},
        "updates_ledger": str(tmp_path / "none"),
    }
    refused = play("plan", **new).stdout
    assert "docker.io/library/redis:8.2.10 was never seen before" in " ".join(refused.split())
    assert "ZH070" not in play("plan", **new, upgrade_acknowledged="cache@8.2.10").stdout
