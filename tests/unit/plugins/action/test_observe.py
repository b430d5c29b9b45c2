# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions of audit and recommend show and write, without a host."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.ziggie.stack.plugins.module_utils.budget.tune.registry import TUNERS
from ansible_collections.ziggie.stack.plugins.module_utils.observe.model import Audit, Spread, Window
from ansible_collections.ziggie.stack.plugins.module_utils.observe.report import Report
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.observe.registry import running as registry
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.observe.world import MIB, world

Run = Callable[..., dict[str, Any]]
DAY = 86_400


@pytest.fixture(name="audit")
def _audit(tmp_path: Path) -> Audit:
    with world(tmp_path) as host:
        host.add("db", use=190, limit=200, project="shop")
        return host.look()


@pytest.fixture(name="run")
def _run(monkeypatch: pytest.MonkeyPatch) -> tuple[Run, list[str]]:
    shown: list[str] = []

    def run(name: str, hosts: tuple[str, ...] = ("one",), **arguments: Any) -> dict[str, Any]:
        module = importlib.import_module(f"ansible_collections.ziggie.stack.plugins.action.{name}")
        screen = mock.Mock(columns=79)
        screen.display = shown.append
        monkeypatch.setattr(module, "Display", lambda: screen)
        task = mock.Mock(args=arguments, async_val=0, check_mode=False, diff=False, environment=None)
        action = module.ActionModule(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())
        return dict(action.run(task_vars={"inventory_hostname": hosts[0], "ansible_play_hosts_all": list(hosts)}))

    return run, shown


