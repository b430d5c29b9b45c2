# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan file: what is in it and what is not, and every way in which one cannot be used."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Difference
from ansible_collections.ziggie.stack.plugins.module_utils.host.run_log import Downtime
from ansible_collections.ziggie.stack.plugins.module_utils.plan.contract import (
    Action,
    Contract,
    ContractError,
    HostPlan,
    Image,
    Inputs,
    Key,
    Observed,
    Seen,
)
from ansible_collections.ziggie.stack.plugins.module_utils.plan.plan import Stated
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.plan.parts import KEY, SECRET, part
from ansible_collections.ziggie.stack.tests.unit.samples import KERNEL, LIMITS, container, released
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
WORDS = st.text("abc é/.", max_size=8)
HASHES = st.dictionaries(WORDS, WORDS, max_size=2)


def contract(*parts: HostPlan) -> Contract:
    return Contract.of(parts or [part()], collection="1.0.0", nonce="n1", now=NOW)


def read(contract_text: str, collection: str = "1.0.0") -> Contract:
    return Contract.parse(contract_text.encode(), collection=collection)


def several(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(kind, max_size=2).map(tuple)


PARTS = st.builds(
    HostPlan,
    host=WORDS,
    machine=WORDS,
    verdict=WORDS,
    assumed=WORDS,
    inputs=st.builds(
        Inputs,
        capacity=st.dictionaries(WORDS, st.integers() | st.none(), max_size=2),
        files=HASHES,
        host=WORDS,
        secrets=WORDS,
        credentials=HASHES,
        images=st.dictionaries(WORDS, st.builds(Image, reference=WORDS, id=WORDS), max_size=2),
    ),
    observed=st.builds(
        Observed,
        engine=WORDS,
        compose=WORDS,
        containers=several(
            st.builds(
                Seen,
                service=WORDS,
                number=st.integers(),
                image=WORDS,
                image_id=WORDS,
                definition=WORDS,
                state=WORDS,
                limits=st.just(LIMITS),
                kernel=st.just(KERNEL),
            )
        ),
    ),
    actions=several(
        st.builds(
            Action,
            area=st.sampled_from(["host", "secret", "release", "container"]),
            subject=WORDS,
            change=WORDS,
            impact=st.sampled_from(["none", "as stated", "data move", "in place", "reload", "started", "recreated", "new", "removed"]),
            effect=WORDS,
            causes=several(st.builds(Difference, key=WORDS, desired=WORDS | st.integers(), live=st.none() | WORDS)),
        )
    ),
    missing=several(WORDS),
    downtimes=st.dictionaries(WORDS, st.builds(Downtime, seconds=st.floats(0, 1e6), times=st.integers(1, 5)), max_size=2),
)


@given(st.lists(PARTS, max_size=2))
def test_a_plan_file_comes_back_as_it_was(parts: list[HostPlan]) -> None:
    made = Contract.of(parts, collection="1.0.0", nonce="n", now=NOW)
    assert read(made.text()) == made
    assert read(made.text()).text() == made.text()


def test_what_may_be_secret_is_there_as_a_keyed_hash_or_not_at_all() -> None:
    text = contract().text()
    assert SECRET not in text
    assert KEY.machine not in text
    [action] = [one for one in part().actions if one.area == "container"]
    [cause] = action.causes
    assert (action.impact, cause.key) == ("recreated", "environment.PASSWORD")
    assert cause.desired == f"keyed hash {KEY.hash(SECRET)[:12]}"
    # The same input has another hash on another machine, so a list of passwords does not help.
    other = part(key=Key(machine="another id"))
    assert other.inputs.credentials != part().inputs.credentials
    assert other.inputs.files != part().inputs.files
    assert other.machine != part().machine


def test_the_actions_are_in_the_order_of_a_run() -> None:
    assert [(one.area, one.subject, one.change, one.impact) for one in part().actions] == [
        ("host", "/etc/docker/daemon.json", "file", "none"),
        ("secret", "/opt/ziggie/stack/secrets/n8n/key", "write", "none"),
        ("release", "/opt/ziggie/stack/compose.yml", "write", "none"),
        ("container", "redis", "recreate", "recreated"),
        ("hook", "stack_hooks[0]", "run", "as stated"),
    ]


def test_what_is_not_known_is_said_and_not_invented() -> None:
    known = part(services={"redis": released(image="redis:8@sha256:abc")}, released={})
    assert known.inputs.images["redis"].id == "sha256:abc"
    assert known.missing == ("downtime of redis: no earlier run has measured it",)
    assert part(services={"redis": released(image="redis:9")}, released={}).missing[0].startswith("image id of redis: not on the host")
    assert part().inputs.images["redis"] == Image(reference="redis:1", id="sha256:1")


def test_a_health_that_waits_for_its_probe_is_no_drift() -> None:
    assert part(containers=[container(health="starting")]).observed == part().observed
    assert part(containers=[container(health="unhealthy")]).observed.containers[0].state == "unhealthy"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"asked": False}, "vps is an imagined host, which no run can be held to; leave plan_capacity out"),
        (
            {"findings": (Stated(code="ZB1", severity="error", path="a", message="m", fix=""),)},
            "the plan of vps is infeasible; fix its problems first",
        ),
        ({"live": False}, "the Docker engine of vps is installed and does not run"),
        ({"key": Key(machine="")}, "vps has no /etc/machine-id to be recognised by"),
    ],
)
def test_no_run_can_be_held_to_such_a_plan(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        part(**changed)


def test_a_refusal_comes_back_as_one() -> None:
    with pytest.raises(ContractError, match="because"):
        HostPlan.from_dict({"refused": "because"})


def edited(**changes: Any) -> str:
    return json.dumps(json.loads(contract().text()) | changes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (contract().text()[:300], r"it is not valid JSON \(.*line .*\), so it is cut off or was edited"),
        ("", "it is not valid JSON"),
        ("[]", "it is no plan file; ansible-playbook ziggie.stack.plan -e plan_file=FILE writes one"),
        ('{"verdict": "feasible"}', "it is no plan file"),
        ('{"format": NaN}', "NaN is not a figure"),
        ("[" * 100_000, "it is nested too deeply"),
        (edited(format=2), "it has format 2, and this collection reads format 1"),
        (edited(format=True), "it has format True"),
        (edited(format={}), "it has format {}"),
        (edited(collection="2.0.0"), "it was made by version '2.0.0' of the collection, and this is '1.0.0'; make the plan again"),
        (edited(collection=5), "it was made by version 5 of the collection"),
        (edited(hosts=[]), "hosts: expected a mapping, got \\[\\]; it was edited, so make the plan again"),
        (edited(hosts={"vps": {"host": 5}}), "hosts.vps.*: it was edited|hosts.vps.*it was edited"),
        (edited(expires="soon"), "expires: expected a time such as 2026-11-30T12:00:00Z, got 'soon'"),
        (edited(expires="2036-11-30T12:00:00Z"), "it is not as it was written"),
        (edited(sum="0"), "it is not as it was written"),
        (edited(more=1), "more: nothing reads this key"),
    ],
)
def test_a_file_that_is_not_what_was_written_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        read(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ContractError, match="it is not text"):
        Contract.parse(b'{"format": "\xff"}', collection="1.0.0")


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(0), ""),
        (timedelta(hours=23, minutes=59), ""),
        (timedelta(hours=24), "it expired at 2026-12-01T12:00:00Z; make the plan again"),
        (timedelta(minutes=-4), ""),
        (
            timedelta(hours=-1),
            "it was made at 2026-11-30T12:00:00Z, and here it is 2026-11-30T11:00:00Z; set the clock, or make the plan again",
        ),
    ],
)
def test_a_plan_file_holds_for_a_day(after: timedelta, said: str) -> None:
    assert contract().expired(NOW + after) == said


def test_a_plan_file_is_for_the_hosts_that_it_was_made_for() -> None:
    made = contract(part(), part(host="web"))
    assert made.objection(["web", "vps"], ["web", "vps"], NOW) == ""
    assert made.objection(["vps"], ["vps"], NOW) == (
        "it is a plan for vps, web, and this run is for vps; run it with the inventory and the --limit that the plan was made with"
    )
    assert made.objection(["vps", "web"], ["vps"], NOW) == (
        "web failed before it was compared, and a plan is applied to all of its hosts or to none"
    )
    assert made.objection(["vps", "web"], ["vps", "web"], NOW + timedelta(days=2)).startswith("it expired at")


def test_the_digest_is_of_all_that_was_seen() -> None:
    seen = part().observed
    assert seen.digest == part().observed.digest
    assert seen.digest != replace(seen, engine="29").digest
    assert seen.to_dict()["digest"] == seen.digest
