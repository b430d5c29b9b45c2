# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers are made in one go, after their images are there, and by one run at a time."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import compose
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.compose import Made, MakeError, alone, make
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit.samples import released

SERVICES = {name: released(name) for name in ("a", "b", "c")} | {"built": released("built", image="")}


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[fake.Engine]:
    with fake.running(tmp_path) as engine:
        engine.images = {"a:1", "b:1", "c:1"}
        yield engine


class Compose:
    """Notes what it is asked for; `fails` maps a word to what is said."""

    def __init__(self, **fails: str) -> None:
        self.asked: list[list[str]] = []
        self.fails = fails

    def __call__(self, words: list[str]) -> tuple[int, str]:
        self.asked.append(words)
        return (1, self.fails[words[0]]) if words[0] in self.fails else (0, "")


def made(engine: fake.Engine, run: Compose, **wanted: list[str]) -> Made:
    client = Engine(engine.path)
    try:
        return make(
            client, run, "ziggie", SERVICES, directory=Path(engine.path).parent, **{"create": [], "recreate": [], "renew": [], **wanted}
        )
    finally:
        client.close()


def test_nothing_to_make_asks_compose_for_nothing(engine: fake.Engine) -> None:
    engine.add("a")
    run = Compose()
    assert made(engine, run, create=["a"]) == Made(created=[], recreated=[], commands=[])
    assert run.asked == []


def test_what_is_absent_is_made_in_one_command(engine: fake.Engine) -> None:
    engine.add("a")
    run = Compose()
    assert made(engine, run, create=["a", "b", "c", "built"]).created == ["b", "c", "built"]
    [words] = run.asked
    assert words[-3:] == ["b", "c", "built"]
    assert {"up", "--no-start", "--no-deps", "--no-recreate"} < set(words)


def test_what_is_to_be_replaced_goes_along(engine: fake.Engine) -> None:
    engine.add("a")
    run = Compose()
    assert made(engine, run, create=["b"], recreate=["a"]).recreated == ["a"]
    [words] = run.asked
    assert words[-2:] == ["b", "a"]
    assert "--force-recreate" in words


def test_missing_images_come_first_and_those_of_later_tiers_too(engine: fake.Engine) -> None:
    engine.add("a")
    engine.images = {"b:1"}
    run = Compose()
    done = made(engine, run, create=["b"], renew=["a"])
    assert [words[0] for words in run.asked] == ["pull", "up"]
    assert run.asked[0][-1] == "a"
    assert done.commands[0] == "pull --quiet -- a"


def names(engine: fake.Engine, reference: str, identifier: str, digest: str = "") -> None:
    """Have a tag, or an id, name an image."""
    engine.answers[f"/images/{quote(reference)}/json"] = {"Id": identifier, "RepoDigests": [f"a@{digest}"] if digest else []}


def remembered(engine: fake.Engine) -> dict[str, list[str]]:
    found = json.loads((Path(engine.path).parent / "images.json").read_text(encoding="utf-8"))
    return {name: [pin["reference"], pin["digest"], pin["id"]] for name, pin in found.items()}


def held(engine: fake.Engine) -> list[str]:
    """Return the images that Compose is told to take instead of those of the definition."""
    words = compose.command("/s", "ziggie", str(Path(engine.path).parent), "up")
    files = [words[at + 1] for at, word in enumerate(words) if word == "--file"]
    return [one["image"] for file in files[1:] for one in json.loads(Path(file).read_text(encoding="utf-8"))["services"].values()]


