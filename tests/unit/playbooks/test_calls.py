# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks as somebody outside of the checkout calls them: a wrong call fails with a sentence, and a plan can be read by a program."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.tests.unit.engine import running as engine

ROOT = Path(__file__).resolve().parents[3]
Called = subprocess.CompletedProcess[str]
Call = Callable[..., Called]
HOST: dict[str, Any] = {"plan_capacity": {"memory": "4g", "cpus": 2, "disk": "40g"}}
FRAGMENT = """
services:
  web:
    image: web:1
    x-budget: {memory: {floor: 64m, request: 256m}}
    secrets: [web__token]
secrets:
  web__token: {file: ./secrets/web/token, x-secret: {content: "@token@"}}
"""


@pytest.fixture(name="call")
def _call(tmp_path: Path) -> Call:
    """Run a playbook with a catalog of one service; its host is never connected to."""
    fragment = tmp_path / "catalog/services/web.yml"
    fragment.parent.mkdir(parents=True)
    fragment.write_text(FRAGMENT, encoding="utf-8")
    variables = {"catalog_builtin": False, "catalog_directories": [str(tmp_path / "catalog")]}

    def call(
        playbook: str, *words: str, group: str = "stack", callback: str = "default", hosts: Sequence[str] = ("vps",), **more: Any
    ) -> Called:
        inventory = tmp_path / "hosts.json"
        inventory.write_text(json.dumps({group: {"hosts": dict.fromkeys(hosts, variables)}}), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_") or "COLLECTIONS" in name}
        environment |= {"ANSIBLE_STDOUT_CALLBACK": callback, "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [
                str(Path(sys.executable).with_name("ansible-playbook")),
                f"ziggie.stack.{playbook}",
                "-i",
                str(inventory),
                *words,
                "-e",
                json.dumps(more),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=environment,
            timeout=120,
        )

    return call


def told(called: Called) -> str:
    """Return output as one line, since Ansible wraps it."""
    return " ".join((called.stdout + called.stderr).split())


def plays(playbook: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")))


# Migration of storage, an upgrade and a recovery are site with a step before.
@pytest.mark.parametrize(
    "playbook", sorted({path.stem for path in (ROOT / "playbooks").glob("*.yml")} - {"migrate_storage", "recover", "upgrade", "validate"})
)
def test_every_playbook_checks_how_it_was_called(playbook: str) -> None:
    [play] = plays(playbook)
    last = (play.get("post_tasks") or play["tasks"])[-1]
    assert (last["ansible.builtin.import_tasks"], last["tags"]) == ("tasks/nothing_ran.yml", ["always", "check_tags"])
    assert "undef(hint=" in play["hosts"] or play["hosts"] == "localhost"


@pytest.mark.parametrize("playbook", ["advise", "fleet", "plan", "validate"])
def test_without_a_host_in_group_stack_it_fails(call: Call, playbook: str) -> None:
    called = call(playbook, group="others")
    assert called.returncode != 0, called.stdout
    assert "There is no host in group stack" in told(called)


def test_without_that_group_an_imagined_host_is_this_machine(call: Call) -> None:
    called = call("plan", group="others", catalog_builtin=False, **HOST)
    assert "PLAN for localhost" in called.stdout, called.stdout + called.stderr


@pytest.mark.parametrize("playbook", ["site", "adopt", "rotate", "restore"])
def test_tags_that_select_nothing_fail(call: Call, playbook: str) -> None:
    called = call(playbook, "--tags", "nothing")
    assert called.returncode != 0, called.stdout
    assert "Nothing was done: --tags nothing selects no task of this playbook." in told(called)


def test_a_tag_that_selects_no_check_of_validate_fails(call: Call) -> None:
    called = call("validate", "--tags", "compliance,databses")
    assert called.returncode != 0, called.stdout
    assert "--tags databses selects no check; there are compliance, databases, latency, ollama, restart." in told(called)
    tasks = yaml.safe_load((ROOT / "roles/validation/tasks/main.yml").read_text(encoding="utf-8"))
    [_options, check] = plays("validate")[0]["pre_tasks"]
    assert sorted({tag for task in tasks for tag in task["tags"]} - {"always", "never"}) == check["vars"]["tags_known"]


OFFERS = [{"name": "KVM 4", "memory": "4g", "cpus": 2, "price": 12}, {"name": "KVM 6", "memory": "8g", "cpus": 4, "price": 20}]


def test_advice_needs_no_host(call: Call) -> None:
    called = call("advise", advise_capacity={"memory": "4g", "cpus": 2}, stack_offers=OFFERS)
    assert called.returncode == 0, called.stdout + called.stderr
    assert "ADVICE for vps (2 cores, 4096 MiB; bought as KVM 4, 12 a month). Nothing was changed." in called.stdout
    assert " 1  keep this host" in called.stdout


def test_advice_can_be_read_by_a_program(call: Call) -> None:
    capacity = {"memory": "4g", "cpus": 2}
    called = call("advise", callback="ziggie.stack.plan_json", advise_capacity=capacity, advise_format="json", stack_offers=OFFERS)
    advice = json.loads(called.stdout)
    assert advice["options"][0]["kind"] == "keep"
    assert advice["current"] == "KVM 4"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "stack_offers: expected a list of what a provider sells, got nothing"),
        ({"advise_capacity": "4g"}, "advise_capacity: expected a mapping, got '4g'"),
        ({"advise_offers": "x"}, "advise has no option advise_offers; it has advise_audit, advise_capacity, advise_format."),
    ],
)
def test_a_wrong_question_for_advice_is_a_sentence(call: Call, given: dict[str, Any], sentence: str) -> None:
    called = call("advise", **{"advise_capacity": {"memory": "4g", "cpus": 2}, **given})
    assert called.returncode != 0, called.stdout
    assert sentence in told(called)
    assert "Traceback" not in called.stdout + called.stderr


