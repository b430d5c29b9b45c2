# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs from a plan file is said in sentences, causes first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import FileDigest
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.changes import HostChange
from ansible_collections.ziggie.stack.plugins.module_utils.limits import KernelLimits
from ansible_collections.ziggie.stack.plugins.module_utils.plan.contract import HostPlan, Key
from ansible_collections.ziggie.stack.plugins.module_utils.plan.drift import deviations, differences, told
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.plan.parts import part
from ansible_collections.ziggie.stack.tests.unit.samples import LIMITS, container, released

MIB = 1 << 20


def test_nothing_differs_from_itself() -> None:
    assert differences(part(), part()) == []
    assert deviations(part(), part()) == []


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ({"key": Key(machine="other")}, "it was made for another machine than this vps: the machine's id was "),
        ({"versions": ("29.0", "2.40.0")}, "Docker Engine was 28.0.0 when the plan was made, and is 29.0 now"),
        ({"versions": ("28.0.0", "")}, "Docker Compose was 2.40.0 when the plan was made, and is absent now"),
        ({"engine_runs": False}, "the Docker engine ran when the plan was made, and does not run now"),
        (
            {"containers": [container(limits=replace(LIMITS, memory=300 * MIB))]},
            "redis: limits.memory was 256 MiB when the plan was made, and is 300 MiB now",
        ),
        (
            {"containers": [container(kernel=KernelLimits(values={"pids": 7}))]},
            "redis: kernel.cpu_quota was 500 when the plan was made, and is nothing now",
        ),
        ({"containers": [container(image="redis:7")]}, "redis: image was redis:1 when the plan was made, and is redis:7 now"),
        ({"containers": [container(state="exited")]}, "redis: state was running when the plan was made, and is exited now"),
        ({"containers": []}, "redis has no container now, and had one when the plan was made"),
        (
            {"containers": [container(), container(number=2)]},
            "redis/2 has a container now, and had none when the plan was made",
        ),
        ({"memory": "4g"}, "the budget shared memory 8192 MiB when the plan was made, and would share 4096 MiB now"),
        ({"wanted": {"packages": ["jq"]}}, "what is wanted of the host itself is otherwise than planned"),
        ({"recipes": []}, "how secrets are made is otherwise than planned"),
        ({"credentials": {"redis_password": "x"}}, "stack_credentials.redis_password has another value than planned"),
        ({"credentials": {}}, "stack_credentials.redis_password is in the plan and no longer there"),
        (
            {"files": [FileDigest.of("/opt/ziggie/stack/compose.yml", b"x", "0644")]},
            "the release's file /opt/ziggie/stack/compose.yml is rendered otherwise than planned",
        ),
        ({"hooks": []}, "stack_hooks is otherwise than planned"),
        ({"files": []}, "the release's file /opt/ziggie/stack/compose.yml is in the plan and no longer there"),
        (
            {"services": {"redis": released(definition="new", image="redis:9")}},
            "the image of redis was redis:1 (sha256:1) when the plan was made, and is redis:9 (not on the host) now",
        ),
        (
            {"released": {"redis": released(parts={"command": "x"})}},
            "the plan says redis is recreated because of environment.PASSWORD; now ",
        ),
        ({"services": {"redis": released()}}, "the plan says redis is recreated because of environment.PASSWORD; now "),
        (
            {"secrets": []},
            "the plan says the secret's file /opt/ziggie/stack/secrets/n8n/key is written; now nothing is to be done about it",
        ),
        (
            {"file_changes": ()},
            "the plan says the file /opt/ziggie/stack/compose.yml is written; now nothing is to be done about it",
        ),
        (
            {"host_changes": ()},
            "the plan says the file /etc/docker/daemon.json of the host is changed (absent -> written; nothing restarts); now nothing",
        ),
    ],
)
def test_the_first_difference_is_the_cause(now: dict[str, Any], first: str) -> None:
    assert differences(part(), part(**now))[0].startswith(first)


def test_what_is_done_otherwise_is_told_with_both_sides() -> None:
    found = differences(part(), part(services={"redis": released()}))
    assert found[-1].endswith("; now nothing is to be done about it")
    other = part(services={"redis": released(limits=replace(LIMITS, memory=128 * MIB))})
    assert differences(part(), other)[-1].endswith("; now redis is changed in place because of limits.memory (256 MiB -> 128 MiB)")


def test_the_same_in_words_is_told_to_be_so() -> None:
    def daemon(**changed: Any) -> HostPlan:
        change = HostChange(kind="file", subject="/etc/docker/daemon.json", before="absent", after="written", **changed)
        return part(host_changes=(change,))

    assert differences(daemon(diff=("a",)), daemon(diff=("b",))) == [
        (
            "the plan says the file /etc/docker/daemon.json of the host is changed (absent -> written; nothing restarts); "
            "now it is the same by another cause, or with a value of which the plan has the hash alone"
        )
    ]
    assert differences(daemon(), daemon(effect="the engine restarts"))[0].endswith("(absent -> written; the engine restarts)")


def test_the_engine_that_was_started_in_between_is_told() -> None:
    assert differences(part(engine_runs=False), part())[0] == "the Docker engine did not run when the plan was made, and runs now"


def test_actions_in_another_order_are_another_plan() -> None:
    planned = part()
    turned = replace(planned, actions=(*planned.actions[1:], planned.actions[0]))
    assert differences(planned, turned) == ["the actions are the same as planned, and their order is another"]


def test_once_it_is_carried_out_less_is_right_and_more_is_not() -> None:
    done = part(host_changes=(), file_changes=(), secrets=[], services={"redis": released()})
    assert deviations(part(), done) == []
    more = part(services={"redis": released(), "web": released("web")})
    assert deviations(part(), more) == ["the plan says nothing of web; now web is made because of container (absent -> running)"]
    harder = part(services={"redis": released(limits=replace(LIMITS, memory=128 * MIB))})
    assert deviations(harder, part())[0].startswith("the plan says redis is changed in place because of limits.memory")
    assert deviations(part(), part(containers=[]))[0].startswith("the plan says redis is recreated because of environment.PASSWORD")
    other = part(files=[FileDigest.of("/opt/ziggie/stack/compose.yml", b"x", "0644")])
    assert deviations(part(), other)[0].startswith("the release's file /opt/ziggie/stack/compose.yml is rendered otherwise than planned")


def test_of_many_differences_the_first_ones_are_told() -> None:
    assert told([f"{number}" for number in range(7)]) == "- 0.\n- 1.\n- 2.\n- 3.\n- 4.\n- and 2 more."
    assert told(["one"]) == "- one."