def test_a_service_keeps_the_image_that_its_tag_first_named(engine: fake.Engine) -> None:
    names(engine, "a:1", "sha256:1", "sha256:aa")
    made(engine, Compose(), create=["a", "b", "built"])
    assert remembered(engine) == {"a": ["a:1", "sha256:aa", "sha256:1"], "b": ["b:1", "", "sha256:1"]}
    assert held(engine) == []
    # Somebody pulled what the tag names by now.
    engine.add("a")
    names(engine, "a:1", "sha256:2", "sha256:bb")
    names(engine, "a:1@sha256:aa", "sha256:1", "sha256:aa")
    run = Compose()
    made(engine, run, recreate=["a"])
    assert held(engine) == ["a:1@sha256:aa"]
    assert [words[0] for words in run.asked] == ["up"]
    assert remembered(engine)["a"] == ["a:1", "sha256:aa", "sha256:1"]
    # Once it names the old one again, nothing is to be held.
    names(engine, "a:1", "sha256:1", "sha256:aa")
    made(engine, Compose(), recreate=["a"])
    assert held(engine) == []


def test_an_image_that_is_gone_is_pulled_by_the_digest_that_is_remembered(engine: fake.Engine) -> None:
    names(engine, "a:1", "sha256:1", "sha256:aa")
    made(engine, Compose(), create=["a"])
    del engine.answers[f"/images/{quote('a:1')}/json"]
    engine.images = set()
    with pytest.raises(
        MakeError,
        match=r"cannot pull the images a:1@sha256:aa of a that \S+/images.json remembers \(empty that file, and the tags are followed\): gone$",
    ):
        made(engine, Compose(pull="gone"), create=["a"])


def test_a_host_that_was_recovered_has_the_images_of_the_release_that_was_kept_last(engine: fake.Engine, tmp_path: Path) -> None:
    kept, stack = tmp_path / "releases/one", tmp_path / "stack"
    kept.mkdir(parents=True)
    stack.mkdir()
    (kept.parent / "current").write_text("one\n", encoding="utf-8")
    pin = {"reference": "a:1", "digest": "sha256:aa", "id": "sha256:1"}
    (kept / "images.json").write_text(json.dumps({"a": pin}), encoding="utf-8")
    names(engine, "a:1", "sha256:2", "sha256:bb")
    client, run = Engine(engine.path), Compose(pull="asked for")
    with pytest.raises(MakeError, match=r"cannot pull the images a:1@sha256:aa of a that .*: asked for"):
        make(client, run, "ziggie", SERVICES, directory=stack, create=["a"], recreate=[], renew=[])
    client.close()


def test_an_emptied_file_follows_the_tags(engine: fake.Engine) -> None:
    names(engine, "a:1", "sha256:1", "sha256:aa")
    made(engine, Compose(), create=["a"])
    (Path(engine.path).parent / "images.json").write_text("", encoding="utf-8")
    names(engine, "a:1", "sha256:2", "sha256:bb")
    made(engine, Compose(), create=["a"])
    assert (held(engine), remembered(engine)["a"]) == ([], ["a:1", "sha256:bb", "sha256:2"])


def test_what_runs_is_kept_although_nobody_remembered_it(engine: fake.Engine) -> None:
    engine.add("a")
    names(engine, "sha256:1", "sha256:1", "sha256:aa")
    names(engine, "a:1@sha256:aa", "sha256:1", "sha256:aa")
    names(engine, "a:1", "sha256:2", "sha256:bb")
    made(engine, Compose(), recreate=["a"])
    assert held(engine) == ["a:1@sha256:aa"]
    assert remembered(engine)["a"] == ["a:1", "sha256:aa", "sha256:1"]


def test_another_tag_and_an_image_of_the_host_alone_are_taken_as_they_are(engine: fake.Engine) -> None:
    pins = {"a": {"reference": "a:0", "digest": "sha256:aa", "id": "sha256:0"}, "b": {"reference": "b:1", "digest": "", "id": "sha256:0"}}
    (Path(engine.path).parent / "images.json").write_text(json.dumps({**pins, "gone": pins["a"]}), encoding="utf-8")
    engine.add("a")
    engine.containers["a"]["Config"]["Image"] = "a:0"
    made(engine, Compose(), recreate=["a"], create=["b"])
    assert held(engine) == []
    assert remembered(engine) == {"a": ["a:1", "", "sha256:1"], "b": ["b:1", "", "sha256:1"]}


