# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strangers' Compose files are adopted: they get their limits, and nothing else in them changes."""

from __future__ import annotations

import difflib
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge
from ansible_collections.ziggie.stack.plugins.module_utils.compose.project import Project
from ansible_collections.ziggie.stack.plugins.module_utils.plan.plan import stated
from ansible_collections.ziggie.stack.plugins.module_utils.plan.text import definition
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.document import parse
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import read

# One of them comes from an editor that ends lines with a carriage return, which a checkout may not keep.
_ENDED = tempfile.TemporaryDirectory()


def _stranger(path: Path) -> Path:
    if path.name != "windows.compose":
        return path
    ended = Path(_ENDED.name) / path.name
    ended.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return ended


STRANGERS = [_stranger(path) for path in sorted((Path(__file__).parent / "strangers").glob("*.compose"))]
HOST = {"memory": "16g", "cpus": 4}
LIMITS = {"mem_limit", "memswap_limit", "mem_reservation", "cpu_shares", "cpus", "pids_limit", "oom_score_adj", "x-budget"}
OURS = re.compile(
    r"\s*(?:-\s.*|--[\w-]+=.*|(?:mem_limit|memswap_limit|mem_reservation|cpu_shares|cpus|pids_limit|oom_score_adj|memory|limits|resources|command|deploy"
    r"|mail|environment|NODE_OPTIONS|GOMEMLIMIT|x-budget|tier|io|pids|tuning|batch|complete):.*|\w+: \{.*|.*services:)?\r?\n?"
)


def adopted(path: Path, capacity: dict[str, Any] | None = None, **wish: Any) -> dict[str, Any]:
    given = {"policy": {}, "profiles": frozenset(), "accepted": {}, "host": {}, "capacity": capacity or HOST}
    return adopt([str(path)], Wish(**{**given, **wish}))


def rewritten(path: Path, capacity: dict[str, Any] | None = None) -> str:
    result = adopted(path, capacity)
    assert result["problems"] == []
    assert [finding["told"] for finding in result["findings"] if finding["code"] == "ZB310"] == []
    return str(result["files"][0]["content"])


def copied(stranger: Path, directory: Path, content: str | None = None) -> Path:
    copy = directory / stranger.name
    copy.write_bytes(stranger.read_bytes() if content is None else content.encode())
    return copy


def data(name: str, text: str) -> dict[str, Any]:
    (document,), problems = parse(name, text)
    assert problems == []
    return document.data


def foreign(service: dict[str, Any]) -> dict[str, Any]:
    """What is left of a service without all that a budget writes."""
    return {key: value for key, value in service.items() if key not in {*LIMITS, "deploy", "environment", "command"}}


def without_sources(budget: dict[str, Any]) -> dict[str, Any]:
    return {name: {key: value for key, value in service.items() if key != "explain"} for name, service in budget["services"].items()}


def comments(text: str) -> list[str]:
    return re.findall(r"(?:^|\s)(#[^\n\r]*)", text)


