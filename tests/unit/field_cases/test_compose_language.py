# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Compose accepts is adopted: planned as Compose would run it, and written so that its own tool still takes the file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.adopt import Wish, adopt
from ansible_collections.ziggie.stack.plugins.plugin_utils.adopt.document import parse

CASES = Path(__file__).parent
MIB = 1024**2
# What the schema of stacks lets a service have that a budget could write (docker/cli, config_schema_v3.13.json).
STACK_KEYS = {"image", "networks", "deploy", "environment", "command", "restart", "volumes"}


def adopted(*files: Path | str, memory: str = "8g", **wish: Any) -> dict[str, Any]:
    given = {"policy": {}, "profiles": frozenset(), "accepted": {}, "host": {}, "capacity": {"memory": memory, "cpus": 4}}
    return adopt([str(file) for file in files], Wish(**{**given, **wish}))


def case(number: int) -> Path:
    (folder,) = CASES.glob(f"{number}-*")
    return folder / "compose.yml"


def written(directory: Path, text: str, name: str = "compose.yml") -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def codes(result: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in result["findings"]}


def services(result: dict[str, Any], name: str = "compose.yml") -> dict[str, Any]:
    """Return the services of a file as it would be written."""
    (content,) = (file["content"] for file in result["files"] if Path(file["path"]).name == name)
    found: dict[str, Any] = {}
    for document in parse(name, content)[0]:
        for service, data in document.data.get("services", {}).items():
            found[service] = {**found.get(service, {}), **data}
    return found


@pytest.mark.parametrize(("limit", "swap"), [("256m", "256m"), ("256mb", "256mb"), ("256m", "512m"), ("256m", "-1")])
def test_the_swap_that_an_author_allows_or_forbids_stays_however_often_a_file_is_adopted(limit: str, swap: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"services:\n  a:\n    image: example/app:1\n    mem_limit: {limit}\n    memswap_limit: {swap}\n")
    settled(path)
    assert str(yaml.safe_load(path.read_text())["services"]["a"]["memswap_limit"]) == swap


def test_a_file_that_is_laid_over_another_is_not_planned_alone(tmp_path: Path) -> None:
    base = written(tmp_path, "services:\n  a:\n    image: example/app:1\n  b:\n    build: .\n  c:\n    provider: {type: x}\n")
    over = written(tmp_path, "services:\n  a:\n    ports: [80:80]\n  d:\n    extends: {file: base.yml, service: e}\n", "compose.dev.yml")
    written(tmp_path, "services:\n  e:\n    image: example/app:2\n", "base.yml")
    (problem,) = adopted(over)["problems"]
    assert problem.startswith(f"{over}:2: services.a: it has neither an image nor a build, and Compose refuses it; ")
    assert adopted(base, over)["problems"] == []


def settled(path: Path, **wish: Any) -> None:
    """Adopting what was adopted changes nothing."""
    for file in adopted(path, **wish)["files"]:
        Path(file["path"]).write_text(file["content"])
    again = adopted(path, **wish)
    assert again["problems"] == []
    assert [file["path"] for file in again["files"] if file["changed"]] == []


def test_14_a_dollar_that_starts_no_variable_is_literal() -> None:
    result = adopted(case(14))
    assert result["problems"] == []
    before = yaml.safe_load(case(14).read_text())["services"]["web"]
    assert services(result)["web"]["command"] == before["command"]
    assert services(result)["web"]["mem_limit"]


def test_16_names_that_only_begin_like_a_secret_are_replaced() -> None:
    result = adopted(case(16), memory="16g")
    assert result["problems"] == []
    share = result["budget"]["services"]["sso"]
    assert "$" not in share["image"]
    assert share["memory"]["limit"] > 0


def test_16_a_figure_without_a_value_is_named_with_what_to_set(tmp_path: Path) -> None:
    path = written(tmp_path, "services:\n  a:\n    image: x:1\n    mem_limit: ${MEMORY}\n    deploy: {replicas: $COUNT}\n")
    assert adopted(path)["problems"] == [
        f"{path}:5: services.a.deploy.replicas: '$COUNT' has no value, and the plan needs one; set it in .env or in adopt_variables",
        f"{path}:4: services.a.mem_limit: '${{MEMORY}}' has no value, and the plan needs one; set it in .env or in adopt_variables",
    ]
    given = adopted(path, variables={"MEMORY": "300m", "COUNT": "2"})
    assert given["budget"]["services"]["a"]["memory"]["limit"] == 300 * MIB
    assert given["budget"]["services"]["a"]["replicas"] == 2
    assert services(given)["a"]["deploy"] == {"replicas": "$COUNT"}