def test_an_audit_is_shown_and_written(run: tuple[Run, list[str]], audit: Audit, tmp_path: Path) -> None:
    play, shown = run
    done = play("audit_report", audit=audit.to_dict(), page=str(tmp_path / "out/audit.html"), file=str(tmp_path / "out/audit.json"))
    assert "AUDIT of" in shown[0]
    assert "ZA001 containers.shop-db-1" in shown[0]
    assert done["changed"] is False
    assert done["files"] == [str(tmp_path / "out/audit.html"), str(tmp_path / "out/audit.json")]
    assert json.loads((tmp_path / "out/audit.json").read_text(encoding="utf-8")) == json.loads(json.dumps(Report.of(audit).to_dict()))
    assert (tmp_path / "out/audit.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["audit.html", "audit.json"]


def test_json_is_one_line_and_nothing_else(run: tuple[Run, list[str]], audit: Audit) -> None:
    play, shown = run
    play("audit_report", audit=audit.to_dict(), format="json")
    [line] = shown
    assert "\n" not in line
    assert Audit.from_dict(json.loads(line)["audit"]) == audit


def test_several_hosts_write_a_file_each(run: tuple[Run, list[str]], audit: Audit, tmp_path: Path) -> None:
    done = run[0]("audit_report", hosts=("web/1", "web2"), audit=audit.to_dict(), file=str(tmp_path / "audit.json"))
    assert done["files"] == [str(tmp_path / "audit-web_1.json")]


def test_what_cannot_be_written_or_read_is_one_sentence(run: tuple[Run, list[str]], audit: Audit, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(AnsibleActionFail, match=r"cannot be written to .*/file/audit.json: (Not a directory|File exists)"):
        run[0]("audit_report", audit=audit.to_dict(), file=str(tmp_path / "file/audit.json"))
    with pytest.raises(AnsibleActionFail, match="cannot be read: format: expected 1, got None"):
        run[0]("audit_report", audit={"containers": []})


def keep(place: Path, audit: Audit, day: int, use: int) -> None:
    """Keep an audit of a day on which the database used at most so many MiB."""
    spread = Spread(p50=1, p95=1, most=use * MIB)
    window = Window(samples=60, seconds=600.0, restarted=False, working_set=spread, cpu=None, pids=None)
    [container] = audit.containers
    kept = replace(audit, when=audit.when + (day - 20) * DAY, containers=(replace(container, window=window),))
    (place / f"{day:02}.json").write_text(json.dumps(Report.of(kept).to_dict()), encoding="utf-8")


def test_audits_that_were_kept_lead_to_a_patch(run: tuple[Run, list[str]], audit: Audit, tmp_path: Path) -> None:
    for day in range(5):
        keep(tmp_path, audit, day, 400 if day == 2 else 195)
    done = run[0]("recommend", audits=[str(tmp_path / "*.json")])
    assert done["patch"] == {"services": {"db": {"x-budget": {"memory": {"floor": "460m", "request": "460m"}}}}}
    assert "RECOMMENDATION from 5 audits" in run[1][0]


def test_an_audit_of_the_future_does_not_count_and_is_told(run: tuple[Run, list[str]], audit: Audit, tmp_path: Path) -> None:
    """A clock that was ahead once would else be the last look for good, and all its figures count."""
    for day in (0, 1, 2, 3, 90):
        keep(tmp_path, audit, day, 4000 if day == 90 else 195)
    done = run[0]("recommend", audits=[str(tmp_path / "*.json")])
    assert done["patch"] == {"services": {"db": {"x-budget": {"memory": {"floor": "225m", "request": "225m"}}}}}
    assert "1 of 5 audits are of the future, by this machine's clock, and were left out." in run[1][0]
    with pytest.raises(AnsibleActionFail, match="all audits are of the future"):
        run[0]("recommend", audits=[str(tmp_path / "90.json")])


def test_each_project_gets_a_patch_with_its_own_names(run: tuple[Run, list[str]], tmp_path: Path) -> None:
    """What an inventory does not have is refused in `catalog_overrides`, so a patch for the whole host could be pasted nowhere."""
    (tmp_path / "kept").mkdir()
    with world(tmp_path) as host:
        for project in ("blog", "shop"):
            host.add("db", use=190, limit=200, project=project)
        host.add("web", use=190, limit=200, project="shop")
        host.add("lonely", use=190, limit=200)
        seen = host.look()
    spread = Spread(p50=1, p95=1, most=300 * MIB)
    window = Window(samples=60, seconds=600.0, restarted=False, working_set=spread, cpu=None, pids=None)
    for day in range(4):
        containers = tuple(replace(one, window=window) for one in seen.containers)
        looked = Report.of(replace(seen, when=seen.when - day * DAY, containers=containers))
        (tmp_path / f"kept/{day}.json").write_text(json.dumps(looked.to_dict()), encoding="utf-8")
    done = run[0]("recommend", audits=[str(tmp_path / "kept/*.json")])
    memory = {"x-budget": {"memory": {"floor": "345m", "request": "345m"}}}
    assert done["patches"] == {
        "": {"services": {"lonely": memory}},
        "blog": {"services": {"db": memory}},
        "shop": {"services": {"db": memory, "web": memory}},
    }
    told = run[1][0].splitlines()
    at = told.index("For the inventory of project shop:")
    assert yaml.safe_load("\n".join(told[at + 1 : told.index("", at)])) == {"catalog_overrides": done["patches"]["shop"]}
    assert told[told.index("For containers of no Compose project:") + 1] == "lonely 345m"


def test_a_database_of_an_audit_is_known_by_its_image(run: tuple[Run, list[str]], tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with world(tmp_path) as host:
        host.add("db", use=390, limit=400, project="shop", config={"Image": "postgres:17.11"})
        seen = host.look()
    for day in range(4):
        keep(tmp_path / "kept", seen, day, 395)
    done = run[0]("recommend", audits=[str(tmp_path / "kept/*.json")])
    assert done["patch"] == {}
    assert "it fills what it has, and nothing says that it lacks memory" in " ".join(run[1][0].split())
    assert {name for name, tuner in TUNERS.items() if tuner.fills} == {
        *("cassandra", "elasticsearch", "mariadb", "memcached", "mongodb", "mysql", "opensearch", "postgres", "redis", "solr")
    }


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("{}", "not an audit that can be read"), ("nonsense", "not an audit that can be read"), (None, "no file matches")],
)
def test_files_that_are_no_audits_are_one_sentence(run: tuple[Run, list[str]], tmp_path: Path, content: str | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "one.json").write_text(content, encoding="utf-8")
    with pytest.raises(AnsibleActionFail, match=sentence):
        run[0]("recommend", audits=[str(tmp_path / "*.json")])


def test_a_history_without_series_is_one_sentence(run: tuple[Run, list[str]]) -> None:
    with pytest.raises(AnsibleActionFail, match="Prometheus has no memory series"):
        run[0]("recommend", history={"services": {}, "now": 1.0})


def test_updates_are_shown_and_the_ledger_is_kept(run: tuple[Run, list[str]], tmp_path: Path) -> None:
    play, shown = run
    ledger, compose = tmp_path / "state/images.json", {"services": {"db": {"image": "postgres:17.11"}}}
    with registry() as server:
        server.add("library/postgres", "17.11", "17.12")
        wish = {"compose": compose, "registries": {"docker.io": server.address}, "ledger": str(ledger), "format": "json"}
        done = play("updates", **wish)
        assert done["patch"] == {}
        assert json.loads(shown[0])["services"][0]["newer"][0]["tag"] == "17.12"
        assert sorted(json.loads(ledger.read_text(encoding="utf-8"))) == [f"docker.io/library/postgres:17.{number}" for number in (11, 12)]
        assert play("updates", **wish, image_age="0h")["patch"]["services"]["db"]["image"].startswith("postgres:17.12@sha256:")
        ledger.write_text('{"a": 1}', encoding="utf-8")
        with pytest.raises(AnsibleActionFail, match=r"The ledger .*images.json cannot be read \(a: expected a mapping, got 1\)"):
            play("updates", **wish)
        assert ledger.read_text(encoding="utf-8") == '{"a": 1}'
        with pytest.raises(AnsibleActionFail, match=r"The ledger .* cannot be kept \(Not a directory at"):
            play("updates", **wish | {"ledger": str(ledger / "images.json")})
    with pytest.raises(AnsibleActionFail, match="image_age: expected a duration such as 72h, or 0h for none, got 'soon'"):
        play("updates", compose=compose, image_age="soon")
    with pytest.raises(AnsibleActionFail, match=r"registries.docker.io: expected an address such as https://docker.io, got 'mirror:5000'"):
        play("updates", compose=compose, registries={"docker.io": "mirror:5000"})