TWO: dict[str, Any] = {
    "hosts": ["vps1", "vps2"],
    "fleet_capacity": {"vps1": {"memory": "4g", "cpus": 2}, "vps2": {"memory": "8g", "cpus": 4}},
    "stack_fleet": {"services": {"web": {"host": "vps2"}}},
}


def test_a_fleet_plan_needs_no_host(call: Call) -> None:
    called = call("fleet", **TWO)
    assert called.returncode == 0, called.stdout + called.stderr
    assert "FLEET PLAN for vps1, vps2\nThis plan is feasible. Nothing was changed.\n" in called.stdout
    assert "no playbook deploys services to several hosts" in told(called)
    assert "Not asked, imagined with what is declared: vps1, vps2." in called.stdout
    assert re.search(r"^web +vps2 +pinned$", called.stdout, re.MULTILINE)
    assert "BUDGET of vps2\npool 7168 MiB" in called.stdout
    # Its own host's budget, in the table that plan shows.
    assert re.search(r"^  web +64 +\d+ +256 ", called.stdout, re.MULTILINE)


def test_a_fleet_plan_can_be_read_by_a_program(call: Call) -> None:
    called = call("fleet", callback="ziggie.stack.plan_json", **TWO)
    plan = json.loads(called.stdout)
    assert (plan["verdict"], plan["services"]["web"]) == (
        "feasible",
        {"host": "vps2", "why": "pinned", "elsewhere": {"vps1": "it is pinned"}},
    )
    assert plan["hosts"]["vps1"]["budget"] is None
    assert plan["hosts"]["vps2"]["budget"]["services"]["web"]["memory"]["limit"] == 256 * 2**20


def test_a_fleet_plan_that_does_not_fit_fails(call: Call) -> None:
    small = {name: {"memory": "440m", "cpus": 2} for name in TWO["hosts"]}
    called = call("fleet", **{**TWO, "fleet_capacity": small, "stack_offers": OFFERS})
    assert called.returncode == 2, called.stdout
    assert "This plan is infeasible. vps2 lacks " in told(called)
    assert "The smallest row of the price list with which every service has its floor: vps2 as KVM 4." in called.stdout


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"stack_fleet": {}}, "stack_fleet: expected what is placed where, got nothing"),
        ({"fleet_capacity": {"vps1": {}, "vps2": {}, "vps3": {}}}, "fleet_capacity.vps3: there is no such host in group stack"),
        ({"fleet_zone": "x"}, "fleet has no option fleet_zone"),
        ({"fleet_explain": "wep"}, "wep is not a service that is placed; write web"),
    ],
)
def test_a_wrong_question_about_a_fleet_is_a_sentence(call: Call, given: dict[str, Any], sentence: str) -> None:
    called = call("fleet", **{**TWO, **given})
    assert called.returncode != 0, called.stdout
    assert sentence in told(called)
    assert "Traceback" not in called.stdout + called.stderr


