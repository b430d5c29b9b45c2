# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever happened to a file that runs leave on a host, every module that reads it heals it or says what is wrong in a sentence."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.archive import Archive, contents
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.failures import DIRECTORY, Evidence, Failures
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.released_files import FileDigest
from ansible_collections.ziggie.stack.plugins.module_utils.host import stored
from ansible_collections.ziggie.stack.plugins.module_utils.host.given import digest
from ansible_collections.ziggie.stack.plugins.module_utils.host.root import Root
from ansible_collections.ziggie.stack.plugins.module_utils.rotate.journal import Rotation
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump
from ansible_collections.ziggie.stack.tests.unit import engine as fake
from ansible_collections.ziggie.stack.tests.unit import samples

Run = Callable[..., dict[str, Any]]

# Each path, and the modules that read it.
READERS = {
    "stack": ("stack_info", "up", "kept", "restored", "secrets", "files", "stored"),
    "stack/release.json": ("stack_info", "up", "kept", "restored", "stored"),
    "stack/budget.json": ("stack_info", "kept", "restored"),
    "stack/compose.yml": ("stack_info", "kept", "restored"),
    "stack/config": ("stack_info", "kept", "restored", "files"),
    "stack/config/redis/redis.conf": ("stack_info", "kept", "restored", "files"),
    "stack/secrets": ("secrets", "stored"),
    "stack/secrets/redis/password": ("secrets", "stored"),
    "secrets": ("secrets", "stored"),
    "secrets/redis_password": ("secrets", "stored"),
    "secrets/.given": ("secrets", "stored"),
    "secrets/.rotation": ("stored", "settled"),
    "releases": ("stack_info", "kept", "restored"),
    "releases/current": ("stack_info", "kept", "restored"),
    "releases/FIRST": ("kept", "restored"),
    "releases/FIRST/deployed_at": ("kept", "restored"),
    "releases/FIRST/release.json": ("kept", "restored"),
    "releases/LAST/deployed_at": ("stack_info", "kept"),
    "releases/LAST/compose.yml": ("stack_info", "kept"),
    "failed": ("stack_info",),
    "failed/LAST": ("stack_info",),
    "failed/LAST/failure.json": ("stack_info",),
    "host_prep.pending": ("files",),
}
# What is read as JSON, a number or a name: each kind of content is tried.
READ = (
    "stack/release.json",
    "stack/budget.json",
    "releases/current",
    "releases/FIRST/deployed_at",
    "releases/FIRST/release.json",
    "failed/LAST/failure.json",
    "host_prep.pending",
)
TEXTS = {
    "empty": "",
    "a number": "1",
    "a text": '"abc"',
    "a list": "[1, null, {}]",
    "null": "null",
    "true": "true",
    "NaN": "NaN",
    "infinity": "1e999",
    "odd mapping": '{"services": 1, "volumes": {"a": []}}',
    "odd services": '{"services": {"redis": 5}, "volumes": {}}',
    "odd commands": '[["a"], 5, [["b"]], {"c": 1}]',
    "deep": "[" * 100_000,
    "open": "{",
}
SHAPES = ("truncated", "bytes", "directory", "loop", "dangling", "fifo", "absent", "no rights")
SENTENCE = re.compile(r"[A-Za-z0-9'/].*\.", re.DOTALL)
PYTHON = re.compile(r"Traceback|object has no|object is not|NoneType|not subscriptable|unhashable|must be str|\[Errno|codec can't|takes \d")


@pytest.fixture(name="home")
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if os.getuid():
        monkeypatch.setattr(os, "chown", lambda *_arguments: None)
    home = tmp_path / "home"
    archive = Archive(home / "releases", home / "stack")
    for number, word in enumerate(("first", "last")):
        (home / "stack/config/redis").mkdir(parents=True, exist_ok=True)
        (home / "stack/compose.yml").write_text(f"name: {word}\n")
        (home / "stack/release.json").write_text(json.dumps(samples.release("redis").to_dict()))
        (home / "stack/budget.json").write_text("{}")
        (home / "stack/config/redis/redis.conf").write_text(word)
        (home / word).write_text(archive.keep(float(number + 1), 10))
    found = contents(home / "stack")
    Failures(home / DIRECTORY).keep(found, ["It did not come up."], Evidence(), 3.0)
    for path, text in (
        ("secrets/redis_password", "secret"),
        ("stack/secrets/redis/password", "secret"),
        ("secrets/.given", '{"key": "a", "values": {}}'),
        ("secrets/.rotation", json.dumps(dump(Rotation(secret="a", method="restart", user="", service="redis", files=())))),
        ("host_prep.pending", '[["true"]]'),
    ):
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)
    return home


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Iterator[fake.Engine]:
    with fake.running(tmp_path) as engine:
        engine.add("redis", state="running", health="healthy")
        yield engine


