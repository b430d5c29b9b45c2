# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan file from end to end, without a host: written by the action, read back, compared, used up by the module."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.ziggie.stack.plugins.action import plan_file
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.used_plans import FILE, Use, UsedError, use_up
from ansible_collections.ziggie.stack.plugins.plugin_utils import contract
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.plan.parts import part
from ansible_collections.ziggie.stack.tests.unit.samples import container

Act = Callable[..., dict[str, Any]]


@pytest.fixture(name="act")
def _act(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Act:
    """Run the action; the host's part is done in a folder."""
    monkeypatch.setattr(plan_file, "Display", mock.Mock)

    def execute(module_args: dict[str, Any], **_more: Any) -> dict[str, Any]:
        use = dict(module_args["use"])
        look = use.pop("look")
        try:
            use_up(Path(module_args["directory"]), use.pop("nonce"), Use(**use), check=look)
        except UsedError as error:
            return {"failed": True, "msg": str(error)}
        return {"changed": False}

    def act(state: str, **arguments: Any) -> dict[str, Any]:
        given = {"path": str(tmp_path / "x.json"), "state": state, "directory": str(tmp_path / "host"), "hosts": ["vps"], **arguments}
        task = mock.Mock(args=given, async_val=0, check_mode=False, diff=False, environment=None)
        action = plan_file.ActionModule(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())
        monkeypatch.setattr(action, "_execute_module", execute)
        return dict(action.run(task_vars={}))

    return act


def apply(act: Act, now: dict[str, Any], **more: Any) -> dict[str, Any]:
    return act("applied", plan=now, **{"alive": ["vps"], **more})


def refusal(run: Callable[[], Any]) -> str:
    with pytest.raises(AnsibleActionFail) as caught:
        run()
    return str(caught.value)


def test_a_plan_is_written_applied_once_and_refused_the_second_time(act: Act, tmp_path: Path) -> None:
    act("written", plans=[part().to_dict()])
    assert (tmp_path / "x.json").stat().st_mode & 0o777 == 0o600
    assert apply(act, part().to_dict())["changed"] is False
    said = refusal(lambda: apply(act, part().to_dict()))
    assert re.search(r"x\.json cannot be used: it was applied already, at 20\S+ by \S+; make the plan again\.$", said)


def test_once_applied_it_says_so_though_the_host_differs_by_then(act: Act) -> None:
    act("written", plans=[part().to_dict()])
    apply(act, part().to_dict())
    assert "it was applied already" in refusal(lambda: apply(act, part(containers=[container(image="redis:7")]).to_dict()))


def test_a_host_that_drifted_is_refused_by_name_and_the_file_stays_unused(act: Act, tmp_path: Path) -> None:
    act("written", plans=[part().to_dict()])
    said = refusal(lambda: apply(act, part(containers=[container(image="redis:7")]).to_dict()))
    assert said.startswith("Nothing was changed. vps is not as the plan file ")
    assert "\n- redis: image was redis:1 when the plan was made, and is redis:7 now.\n" in said
    assert not (tmp_path / "host" / FILE).exists()
    apply(act, part().to_dict())


def test_it_is_for_all_of_its_hosts(act: Act) -> None:
    act("written", plans=[part().to_dict(), part(host="web").to_dict()])
    assert "it is a plan for vps, web, and this run is for vps" in refusal(lambda: apply(act, part().to_dict()))
    said = refusal(lambda: apply(act, part().to_dict(), hosts=["vps", "web"]))
    assert "web failed before it was compared" in said


def test_a_plan_of_some_hosts_of_a_run_is_not_written(act: Act, tmp_path: Path) -> None:
    said = refusal(lambda: act("written", hosts=["vps", "web"], plans=[part().to_dict()]))
    assert said == "No plan file was written: there is no plan of web, and a file is for all hosts of a run."
    assert not (tmp_path / "x.json").exists()


def test_what_no_run_can_be_held_to_is_not_written(act: Act, tmp_path: Path) -> None:
    said = refusal(lambda: act("written", plans=[{"refused": "the engine of vps is stopped"}]))
    assert said == f"No plan file {tmp_path}/x.json can be written: the engine of vps is stopped."


@pytest.mark.parametrize("path", ["absent/x.json", "directory", "file/x.json"])
def test_a_path_that_cannot_be_written_is_told(act: Act, tmp_path: Path, path: str) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").write_text("", encoding="utf-8")
    said = refusal(lambda: act("written", path=str(tmp_path / path), plans=[part().to_dict()]))
    assert re.search(r"(is not a file|cannot be written \(.+\)); name ", said), said
    assert sorted(one.name for one in tmp_path.iterdir()) == ["directory", "file"]


@pytest.mark.parametrize("path", ["absent.json", "directory", "empty.json", "cut.json"])
def test_a_file_that_cannot_be_read_is_told(act: Act, tmp_path: Path, path: str) -> None:
    (tmp_path / "directory").mkdir()
    act("written", plans=[part().to_dict()])
    (tmp_path / "empty.json").write_text("", encoding="utf-8")
    (tmp_path / "cut.json").write_bytes((tmp_path / "x.json").read_bytes()[:-40])
    said = refusal(lambda: apply(act, part().to_dict(), path=str(tmp_path / path)))
    assert re.fullmatch(rf"The plan file {tmp_path}/{path} cannot be used: .*; (name|make|ansible-playbook) .*\.", said), said


def test_in_its_course_a_run_does_not_go_beyond_its_file(act: Act) -> None:
    act("written", plans=[part().to_dict()])
    act("followed", plan=part(secrets=[], file_changes=()).to_dict())
    said = refusal(lambda: act("followed", plan=part(containers=[]).to_dict(), done="No container was touched."))
    assert "The run would go beyond the plan file " in said
    assert said.endswith("now redis is made because of container (absent -> running).\nNo container was touched. Make the plan again.")


def test_another_version_of_the_collection_makes_the_plan_again(act: Act, tmp_path: Path) -> None:
    act("written", plans=[part().to_dict()])
    plain = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    (tmp_path / "x.json").write_text(json.dumps({**plain, "collection": "0.0.1"}), encoding="utf-8")
    assert f"it was made by version '0.0.1' of the collection, and this is '{contract.version()}'" in refusal(
        lambda: apply(act, part().to_dict())
    )