@pytest.mark.parametrize(
    ("fails", "asked", "words"),
    [
        ({"pull": "Error response from daemon: manifest unknown"}, ["pull"], "cannot pull the images a:1 of a: manifest unknown"),
        (
            {"up": 'Error response from daemon: Conflict. The name "/x" is in use.'},
            ["pull", "up"],
            "cannot make the containers of a: Conflict",
        ),
    ],
)
def test_a_failure_is_one_sentence_and_the_last_thing_done(
    engine: fake.Engine, fails: dict[str, str], asked: list[str], words: str
) -> None:
    engine.images = set()
    run = Compose(**fails)
    with pytest.raises(MakeError, match=words):
        made(engine, run, create=["a"])
    assert [each[0] for each in run.asked] == asked


def test_many_services_are_not_all_named(engine: fake.Engine) -> None:
    names = {f"s{number}": released(image="a:1") for number in range(8)}
    client = Engine(engine.path)
    with pytest.raises(MakeError, match=r"of s0, s1, s2, s3, s4 and 3 more: no"):
        make(client, Compose(up="no"), "ziggie", names, directory=Path(engine.path).parent, create=list(names), recreate=[], renew=[])
    client.close()


def test_one_at_a_time(tmp_path: Path) -> None:
    order: list[str] = []

    def second(**_nothing: Any) -> None:
        with alone(tmp_path, 5, pause=lambda _seconds: time.sleep(0.01)):
            order.append("second")

    with alone(tmp_path, 5):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_whoever_waits_for_too_long_says_so(tmp_path: Path) -> None:
    with alone(tmp_path, 5), pytest.raises(MakeError, match="an earlier run still makes containers"), alone(tmp_path, 0):
        pass


def test_a_compose_that_a_killed_run_left_at_work_is_waited_for(tmp_path: Path) -> None:
    with alone(tmp_path, 5) as lock:
        left = subprocess.Popen(["sleep", "60"], pass_fds=(lock,))
    try:
        with pytest.raises(MakeError, match="an earlier run still makes containers"), alone(tmp_path, 0):
            pass
    finally:
        left.kill()
        left.wait()
    with alone(tmp_path, 5):
        pass


def test_what_is_absent_is_not_replaced_as_well(engine: fake.Engine) -> None:
    run = Compose()
    assert made(engine, run, create=["a"], recreate=["a"]) == Made(created=["a"], commands=[" ".join(run.asked[0])])
    assert run.asked[0][-2:] == ["--", "a"]


def test_two_goes_are_told_as_one() -> None:
    assert Made(created=["a"], commands=["x"]) + Made(recreated=["b"], commands=["y"]) == Made(
        created=["a"], recreated=["b"], commands=["x", "y"]
    )


def test_a_command_names_everything_and_guesses_nothing() -> None:
    assert compose.command("/run/docker.sock", "ziggie", "/opt/stack", "ps") == [
        *("docker", "--host", "unix:///run/docker.sock", "compose", "--ansi", "never"),
        *("--project-name", "ziggie", "--project-directory", "/opt/stack", "--file", "/opt/stack/compose.yml", "ps"),
    ]


TOLD = [
    (
        " a Pulling \n a Error manifest unknown\nError response from daemon: manifest for nope:1 not found: manifest unknown\n",
        "manifest for nope:1 not found: manifest unknown",
    ),
    (
        " Container e-redis  Starting\nError response from daemon: driver failed: Bind for 0.0.0.0:80 failed: port is already allocated\n",
        "driver failed: Bind for 0.0.0.0:80 failed: port is already allocated",
    ),
    ("validating /opt/compose.yml: services.a Additional property foo is not allowed\n", None),
    (
        "Error response from daemon: no space left on device\n Container a  Stopping\n",
        "no space left on device",
    ),
    ("", "no reason given"),
    (" \n", "no reason given"),
]


@pytest.mark.parametrize(("output", "expected"), TOLD)
def test_the_reason_is_what_the_engine_said(output: str, expected: str | None) -> None:
    assert compose.reason(output) == (output.strip() if expected is None else expected)