def test_16_a_secret_in_a_size_is_read_and_one_in_the_environment_is_not(tmp_path: Path) -> None:
    written(tmp_path, "KEY_MEMORY=300m\nDB_PASSWORD=hunter2\nACCESS_TOKEN=hunter3\n", ".env")
    path = written(
        tmp_path,
        "services:\n  a:\n    image: x:1\n    mem_limit: $KEY_MEMORY\n    command: [run, '${ACCESS_TOKEN}']\n    environment: ['P=$DB_PASSWORD']\n",
    )
    result = adopted(path, catalog=str(tmp_path / "catalog"))
    assert result["budget"]["services"]["a"]["memory"]["limit"] == 300 * MIB
    assert "hunter" not in str(result)


def test_files_of_variables_take_the_place_of_dot_env_and_options_come_first(tmp_path: Path) -> None:
    path = written(tmp_path, "services:\n  a: {image: 'x:1', mem_limit: '${A}', pids_limit: '${B}', scale: '${C:-1}'}\n")
    written(tmp_path, "A=100m\nC=7\n", ".env")
    one, two = written(tmp_path, "A=200m\nB=10\n", "one.env"), written(tmp_path, "B=20", "two.env")
    share = adopted(path, env_files=(str(one), str(two)), variables={"A": "300m"})["budget"]["services"]["a"]
    assert (share["memory"]["limit"], share["pids"], share["replicas"]) == (300 * MIB, 20, 1)
    assert adopted(path, env_files=(str(tmp_path / "no.env"),))["problems"][0].startswith(f"{tmp_path / 'no.env'}: the file cannot be read")


def test_20_documents_of_one_file_are_laid_over_each_other(tmp_path: Path) -> None:
    text = "services:\n  web: {image: 'example/web:1'}\n---\nservices:\n  web: {restart: always}\n"
    result = adopted(written(tmp_path, text))
    assert result["problems"] == []
    assert "ZB150" not in codes(result)  # restart, which the second document says
    content = result["files"][0]["content"]
    first, second = content.split("---\n")
    assert first == text.split("---\n", maxsplit=1)[0]
    assert "mem_limit" in second


def test_20_each_document_keeps_its_services(tmp_path: Path) -> None:
    path = written(
        tmp_path, "---\nservices:\n  a:\n    image: x:1\n---\nservices:\n  b:\n    image: y:1\n  c: {image: 'z:1'}\nvolumes: {}\n---\n"
    )
    result = adopted(path)
    assert result["problems"] == []
    parts = [set(document.data["services"]) for document in parse("x", result["files"][0]["content"])[0]]
    assert parts == [{"a"}, {"b", "c"}]
    assert all("mem_limit" in service for service in services(result).values())
    settled(path)


def test_21_mode_and_link_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "real", case(21).read_text())
    path.chmod(0o640)
    (tmp_path / "link.yml").symlink_to(path)
    (file,) = adopted(tmp_path / "link.yml")["files"]
    assert (file["path"], file["mode"], file["changed"]) == (str(path), "0640", True)


def test_22_a_swarm_stack_stays_valid_for_docker_stack_deploy() -> None:
    result = adopted(case(22), memory="16g")
    web = services(result)["web"]
    assert {key for key in web if not key.startswith("x-")} <= STACK_KEYS
    before = yaml.safe_load(case(22).read_text())
    after = yaml.safe_load(result["files"][0]["content"])
    assert after.keys() == before.keys()
    limits, reservations = (web["deploy"]["resources"][kind] for kind in ("limits", "reservations"))
    assert set(limits) == {"cpus", "memory", "pids"}
    assert set(reservations) <= {"cpus", "memory"}
    assert limits["cpus"] == "0.50"
    assert all(isinstance(limits[key], str) for key in ("cpus", "memory"))
    assert {key: web["deploy"][key] for key in ("mode", "replicas", "placement")} == {
        "mode": "replicated",
        "replicas": 3,
        "placement": {"constraints": ["node.role == worker"]},
    }