@pytest.fixture(params=STRANGERS, ids=lambda path: path.stem)
def stranger(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_every_service_gets_a_limit_within_the_pool(stranger: Path) -> None:
    result = adopted(stranger, profiles=frozenset("*"))
    services = result["budget"]["services"]
    assert set(services) == set(data(stranger.name, stranger.read_text())["services"])
    assert sum(service["memory"]["limit"] for service in services.values()) <= result["budget"]["pool"]["memory"]
    assert definition(Budget.from_dict(result["budget"]), stated(result["findings"]))[0].startswith("pool ")


def test_only_what_is_ours_changes(stranger: Path) -> None:
    before, after = stranger.read_bytes().decode(), rewritten(stranger)
    old, new = data(stranger.name, before), data(stranger.name, after)
    assert {key: value for key, value in new.items() if key != "services"} == {
        key: value for key, value in old.items() if key != "services"
    }
    assert {name: foreign(service) for name, service in new["services"].items()} == {
        name: foreign(service) for name, service in old["services"].items()
    }
    changed = [line[2:] for line in difflib.ndiff(before.splitlines(True), after.splitlines(True)) if line[0] in "+-"]
    assert [line for line in changed if not OURS.fullmatch(line)] == []


def test_comments_stay(stranger: Path) -> None:
    assert comments(rewritten(stranger)) == comments(stranger.read_bytes().decode())


def test_variables_and_settings_of_others_stay(stranger: Path) -> None:
    old, new = data(stranger.name, stranger.read_text()), data(stranger.name, rewritten(stranger))
    for name, service in old["services"].items():
        for key in ("environment", "command"):
            words = [str(word) for word in service.get(key) or ()] if isinstance(service.get(key), (list, dict)) else []
            kept = str(new["services"][name].get(key))
            tuned = ("max_connections", "NODE_OPTIONS", "retention")
            assert [word for word in words if word not in kept and not any(part in word for part in tuned)] == []


def test_adopting_what_was_adopted_changes_nothing(stranger: Path, tmp_path: Path) -> None:
    once = rewritten(stranger)
    again = adopted(copied(stranger, tmp_path, once))
    assert again["files"][0]["content"] == once
    assert again["files"][0]["changed"] is False


def test_another_host_gives_what_it_would_have_given_at_first(stranger: Path, tmp_path: Path) -> None:
    small = copied(stranger, tmp_path, rewritten(stranger, {"memory": "6g", "cpus": 2}))
    assert without_sources(adopted(small)["budget"]) == without_sources(adopted(stranger)["budget"])


def test_line_ends_stay() -> None:
    windows = next(path for path in STRANGERS if path.stem == "windows")
    assert "\n" not in rewritten(windows).replace("\r\n", "")


def test_a_catalog_gives_the_same_budget(stranger: Path, tmp_path: Path) -> None:
    result = adopted(stranger, catalog=str(tmp_path))
    for fragment in result["fragments"]:
        Path(fragment["path"]).parent.mkdir(exist_ok=True)
        Path(fragment["path"]).write_text(fragment["content"])
    fragments, unreadable = read(tmp_path)
    compose, wrong = merge(fragments, {}, [])
    assert (unreadable, wrong) == ([], [])
    budget = solve(compose, HOST).to_dict()
    assert {name: service["memory"] for name, service in budget["services"].items()} == {
        name: service["memory"] for name, service in result["budget"]["services"].items()
    }
    assert [name for name, service in compose["services"].items() if (LIMITS - {"x-budget"}) & set(service)] == []


def real_names(compose: dict[str, Any], project: str) -> dict[str, list[str]]:
    """Return the engine's names of the volumes that each service mounts, as Compose makes them."""
    read_project = Project.read(compose)

    def real(name: str) -> str:
        volume = read_project.volumes[name]
        own = volume.raw.get("name") or dict(volume.raw.get("external") if isinstance(volume.raw.get("external"), dict) else {}).get("name")
        return str(own or (name if volume.external else f"{project}_{name}"))

    return {
        name: [real(mount.source) for mount in service.mounts if mount.kind == "volume" and mount.source in read_project.volumes]
        for name, service in read_project.services.items()
    }


PROJECT = """
services:
  db:
    image: postgres:17
    environment: {POSTGRES_PASSWORD: x}
    volumes: ["data:/var/lib/postgresql/data", "shared:/s", "old:/o", "named:/n", "/anonymous"]
volumes:
  data:
  shared: {external: true}
  old: {external: {name: of_old}}
  named: {name: my_data}
"""


@pytest.mark.parametrize(
    ("folder", "text", "dotenv", "project"),
    [
        ("My.Shop", PROJECT, "", "myshop"),
        ("_shop-1", PROJECT, "", "shop-1"),
        ("other", f"name: shop\n{PROJECT}", "", "shop"),
        ("other", f"name: shop\n{PROJECT}", "COMPOSE_PROJECT_NAME=till\n", "till"),
    ],
)
def test_an_adopted_stack_keeps_its_volumes(tmp_path: Path, folder: str, text: str, dotenv: str, project: str) -> None:
    file = tmp_path / folder / "compose.yml"
    file.parent.mkdir()
    file.write_text(text)
    (file.parent / ".env").write_text(dotenv)
    result = adopted(file, catalog=str(tmp_path / "catalog"))
    for fragment in result["fragments"]:
        Path(fragment["path"]).parent.mkdir(parents=True, exist_ok=True)
        Path(fragment["path"]).write_text(fragment["content"])
    fragments, _unreadable = read(tmp_path / "catalog")
    compose, _wrong = merge(fragments, {}, [])
    deployed = compile_stack(compose, solve(compose, HOST))
    # Under whatever name the inventory runs it.
    assert real_names(deployed, "ziggie") == real_names(yaml.safe_load(text), project)
    assert real_names(deployed, "ziggie")["db"] == [f"{project}_data", "shared", "of_old", "my_data"]
    assert compose["name"] == project
    remarks = "\n".join(result["remarks"])
    assert f"write stack_project: {project}" in remarks
    assert "services.db.volumes[4]: /anonymous is an anonymous volume" in remarks


def test_a_fragment_says_what_is_to_be_done_by_hand(tmp_path: Path) -> None:
    immich = next(path for path in STRANGERS if path.stem == "immich")
    remarks = "\n".join(adopted(immich, catalog=str(tmp_path))["remarks"])
    assert "immich.compose:14: services.immich-server.env_file: it is a file on this machine" in remarks
    assert "services.database.environment.POSTGRES_PASSWORD: ${DB_PASSWORD} has no value on the host" in remarks


def test_a_derived_servers_own_command_is_left_alone() -> None:
    immich = next(path for path in STRANGERS if path.stem == "immich")
    services = data("immich.compose", rewritten(immich))["services"]
    assert "command" not in services["database"]
    assert services["redis"]["command"][:2] == ["valkey-server", "--maxmemory"]


def test_a_service_of_an_inactive_profile_is_left_alone() -> None:
    mastodon = next(path for path in STRANGERS if path.stem == "mastodon")
    result = adopted(mastodon)
    assert "es" not in result["budget"]["services"]
    assert (
        data("mastodon.compose", result["files"][0]["content"])["services"]["es"]
        == data("mastodon.compose", mastodon.read_text())["services"]["es"]
    )
    assert "es" in adopted(mastodon, profiles=frozenset({"search"}))["budget"]["services"]


def test_what_does_not_fit_is_said_with_its_shortfall(stranger: Path) -> None:
    result = adopted(stranger, {"memory": "400m", "cpus": 1})
    assert result["files"] == []
    assert "MiB" in result["problems"][0]


def test_several_files_are_laid_over_each_other(tmp_path: Path) -> None:
    base, over = tmp_path / "compose.yml", tmp_path / "compose.override.yml"
    base.write_text("services:\n  web:\n    image: nginx:1.30.4\n    ports: ['80:80']\n  db:\n    image: postgres:17.11\n")
    over.write_text("services:\n  web:\n    mem_limit: 96m   # tight\n")
    result = adopt([str(tmp_path)], Wish(capacity=HOST, policy={}, profiles=frozenset(), accepted={}, host={}))
    first, second = (file["content"] for file in result["files"])
    assert result["budget"]["services"]["web"]["memory"]["limit"] == 96 * 1024**2
    assert "mem_limit: 96m   # tight\n    mem_reservation: 32m\n" in second
    assert first.startswith(
        "services:\n  web:\n    image: nginx:1.30.4\n    ports: ['80:80']\n  db:\n    image: postgres:17.11\n    mem_limit: "
    )


def test_variables_come_from_dot_env_but_no_secret_does(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WEB_MEMORY=128m\nDB_PASSWORD=hunter2\n")
    compose = tmp_path / "compose.yml"
    compose.write_text(
        "services:\n  web:\n    image: x:1\n    mem_limit: ${WEB_MEMORY}\n    environment:\n      - PASSWORD=${DB_PASSWORD}\n"
    )
    result = adopted(compose, catalog=str(tmp_path / "catalog"))
    assert result["budget"]["services"]["web"]["memory"]["limit"] == 128 * 1024**2
    assert "hunter2" not in str(result)


def test_a_quota_from_an_anchor_goes_without_touching_the_anchor(tmp_path: Path) -> None:
    compose = tmp_path / "compose.yml"
    compose.write_text("x-all: &all\n  cpus: 0.5  # for all\nservices:\n  web:\n    <<: *all\n    image: nginx:1.30.4\n")
    content = rewritten(compose)
    assert content.startswith(compose.read_text())
    assert yaml.safe_load(content)["services"]["web"]["cpus"] == 0
    compose.write_text(content)
    assert rewritten(compose) == content


def test_what_cannot_be_written_alone_is_not_written(tmp_path: Path) -> None:
    compose = tmp_path / "compose.yml"
    text = "services:\n  app: &app\n    image: node:22\n  other:\n    <<: *app\n    image: x:1\n"
    compose.write_text(text)
    result = adopted(compose)
    assert result["files"][0] == {"path": str(compose), "content": text, "mode": f"{compose.stat().st_mode & 0o7777:04o}", "changed": False}
    assert [finding["severity"] for finding in result["findings"] if finding["code"] == "ZB310"] == ["warning"]
    assert result["mended"] == []


def test_a_dependency_that_is_not_there_is_not_mended(tmp_path: Path) -> None:
    compose = tmp_path / "compose.yml"
    compose.write_text("services:\n  app:\n    image: x:1\n    depends_on: [nope]\n    mem_limit: 256m\n")
    result = adopted(compose)
    assert "depends_on: [nope]" in result["files"][0]["content"]
    assert [finding["path"] for finding in result["findings"] if finding["code"] == "ZB197"] == ["services.app.depends_on.nope"]
    assert [sentence for sentence in result["mended"] if "depends_on" in sentence] == []
    assert any("nothing limits its processes" in sentence for sentence in result["mended"])