def test_what_would_put_every_service_on_every_host_is_refused(call: Call) -> None:
    # Accepting it does not help.
    called = call("plan", stack_fleet="report", stack_accepted={"ZH072": "I know"}, **HOST)
    assert called.returncode == 2, called.stdout
    assert "ZH072 stack_fleet: every host would get every service" in told(called)


def test_a_playbook_of_others_can_select_its_own_tags(call: Call) -> None:
    called = call("site", "--tags", "theirs", "--skip-tags", "check_tags")
    assert called.returncode == 0, called.stdout + called.stderr


def test_what_nothing_reads_fails(call: Call, tmp_path: Path) -> None:
    fragment = tmp_path / "catalog/cache.yml"
    fragment.write_text("services: {cache: {image: 'cache:1'}}\n", encoding="utf-8")
    called = call("plan", stack_credentials={"tokem": "x"}, **HOST)
    assert called.returncode != 0
    assert "stack_credentials.tokem: no service, receiver or heartbeat reads this credential; write token" in told(called)
    assert f"{fragment}: nothing reads this fragment; move it to {tmp_path}/catalog/services/cache.yml" in told(called)


def test_an_option_that_does_not_exist_fails(call: Call) -> None:
    called = call("plan", **HOST, capacity="x", plan_capcity="y")
    assert called.returncode != 0
    [options] = [task["vars"]["options_known"] for task in checks_of_options(plays("plan")[0])]
    assert f"plan has no option capacity, plan_capcity; it has {', '.join(sorted(options))}." in told(called)


def test_where_passwords_lie_is_said_without_asking_the_host(call: Call) -> None:
    called = call("credentials", catalog_builtin=True)
    assert called.returncode == 0, called.stdout + called.stderr
    assert "user admin, password in /opt/ziggie/secrets/grafana_admin_password" in called.stdout
    assert "credentials has no option service; it has credentials_service." in told(call("credentials", service="grafana"))


def test_a_secret_that_is_not_named_is_asked_for(call: Call) -> None:
    assert "Name the secret to be changed: -e rotate_secret=postgres_application_password" in told(call("rotate"))


def test_what_a_verb_takes_is_asked_of_the_role_where_the_role_has_it(call: Call) -> None:
    said = told(call("validate", validation_target={"p99": 1}))
    assert "validation has no option validation_target; it has validation_" in said
    assert "validation_targets" in said


def checks_of_options(play: dict[str, Any]) -> list[dict[str, Any]]:
    tasks = [*play.get("pre_tasks", []), *play.get("tasks", [])]
    return [task for task in tasks if task.get("ansible.builtin.import_tasks") == "tasks/options.yml"]


# What site and deploy take are variables of the roles.
@pytest.mark.parametrize("playbook", sorted({path.stem for path in (ROOT / "playbooks").glob("*.yml")} - {"site", "deploy"}))
def test_the_options_of_a_verb_are_those_that_it_reads(playbook: str) -> None:
    first, *_others = plays(playbook)
    [check] = checks_of_options(first)
    assert check is (first.get("pre_tasks") or first["tasks"])[0], "an option that does not exist is refused before anything is done"
    prefix, known = check["vars"]["options_prefix"], check["vars"]["options_known"]
    if isinstance(known, str):
        assert "argument_specs" in known
        return
    text = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    # The steps that it adds to a deploy are a role's.
    steps = [
        ROOT / "roles" / role / "tasks" / f"{tasks}.yml" for role, tasks in re.findall(r"{role: ziggie\.stack\.(\w+), tasks: (\w+)}", text)
    ]
    text += "".join(path.read_text(encoding="utf-8") for path in [*(ROOT / "roles" / prefix).glob("**/*.yml"), *steps])
    # What a task sets stands at the start of a line or behind `register`, what is read within a line.
    own = set(re.findall(rf"(?:register: |^ +)({prefix}_\w+):?", text, re.MULTILINE)) - set(known)
    assert sorted(set(re.findall(rf"(?<![\w.]){prefix}_\w+", text)) - own - {playbook}) == sorted(known)
    assert [name for name in known if len(re.findall(rf"\b{name}\b", text)) < 2] == []