STACK = "version: '{version}'\nservices:\n  a:\n    image: x:1\n    deploy:\n      mode: global\n"


@pytest.mark.parametrize(("version", "pids"), [("3.7", False), ("3.8", False), ("3.9", True), ("3", True)])
def test_22_the_version_of_the_file_decides_what_a_stack_takes(tmp_path: Path, version: str, pids: bool) -> None:
    path = written(tmp_path, STACK.format(version=version))
    limits = services(adopted(path))["a"]["deploy"]["resources"]["limits"]
    assert ("pids" in limits, "memory" in limits) == (pids, True)
    settled(path)


def test_22_a_version_without_extension_keys_is_left_alone(tmp_path: Path) -> None:
    result = adopted(written(tmp_path, STACK.format(version="3.3")))
    assert [file["changed"] for file in result["files"]] == [False]
    assert "ZB308" in codes(result)


def test_22_a_file_that_swarm_refuses_anyway_is_composes(tmp_path: Path) -> None:
    path = written(tmp_path, "services:\n  a: {image: 'x:1', mem_limit: 300m, deploy: {mode: replicated, replicas: 2}}\n")
    web = services(adopted(path))["a"]
    assert {"mem_limit", "cpu_shares"} <= set(web)


def test_23_an_included_file_is_part_of_the_stack(tmp_path: Path) -> None:
    shutil.copytree(case(23).parent, tmp_path / "case")
    path = tmp_path / "case/compose.yml"
    result = adopted(path)
    assert result["problems"] == []
    assert codes(result) & {"ZB149", "ZB196", "ZB197", "ZB308"} == set()
    assert set(result["budget"]["services"]) == {"web", "db"}
    written_files = {Path(file["path"]).relative_to(tmp_path).as_posix(): file["content"] for file in result["files"]}
    assert set(written_files) == {"case/compose.yml", "case/db/compose.yml"}
    assert "db:" not in written_files["case/compose.yml"].partition("depends_on")[0]
    assert "mem_limit" in written_files["case/db/compose.yml"]
    settled(path)


def test_23_a_service_of_both_files_is_written_where_it_was_said_last(tmp_path: Path) -> None:
    path = written(tmp_path, "include: [in.yml]\nservices:\n  db:\n    restart: always\n")
    written(tmp_path, "services:\n  db:\n    image: postgres:17\n    mem_limit: 600m\n", "in.yml")
    result = adopted(path)
    included, own = (file["content"] for file in result["files"])
    assert included == (tmp_path / "in.yml").read_text()
    assert "mem_limit: 600m" in own
    settled(path)


def test_23_a_circle_of_includes_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "include: [a.yml]\nservices: {web: {image: 'x:1'}}\n")
    written(tmp_path, "include:\n  - path: compose.yml\n", "a.yml")
    (problem,) = adopted(path)["problems"]
    assert problem.startswith(f"{tmp_path / 'a.yml'}:2: include[0]: it forms a cycle: {path} includes {tmp_path / 'a.yml'} includes {path}")


def test_23_an_included_file_that_is_missing_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "include: [no.yml]\nservices: {web: {image: 'x:1'}}\n")
    assert adopted(path)["problems"][0].startswith(f"{tmp_path / 'no.yml'}: the file cannot be read, though {path} includes it")


def test_23_what_is_included_from_elsewhere_hides_nothing_and_claims_nothing(tmp_path: Path) -> None:
    text = "include: ['https://example.com/compose.yml']\nservices: {web: {image: 'x:1', networks: [back], depends_on: [db]}}\n"
    result = adopted(written(tmp_path, text))
    assert result["problems"] == []
    assert codes(result) & {"ZB149", "ZB196", "ZB197"} == set()
    assert "ZB308" in codes(result)