def place(home: Path, name: str) -> Path:
    """Return a path of the list; FIRST and LAST are the releases that are kept."""
    return home / name.replace("FIRST", (home / "first").read_text()).replace("LAST", (home / "last").read_text())


def damage(path: Path, how: str) -> None:
    """Do to a file or a directory what a disk, a human or a power cut does."""
    before = path.read_bytes() if path.is_file() else b""
    if how == "no rights":
        path.chmod(0)
        return
    hidden = path.with_name(f"{path.name}.before")
    path.rename(hidden)
    if how in TEXTS:
        path.write_text(TEXTS[how])
    elif how == "truncated":
        path.write_bytes(before[: len(before) // 2])
    elif how == "bytes":
        path.write_bytes(b"\xff\xfe\x00\x01")
    elif how == "directory":
        path.mkdir()
    elif how in ("loop", "dangling"):
        path.symlink_to(path.name if how == "loop" else "nowhere")
    elif how == "fifo":
        os.mkfifo(path)


def verbs(run: Run, home: Path, socket: str) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return every module that reads what lies there."""
    common = {"project_src": str(home / "stack"), "socket": socket}
    lying = (path for path in sorted((home / "stack").rglob("*")) if path.is_file() and "secrets" not in path.parts)
    digests = [dump(FileDigest.of(str(path), path.read_bytes(), "0644")) for path in lying]
    secret = {"path": "redis/password", "content": "@redis_password@", "uid": os.getuid(), "gid": os.getgid()}
    file = {"path": str(home / "written"), "content": "x", "apply": [["true"]]}
    return {
        "stack_info": lambda: run("stack_info", compliance=True, files=digests, **common),
        "up": lambda: run("up", check=True, **common),
        "kept": lambda: run("releases", directory=str(home), state="kept"),
        "restored": lambda: run("releases", directory=str(home), state="restored"),
        "secrets": lambda: run("secrets", store=str(home / "secrets"), directory=str(home / "stack/secrets"), files=[secret]),
        "files": lambda: run("files", files=[file], pending=str(home / "host_prep.pending"), exclusive=[str(home / "stack/config")]),
        "settled": lambda: run("rotate", state="settled", store=str(home / "secrets"), **common),
        "stored": lambda: {
            "secrets": stored.secrets(Root(), str(home / "stack"), {"redis_password": digest("secret")}),
            "volumes": stored.released_volumes(Root(), str(home / "stack")),
        },
    }


CASES = [(name, how) for name in READERS for how in (*(TEXTS if name in READ else ("empty", "a text")), *SHAPES)]


@pytest.mark.parametrize(("name", "how"), CASES)
def test_damage_is_healed_or_a_sentence(run: Run, home: Path, engine: fake.Engine, name: str, how: str) -> None:
    calls = verbs(run, home, engine.path)
    damage(place(home, name), how)
    for verb in READERS[name]:
        answer = calls[verb]()
        if answer.get("failed"):
            assert SENTENCE.fullmatch(answer["msg"]), (verb, answer["msg"])
            assert not PYTHON.search(answer["msg"]), (verb, answer["msg"])


@pytest.mark.parametrize("at", ["NaN", "1e999", "-1"])
def test_a_failure_at_a_time_that_is_none_is_not_told(run: Run, home: Path, engine: fake.Engine, at: str) -> None:
    calls = verbs(run, home, engine.path)
    assert "this very release failed on" in calls["stack_info"]()["failed_before"]
    path = place(home, "failed/LAST/failure.json")
    path.write_text(path.read_text().replace('"at": 3.0', f'"at": {at}'))
    assert calls["stack_info"]()["failed_before"] == ""
