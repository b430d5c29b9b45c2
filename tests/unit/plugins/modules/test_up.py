# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack is brought up tier by tier: made by Compose, started by the engine; what goes wrong is a sentence."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import look
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import DataFormat, Release, ReleasedService
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import Holder, Lock
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits, Limits
from ansible_collections.ziggie.stack.plugins.module_utils.rotate import journal
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.journal import Rotation, SecretFile
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit import samples

Run = Callable[..., dict[str, Any]]


def service(name: str, tier: str = "critical", **more: Any) -> ReleasedService:
    """Return a service of a release without limits, as the engine's containers have none."""
    return samples.released(name, tier=tier, **{"definition": name, "limits": Limits(), **more})


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[fake.Engine]:
    with fake.running(tmp_path) as engine:
        engine.images = {"a:1", "b:1", "late:1"}
        yield engine


@pytest.fixture(name="docker")
def _docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a `docker` that notes its arguments and says what lies in a file beside it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "docker"
    program.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\nif [ -f {tmp_path}/says ]; then cat {tmp_path}/says >&2; exit 1; fi\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return tmp_path / "asked"


def lay(directory: Path, services: dict[str, ReleasedService]) -> None:
    """Write a release into a project directory."""
    (directory / "release.json").write_text(json.dumps(Release(services=services).to_dict()), encoding="utf-8")