def test_a_file_that_only_includes_is_adopted(tmp_path: Path) -> None:
    path = written(tmp_path, "include:\n  - a/compose.yml\n")
    written(tmp_path, "services:\n  web:\n    image: x:1\n    volumes: ['./d:/d']\n", "a/compose.yml")
    result = adopted(path)
    assert result["problems"] == []
    assert set(result["budget"]["services"]) == {"web"}
    assert adopted(written(tmp_path / "b", "volumes: {}\n"))["problems"] == [
        f"{tmp_path / 'b/compose.yml'}: it has no services; write services: {{name: {{image: …}}}}"
    ]


def test_24_a_provider_is_no_container_and_a_model_is_not_counted() -> None:
    result = adopted(case(24), memory="4g")
    assert result["problems"] == []
    assert set(result["budget"]["services"]) == {"app"}
    assert services(result)["db"] == yaml.safe_load(case(24).read_text())["services"]["db"]
    assert [finding["code"] for finding in result["findings"] if finding["path"].startswith("services.db")] == []
    assert "ZB197" not in codes(result)
    assert [finding["path"] for finding in result["findings"] if finding["code"] == "ZB313"] == ["models.llm"]


def test_lifecycle_hooks_stay(tmp_path: Path) -> None:
    hooks = "    pre_start: [{command: ['./migrate'], image: busybox}]\n    post_start: [{command: echo $$A, user: root}]\n    pre_stop: [{command: x}]\n"
    path = written(tmp_path, f"services:\n  a:\n    image: x:1\n{hooks}")
    result = adopted(path)
    assert result["problems"] == []
    assert hooks in result["files"][0]["content"]


def test_25_a_trailing_slash_is_no_other_path() -> None:
    assert "ZB171" not in codes(adopted(case(25), memory="4g"))


@pytest.mark.parametrize("volume", ["./d:/data", "./d:/data/:rw", "{type: bind, source: ./d, target: /data/}", "d:/data//"])
def test_25_whatever_way_the_mount_is_written(tmp_path: Path, volume: str) -> None:
    text = f"services:\n  a:\n    image: vaultwarden/server:1.34.3\n    volumes:\n      - {volume}\nvolumes: {{d: }}\n"
    assert "ZB171" not in codes(adopted(written(tmp_path, text)))


def test_37_a_variable_of_the_container_with_one_dollar_is_named() -> None:
    result = adopted(case(37))
    (finding,) = (finding for finding in result["findings"] if finding["code"] == "ZB204")
    assert finding["path"] == "services.db.healthcheck.test"
    assert finding["severity"] == "warning"
    assert "$POSTGRES_USER and $POSTGRES_DB" in finding["message"]
    assert "$$POSTGRES_USER" in finding["fix"]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("command: run --user $USER_NAME", True),
        ("command: [run, '${USER_NAME}']", True),
        ("entrypoint: ['sh', '-c', 'x $USER_NAME $OTHER']", True),
        ("command: run --user $$USER_NAME", False),
        ("command: run --user $$$$USER_NAME $(id) $1", False),
        ("command: run --user ${USER_NAME:-me}", False),
        ("command: run --user $OTHER", False),
        ("healthcheck: {test: 'check $USER_NAME'}", True),
    ],
)
def test_37_only_what_the_container_has_and_nobody_sets(tmp_path: Path, line: str, named: bool) -> None:
    path = written(tmp_path, f"services:\n  a:\n    image: x:1\n    environment: [USER_NAME=me]\n    {line}\n")
    assert ("ZB204" in codes(adopted(path))) is named
    assert "ZB204" not in codes(adopted(path, variables={"USER_NAME": "me"}))


def test_what_an_override_resets_or_replaces(tmp_path: Path) -> None:
    base = written(tmp_path, "services:\n  a:\n    image: x:1\n    mem_limit: 1g\n    environment: {A: '1', B: '2'}\n    ports: ['1:1']\n")
    over = written(
        tmp_path,
        "services:\n  a:\n    mem_limit: !reset null   # none\n    environment: !override {C: '3'}\n    ports: !reset []\n",
        "over.yml",
    )
    result = adopted(base, over)
    assert result["problems"] == []
    assert result["budget"]["services"]["a"]["memory"]["asked"] != 1024 * MIB
    first, second = (file["content"] for file in result["files"])
    assert first == base.read_text()
    assert "environment: !override {C: '3'}\n    ports: !reset []\n" in second


