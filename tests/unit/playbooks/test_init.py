# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's own directory: what init writes is an inventory that the other playbooks take, and nothing is written over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

HOST = "shop.example.org"
CAPACITY = {"plan_capacity": {"memory": "16g", "cpus": 4, "disk": "200g"}}


def play(place: Path, playbook: str, *words: str, **variables: Any) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_") or "COLLECTIONS" in name}
    program = Path(sys.executable).with_name("ansible-playbook")
    command = [str(program), f"ziggie.stack.{playbook}", *words, "-e", json.dumps(variables)]
    environment["LC_ALL"] = "C.UTF-8"
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=place, env=environment, timeout=120)


def test_what_it_writes_is_an_inventory_and_stays(tmp_path: Path) -> None:
    own = tmp_path / "own"
    begun = play(tmp_path, "init", init_directory=str(own), init_host=HOST, init_user="debian", init_preset="ai")
    assert begun.returncode == 0, begun.stdout + begun.stderr
    assert yaml.safe_load((own / "hosts.yml").read_text(encoding="utf-8")) == {"stack": {"hosts": {HOST: {"ansible_user": "debian"}}}}
    # Each example that is a comment can be used as it stands.
    settings = own / "group_vars/stack/main.yml"
    written = settings.read_text(encoding="utf-8")
    routed = "stack_routes: {}\n#  n8n: n8n.example.org"
    assert routed in written
    settings.write_text(written.replace(routed, "stack_routes:\n  n8n: n8n.example.org"), encoding="utf-8")
    example = (own / "group_vars/stack/vault.yml.example").read_text(encoding="utf-8")
    assert "stack_credentials: {}\n#  grafana" in example
    (own / "group_vars/stack/vault.yml").write_text(example.replace("{}", "").replace("#  c", "  c"), encoding="utf-8")
    planned = play(tmp_path, "plan", "-i", str(own / "hosts.yml"), **CAPACITY)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert f"PLAN for {HOST}" in planned.stdout
    assert "https://n8n.example.org" in planned.stdout
    assert "off: set certbot" not in planned.stdout
    # The preset has neither Grafana nor Redis.
    assert "grafana" not in planned.stdout

    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    again = play(tmp_path, "init", init_directory=str(own), init_host="b c", init_user="A", init_preset="all", init_project="Big")
    assert again.returncode != 0
    told = " ".join((again.stdout + again.stderr).split())
    for sentence in (
        "init_host: 'b c' is no name or address",
        "init_user: 'A' is no user's name",
        "init_preset: there is no preset 'all'; there are report, empty, ai, observability",
        "init_project: 'Big' is no name of a Compose project",
        f"init_directory: {own}/hosts.yml is there, and what is yours is not written over",
    ):
        assert sentence in told
    assert {path: path.read_bytes() for path in own.rglob("*") if path.is_file()} == before


def test_the_services_of_a_compose_file_are_the_stack(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text("name: shop\nservices: {cache: {image: 'redis:7.4'}}\n", encoding="utf-8")
    own = tmp_path / "own"
    begun = play(tmp_path, "init", init_directory=str(own), init_host=HOST, init_project="shop")
    assert begun.returncode == 0, begun.stdout + begun.stderr
    said = " ".join(begun.stdout.split())
    assert f"-e adopt_catalog={own}/catalog" in said
    assert f"ziggie.stack.plan -i {own}/hosts.yml" in said
    capacity = {"memory": "4g", "cpus": 2}
    adopted = play(tmp_path, "adopt", adopt_file="compose.yml", adopt_catalog=str(own / "catalog"), adopt_capacity=capacity)
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    planned = play(tmp_path, "plan", "-i", str(own / "hosts.yml"), **CAPACITY)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "  cache " in planned.stdout
    # The catalog in the same directory is no inventory.
    assert "[WARNING]" not in planned.stdout + planned.stderr
    assert "postgres" not in planned.stdout