@pytest.fixture(name="up")
def _up(run: Run, engine: fake.Engine, docker: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    assert not docker.exists()

    def up(services: dict[str, ReleasedService], *, absent: tuple[str, ...] = (), check: bool = False, timeout: int = 5) -> dict[str, Any]:
        """Bring up the critical tier; `absent` were so when it was compared."""
        lay(tmp_path, services)
        created = {"state": "created", "health": "none", "limits": Limits(), "kernel": KernelLimits()}
        live = [samples.container(name, labels={"definition": name}, **created) for name in services if name not in absent]
        changes = compare(services, live).to_dict()
        options = {"project_src": str(tmp_path), "socket": engine.path, "tiers": ["critical"], "changes": changes, "timeout": timeout}
        return run("up", check=check, **options)

    return up


def test_what_is_there_is_started_without_compose(up: Callable[..., dict[str, Any]], engine: fake.Engine, docker: Path) -> None:
    engine.add("a")
    engine.add("late", tier="management")
    done = up({"a": service("a"), "late": service("late", "management")})
    assert (done["changed"], done["started"], done["commands"]) == (True, ["a"], [])
    assert engine.started == ["a"]
    assert not docker.exists()
    assert done["problems"] == []
    assert "healthy" in [container["health"] for container in done["containers"]]


def test_all_that_is_absent_is_made_at_once(up: Callable[..., dict[str, Any]], docker: Path) -> None:
    services = {"a": service("a"), "late": service("late", "management")}
    done = up(services, absent=("a", "late"))
    [asked] = docker.read_text(encoding="utf-8").splitlines()
    assert asked.endswith("--no-recreate -- a late")
    assert done["created"] == ["a", "late"]
    # This Compose makes nothing.
    assert done["problems"][1] == "a: the engine cannot start it: it has no container."


def test_check_mode_says_what_and_touches_nothing(up: Callable[..., dict[str, Any]], engine: fake.Engine, docker: Path) -> None:
    engine.add("b")
    done = up({"a": service("a"), "b": service("b")}, absent=("a",), check=True)
    assert (done["changed"], done["created"], done["started"]) == (True, ["a"], ["a", "b"])
    assert "b.state: never started" in done["diff"]["before"]
    assert engine.started == []
    assert not docker.exists()


def test_what_compose_says_is_told(up: Callable[..., dict[str, Any]], docker: Path, tmp_path: Path, engine: fake.Engine) -> None:
    (tmp_path / "says").write_text("Error response from daemon: no space left on device\n", encoding="utf-8")
    done = up({"a": service("a")}, absent=("a",))
    assert done["failed"] is True
    assert done["msg"] == ("The critical tier cannot be brought up: Compose cannot make the containers of a: no space left on device.")
    assert (docker.exists(), engine.started) == (True, [])


def test_what_the_engine_refuses_is_told(up: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a")
    engine.leads_to["a"] = "Bind for 0.0.0.0:80 failed: port is already allocated"
    said = up({"a": service("a")})["problems"]
    assert said == [
        "The critical tier did not become healthy.",
        (
            "a: the engine cannot start it: Bind for 0.0.0.0:80 failed: port is already allocated; where no container publishes it, "
            "the engine has kept it since it was killed: systemctl restart docker, and run again."
        ),
    ]


def test_what_cannot_be_started_though_it_was_there_is_made_anew_once(
    up: Callable[..., dict[str, Any]], engine: fake.Engine, docker: Path
) -> None:
    engine.add("a")
    engine.leads_to["a"] = "port is already allocated"
    done = up({"a": service("a")})
    assert (engine.started, done["recreated"]) == (["a", "a"], ["a"])
    [asked] = docker.read_text(encoding="utf-8").splitlines()
    assert asked.endswith("--force-recreate -- a")


def test_whoever_is_late_is_told(up: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a")
    engine.leads_to["a"] = [("running", "starting", 0)]
    said = up({"a": service("a")}, timeout=1)["problems"]
    assert said[0] == "The critical tier did not become healthy within 1 s."
    assert "a: starting, its probe said: so it said" in said[1]


def test_what_only_compose_can_start_is_started_by_it(up: Callable[..., dict[str, Any]], engine: fake.Engine, docker: Path) -> None:
    engine.add("a")
    assert up({"a": service("a", by_compose=True)}, timeout=1)["problems"]
    assert docker.read_text(encoding="utf-8").strip().endswith("up --detach --no-deps --no-recreate -- a")
    assert engine.started == []


@pytest.fixture(name="whole")
def _whole(run: Run, engine: fake.Engine, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def whole(*services: ReleasedService, check: bool = False, **options: Any) -> dict[str, Any]:
        """Bring up every tier with what the module itself finds to differ."""
        lay(tmp_path, {one.definition: one for one in services})
        return run("up", check=check, project_src=str(tmp_path), socket=engine.path, timeout=5, **options)

    return whole


def test_without_changes_it_compares_and_goes_tier_by_tier(whole: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    for name, tier in (("late", "management"), ("b", "workflow"), ("a", "critical")):
        engine.add(name, tier=tier)
    services = (service("late", "management"), service("b", "workflow"), service("a"))
    done = whole(*services)
    assert (done["changed"], done["started"], engine.started) == (True, ["a", "b", "late"], ["a", "b", "late"])
    assert whole(*services)["changed"] is False
    assert engine.started == ["a", "b", "late"]


def test_containers_are_returned_where_somebody_reads_them(whole: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a")
    assert "containers" not in whole(service("a"), describe=False)
    assert [container["service"] for container in whole(service("a"))["containers"]] == ["a"]


def test_a_tier_that_is_sick_keeps_the_next_one_from_starting(whole: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a")
    engine.add("b", tier="workflow")
    engine.leads_to["a"] = [("running", "unhealthy", 0)]
    done = whole(service("a"), service("b", "workflow"))
    assert done["problems"][0] == "The critical tier did not become healthy."
    assert engine.started == ["a"]


def test_limits_alone_are_changed_in_place(whole: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a", state="running", health="healthy")
    wanted = service("a", limits=Limits(memory=64 << 20, pids=50))
    checked = whole(wanted, check=True)
    assert (checked["changed"], checked["limited"], engine.updated) == (True, ["ziggie-a-1"], {})
    assert '"pids": 50' in checked["diff"]["after"]
    done = whole(wanted)
    assert (done["changed"], done["limited"], done["started"], engine.started) == (True, ["ziggie-a-1"], [], [])
    assert {key: engine.updated["a"][key] for key in ("Memory", "PidsLimit")} == {"Memory": 64 << 20, "PidsLimit": 50}
    assert "CpusetCpus" not in engine.updated["a"]


def test_no_engine_to_compare_with_is_one_sentence(run: Run, tmp_path: Path) -> None:
    lay(tmp_path, {"a": service("a")})
    done = run("up", project_src=str(tmp_path), socket=str(tmp_path / "none"))
    assert done["msg"].startswith("Cannot look at the stack: the engine at")


def test_no_engine_is_one_sentence(run: Run, tmp_path: Path) -> None:
    lay(tmp_path, {"a": service("a")})
    changes = compare({"a": service("a")}, []).to_dict()
    done = run("up", project_src=str(tmp_path), socket=str(tmp_path / "none"), tiers=["critical"], changes=changes)
    assert "Cannot look at the stack: the engine at" in done["msg"]


def test_no_release_is_one_sentence(run: Run, tmp_path: Path) -> None:
    changes = compare({"a": service("a")}, []).to_dict()
    assert "run the site playbook first" in run("up", project_src=str(tmp_path), tiers=["critical"], changes=changes)["msg"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("null", "expected a mapping, got None"),
        ("[]", "expected a mapping, got []"),
        ('{"services": {}}', "volumes: this key is missing"),
        ('{"services": [], "volumes": {}}', "services: expected a mapping, got []"),
        ('{"services": null, "volumes": {}}', "services: expected a mapping, got None"),
        ('{"services": {"a": 5}, "volumes": {}}', "services.a: expected a mapping, got 5"),
        ('{"services": {"a": {}}, "volumes": {}}', "services.a.after: this key is missing"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
@pytest.mark.parametrize("module", ["up", "stack_info"])
def test_a_release_that_cannot_be_read_is_one_sentence(run: Run, tmp_path: Path, module: str, text: str, said: str) -> None:
    (tmp_path / "release.json").write_text(text, encoding="utf-8")
    done = run(module, project_src=str(tmp_path), socket=str(tmp_path / "none"))
    assert done["failed"] is True
    assert done["msg"].startswith(f"{tmp_path}/release.json cannot be read (")
    assert said in done["msg"]
    assert done["msg"].endswith("; run the site playbook again.")


def test_changes_of_another_shape_are_one_sentence(run: Run, tmp_path: Path) -> None:
    lay(tmp_path, {"a": service("a")})
    done = run("up", project_src=str(tmp_path), changes={"services": []})
    assert done["msg"].startswith("changes.")


def test_a_host_on_which_another_run_works_is_left_alone(whole: Callable[..., dict[str, Any]], engine: fake.Engine, tmp_path: Path) -> None:
    engine.add("a")
    lock = Lock(tmp_path / "ziggie.lock")
    anna = {"user": "anna", "machine": "laptop", "run": "boot:1:7:100"}
    bert = {**anna, "run": "boot:1:8:100"}
    lock.take(Holder.of({"holder": anna, "verb": "site"}))
    done = whole(service("a"), holder=bert)
    assert done["msg"].startswith("Another run works on this host: site by anna@laptop since ")
    assert (done["holder"]["user"], engine.started) == ("anna", [])
    assert whole(service("a"), check=True)["changed"] is True
    # The run that holds the lock goes on, and so does one that knows that it has ended.
    assert whole(service("a"), holder=anna)["started"] == ["a"]
    assert lock.path.exists()
    assert "failed" not in whole(service("a"), holder=bert, gone="boot:1:7:100")
    assert not lock.path.exists()


def test_a_rotation_that_was_interrupted_is_taken_back_first(
    run: Run, engine: fake.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.getuid():
        monkeypatch.setattr(os, "chown", lambda *_arguments: None)
    project, store = tmp_path / "stack", tmp_path / "secrets"
    served = project / "secrets/a/password"
    served.parent.mkdir(parents=True)
    store.mkdir()
    for path, value in ((store / "password", "new"), (store / ".password.new", "new"), (store / ".password.old", "old"), (served, "new")):
        path.write_text(value, encoding="utf-8")
    file = SecretFile(path="a/password", content="@password@", uid=os.getuid(), gid=os.getgid())
    journal.write(store, Rotation(secret="password", method="restart", user="", service="a", files=(file,), step="files"))
    lay(project, {"a": service("a")})
    engine.add("a")
    options = {"project_src": str(project), "socket": engine.path, "timeout": 5}
    assert "settled" not in run("up", check=True, **options)
    assert served.read_text(encoding="utf-8") == "new"
    done = run("up", **options)
    assert (done["settled"], done["changed"], done["problems"]) == ("password", True, [])
    assert [path.read_text(encoding="utf-8") for path in (served, store / "password")] == ["old", "old"]
    assert not (store / ".rotation").exists()
    assert (engine.started, run("up", **options)["changed"]) == (["a"], False)


def test_a_rotation_that_cannot_be_taken_back_is_one_sentence_and_nothing_is_started(run: Run, engine: fake.Engine, tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/.rotation").write_text("{", encoding="utf-8")
    lay(tmp_path / "stack", {"a": service("a")})
    engine.add("a")
    said = run("up", project_src=str(tmp_path / "stack"), socket=engine.path)["msg"]
    assert said.startswith("Nothing else was touched. Going back to the old value did not succeed: ")
    assert engine.started == []


@pytest.mark.parametrize("layout", ["PG_VERSION", "data/PG_VERSION", "18/docker/PG_VERSION"])
@pytest.mark.parametrize("state", ["absent", "exited"])
def test_a_database_is_not_started_over_data_that_it_does_not_open(
    whole: Callable[..., dict[str, Any]], engine: fake.Engine, tmp_path: Path, layout: str, state: str
) -> None:
    """An upgrade that was killed after the exchange leaves them so, and the release of before on the host."""
    mark = tmp_path / "volume" / layout
    mark.parent.mkdir(parents=True)
    mark.write_text("18\n", encoding="utf-8")
    engine.answers["/volumes/ziggie_data"] = {"Mountpoint": str(tmp_path / "volume")}
    engine.add("a", state="running", health="healthy")
    engine.add("b", tier="workflow")
    if state != "absent":
        engine.add("database", tier="workflow", state=state)
    data = DataFormat(program="postgres", version="17", places=("data",), mark="PG_VERSION")
    services = (service("a"), service("b"), service("database", "workflow", image="postgres:17", data=data))
    [said] = whole(*services)["problems"]
    assert said.startswith(
        f"database: the data in {tmp_path}/volume are of postgres 18, and postgres:17 of this release opens only those of 17: nothing was touched."
    )
    assert "run ziggie.stack.site with an inventory whose image is of 18" in said
    assert whole(*services, check=True)["problems"] == [said]
    assert engine.started == []
    # What holds its own beside others finds it, and data that tell nothing are no obstacle.
    (tmp_path / "volume/PG_VERSION").write_text("17\n", encoding="utf-8")
    assert not any("are of postgres" in problem for problem in whole(*services)["problems"])


@pytest.mark.parametrize("place", ["./data", "bound", "unknown"])
def test_the_data_of_a_database_are_found_wherever_they_are(run: Run, engine: fake.Engine, tmp_path: Path, place: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/PG_VERSION").write_text("18\n", encoding="utf-8")
    engine.add("database")
    one = service("database", data=DataFormat(program="postgres", version="17", places=(place,), mark="PG_VERSION"))
    release = Release(services={"database": one}, volumes={"bound": str(tmp_path / "data")})
    (tmp_path / "release.json").write_text(json.dumps(release.to_dict()), encoding="utf-8")
    run("up", project_src=str(tmp_path), socket=engine.path, timeout=5)
    assert engine.started == (["database"] if place == "unknown" else [])


def test_an_engine_that_does_not_answer_is_given_up_soon(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "_ALIVE", 0.1)
    lay(tmp_path, {"a": service("a")})
    path = str(tmp_path / "hung.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        answer = run("up", project_src=str(tmp_path), socket=path)
    assert answer["failed"]
    assert answer["msg"] == (
        f"Cannot look at the stack: the engine at {path} does not answer within 0.1 s; restart it on the host: systemctl restart docker."
    )


def test_what_it_changed_is_in_the_hosts_log(whole: Callable[..., dict[str, Any]], engine: fake.Engine, tmp_path: Path) -> None:
    log = tmp_path / "runs.jsonl"
    engine.add("a")
    whole(service("a"), check=True)
    assert not log.exists()
    whole(service("a"), verb="deploy")
    whole(service("a"), verb="deploy")
    engine.add("a")
    engine.leads_to["a"] = [("running", "unhealthy", 0)]
    whole(service("a"), verb="deploy")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["event"], line["verb"], line.get("outcome"), line.get("changed")) for line in lines] == [
        ("begun", "deploy", None, None),
        ("ended", "deploy", "succeeded", {"started": ["a"]}),
        ("begun", "deploy", None, None),
        ("ended", "deploy", "succeeded", None),
        ("begun", "deploy", None, None),
        ("ended", "deploy", "failed", {"started": ["a"]}),
    ]


def test_hooks_run_around_what_is_touched_and_one_that_fails_before_keeps_it(
    whole: Callable[..., dict[str, Any]], engine: fake.Engine, tmp_path: Path
) -> None:
    engine.add("a")
    engine.add("b", tier="workflow")
    services = (service("a"), service("b", "workflow"))
    log = tmp_path / "told"

    def note(when: str, of: str, more: str = "true") -> dict[str, Any]:
        return {
            "when": when,
            "of": of,
            "command": ["/bin/sh", "-c", f"echo $ZIGGIE_WHEN $ZIGGIE_OF $ZIGGIE_VERB $ZIGGIE_OUTCOME >>{log}; {more}"],
        }

    hooks = [note(when, of) for of in ("deploy", "tier:workflow", "service:b") for when in ("before", "after")]
    checked = whole(*services, hooks=hooks, verb="deploy", check=True)
    assert (len(checked["hooks"]), log.exists()) == (6, False)
    stopped = whole(*services, hooks=[*hooks, note("before", "tier:workflow", "exit 3")], verb="deploy")
    assert stopped["problems"] == ["The hook stack_hooks[6] (before tier workflow, /bin/sh) failed: it ended with exit code 3."]
    assert engine.started == ["a"]
    assert log.read_text().splitlines()[-1] == "after deploy deploy failed"
    log.unlink()
    engine.add("a")
    done = whole(*services, hooks=hooks, verb="deploy")
    assert (done["problems"], engine.started) == ([], ["a", "a", "b"])
    assert log.read_text().splitlines() == [
        "before deploy deploy",
        "before tier:workflow deploy",
        "before service:b deploy",
        "after service:b deploy succeeded",
        "after tier:workflow deploy succeeded",
        "after deploy deploy succeeded",
    ]
    assert done["hooks"][0] == "before deploy: /bin/sh"
    assert whole(*services, hooks=hooks)["hooks"] == []


def test_a_hook_that_cannot_be_run_is_refused_before_anything_is_touched(whole: Callable[..., dict[str, Any]], engine: fake.Engine) -> None:
    engine.add("a")
    done = whole(service("a"), hooks=[{"when": "before", "of": "tier:x", "command": ["x"]}])
    assert done["msg"] == (
        "Nothing was touched. stack_hooks[0].of: there is no tier 'x'; use one of critical, management, workflow; "
        "stack_hooks[0].command[0]: 'x' is not the absolute path of a program on the host; write where it lies, such as /usr/local/bin/notify."
    )
    assert engine.started == []


def test_a_service_with_hooks_is_taken_by_itself_after_what_it_depends_on(
    whole: Callable[..., dict[str, Any]], engine: fake.Engine, tmp_path: Path
) -> None:
    """Before its hook nothing of it has started, and after it nothing that comes later."""
    log = tmp_path / "told"

    def note(when: str, of: str) -> dict[str, Any]:
        return {"when": when, "of": of, "command": ["/bin/sh", "-c", f"echo $ZIGGIE_WHEN $ZIGGIE_SERVICE >>{log}"]}

    class Noted(list[str]):
        def append(self, one: str) -> None:
            super().append(one)
            with log.open("a", encoding="utf-8") as told:
                told.write(f"start {one}\n")

    engine.started = Noted()
    services = (
        service("a", after={"z": "service_healthy"}),
        service("b", after={"a": "service_healthy"}),
        service("c", limits=Limits(pids=50)),
        service("z"),
    )
    for name in "abz":
        engine.add(name)
    engine.add("c", "running", "healthy")
    hooks = [note(when, f"service:{name}") for name in "bac" for when in ("after", "before")]
    done = whole(*services, hooks=hooks)
    assert done["problems"] == []
    assert log.read_text().splitlines() == [
        *("before c", "after c"),
        *("start z", "before a", "start a", "after a"),
        *("before b", "start b", "after b"),
    ]
    assert (engine.updated["c"]["PidsLimit"], [hook.partition(":")[0] for hook in done["hooks"]][::2]) == (
        50,
        ["before service c", "before service a", "before service b"],
    )