def test_interpolation_comes_before_extends(tmp_path: Path) -> None:
    path = written(tmp_path, "services:\n  web:\n    extends: {file: '${BASE}/c.yml', service: '${WHICH:-base}'}\n")
    written(tmp_path, "services:\n  base:\n    image: x:1\n    mem_limit: ${M}\n", "common/c.yml")
    result = adopted(path, variables={"BASE": "common", "M": "333m"})
    assert result["problems"] == []
    assert result["budget"]["services"]["web"]["memory"]["limit"] == 333 * MIB
    settled(path, variables={"BASE": "common", "M": "333m"})


def test_options_of_an_env_file_stay_in_the_tuned_variable(tmp_path: Path) -> None:
    written(tmp_path, "NODE_OPTIONS=--openssl-legacy-provider\nDB_PASSWORD=hunter2\n", "app.env")
    path = written(tmp_path, "services:\n  app:\n    image: node:22\n    env_file: app.env\n    command: node server.js\n")
    result = adopted(path, catalog=str(tmp_path / "catalog"))
    environment = services(result)["app"].get("environment", {})
    assert set(environment) <= {"NODE_OPTIONS"}
    assert "--openssl-legacy-provider" in environment.get("NODE_OPTIONS", "--openssl-legacy-provider")
    assert "hunter2" not in str(result)
    settled(path)


def test_a_finding_names_the_file_that_says_it(tmp_path: Path) -> None:
    base = written(tmp_path, "services:\n  my.app:\n    image: x:1\n    privileged: true\n")
    over = written(tmp_path, "services:\n  my.app:\n    mem_limit: 300m\n    cap_add: [ALL]\n", "over.yml")
    told = {finding["path"]: finding["told"] for finding in adopted(base, over)["findings"]}
    assert told["services.my.app.privileged"].startswith(f"{base}:4: ")
    assert told["services.my.app.cap_add[0]"].startswith(f"{over}:4: ")


def test_a_directory_is_read_as_compose_reads_it(tmp_path: Path) -> None:
    written(tmp_path, "services: {a: {image: 'x:1'}}\n", "compose.yaml")
    written(tmp_path, "services: {b: {image: 'x:1'}}\n", "docker-compose.yml")
    written(tmp_path, "services: {c: {image: 'x:1'}}\n", "compose.override.yml")
    assert set(adopted(tmp_path)["budget"]["services"]) == {"a", "c"}
    written(tmp_path, "services: {d: {image: 'x:1', profiles: [more]}, e: {image: 'x:1', profiles: [less]}}\n", "sub/d.yml")
    written(tmp_path, "COMPOSE_FILE=compose.yaml:sub/d.yml\nCOMPOSE_PROFILES=more\n", ".env")
    assert set(adopted(tmp_path)["budget"]["services"]) == {"a", "d"}
    assert set(adopted(tmp_path, profiles=frozenset({"less"}))["budget"]["services"]) == {"a", "e"}


def test_a_list_of_dependencies_laid_over_by_a_mapping_keeps_its_condition(tmp_path: Path) -> None:
    services = "a: {image: x:1, depends_on: [b]}\n  b: {image: x:1}\n  c: {image: x:1}\n"
    over = "services:\n  a: {depends_on: {c: {condition: service_started}}}\n"
    result = adopted(written(tmp_path, f"services:\n  {services}---\n{over}"))
    assert result["problems"] == []
    assert not codes(result) & {"ZB321", "ZB323"}


def test_what_compose_refuses_is_an_error_with_its_line_and_the_file_is_written(tmp_path: Path) -> None:
    result = adopted(written(tmp_path, "services:\n  a:\n    image: x:1\n    memori: 1g\n"))
    assert result["problems"] == []
    (told,) = (finding for finding in result["findings"] if finding["code"] == "ZB320")
    assert told["severity"] == "error"
    assert told["told"].startswith(f"{tmp_path}/compose.yml:4: services.a.memori: Compose does not know the key 'memori'; write mem_limit")
    assert services(result)["a"]["memori"] == "1g"


def test_a_pipe_in_place_of_a_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "compose.yml")
    (problem,) = adopted(tmp_path / "compose.yml")["problems"]
    assert "it is not a regular file" in problem