@pytest.mark.parametrize(
    ("playbook", "words", "given", "said"),
    [
        ("site", [], {"plan_file": "x.json"}, "plan_file is what ziggie.stack.plan writes; a run is held to such a file with -e plan=FILE"),
        ("site", [], {"plan_file": "x.json", "plan": "x.json"}, "plan_file is what ziggie.stack.plan writes"),
        ("site", [], {"plan": " "}, "plan: expected the path of a file that ziggie.stack.plan -e plan_file=FILE wrote"),
        ("site", [], {"plan": {}}, "plan: expected the path of a file that ziggie.stack.plan -e plan_file=FILE wrote"),
        ("site", ["--tags", "x"], {"plan": "x.json"}, "A plan file is applied as a whole: leave --tags and --skip-tags out"),
        ("site", ["--skip-tags", "x"], {"plan": "x.json"}, "A plan file is applied as a whole: leave --tags and --skip-tags out"),
        ("deploy", [], {"plan": "x.json"}, "deploy restores the release that lies on the host and takes no plan file"),
        ("rollback", [], {"plan": "x.json"}, "rollback has no option plan; it has rollback_release."),
        ("plan", [], {"plan": "x.json"}, "plan has no option plan; it has plan_capacity, plan_explain, plan_file,"),
        ("plan", [], {"plan_file": ""}, 'plan_file: expected the path of a file, got "".'),
        ("plan", [], {"plan_file": ["a"]}, 'plan_file: expected the path of a file, got ["a"].'),
        ("plan", [], {"plan_file": "x.json", **HOST}, "plan_file: an imagined host has no plan that a run can be held to"),
    ],
)
def test_a_plan_file_asked_for_wrongly_is_told_in_a_sentence(
    call: Call, tmp_path: Path, playbook: str, words: list[str], given: dict[str, Any], said: str
) -> None:
    called = call(playbook, *words, **given)
    assert called.returncode != 0, called.stdout
    assert said in told(called)
    assert not (tmp_path / "x.json").exists()


def test_a_plan_file_in_the_inventory_is_not_overlooked() -> None:
    # Whether there is one is decided when the playbook is read, which sees the command line alone.
    [show] = yaml.safe_load((ROOT / "roles/plan/tasks/show.yml").read_text(encoding="utf-8"))
    assert "undef(" in show["ziggie.stack.show"]["format"]
    assert "if plan is defined" in show["ziggie.stack.show"]["format"]


def test_each_problem_is_a_line_with_the_default_callback(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    file.write_text("services:\n  a: {image: a, mem_limit: 1gx}\n  b: {image: b, mem_limit: 2gx}\n", encoding="utf-8")
    called = call("adopt", adopt_file=str(file), adopt_capacity={"memory": "4g", "cpus": 2})
    assert called.returncode != 0
    lines = (called.stdout + called.stderr).splitlines()
    for number, name in ((2, "a"), (3, "b")):
        [line] = [line for line in lines if line.startswith(f"{file}:{number}: services.{name}.mem_limit")]
        assert "gx" in line


@pytest.mark.parametrize(
    "path", [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml")], ids=lambda path: f"{path.parts[-3]}.{path.stem}"
)
def test_no_task_fails_with_a_list(path: Path) -> None:
    assert re.findall(r"msg: .*(?:problems|failed)\)? }}", path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(("memory", "verdict", "code"), [("4g", "feasible", 0), ("100m", "infeasible", 2)])
def test_a_program_can_read_the_plan(call: Call, memory: str, verdict: str, code: int) -> None:
    called = call("plan", callback="ziggie.stack.plan_json", plan_capacity={"memory": memory, "cpus": 2}, stack_credentials={"token": "x"})
    plan = json.loads(called.stdout)
    assert (plan["host"], plan["verdict"], called.returncode) == ("vps", verdict, code)
    assert ("infeasible" in called.stderr) == (code != 0)


def test_an_engine_that_cannot_be_looked_at_is_told_when_a_file_is_adopted(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a word the plan would share the memory that unseen containers hold."""
    (tmp_path / "compose.yml").write_text("services: {web: {image: web:1}}\n", encoding="utf-8")
    with engine(tmp_path) as other:
        other.answers["/version"] = {}
        monkeypatch.setenv("DOCKER_HOST", f"unix://{other.path}")
        unknown = told(call("adopt", "--check", adopt_file=str(tmp_path / "compose.yml")))
    assert "is not Docker's engine" in unknown
    assert "What runs here is unknown" in unknown
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    nothing = told(call("adopt", "--check", adopt_file=str(tmp_path / "compose.yml")))
    assert "failed=0" in nothing
    assert "What runs here is unknown" not in nothing
