# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks run in their turn, once, bounded in time; a failure is a sentence without a secret."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.hooks import Hooks
from ansible_collections.ziggie.stack.plugins.module_utils.settings.hooks import parse
from ansible_collections.ziggie.stack.tests.unit import samples

CHANGES = compare({"a": samples.released("a", tier="critical"), "b": samples.released("b", tier="workflow")}, [])


def hooks(*given: dict[str, Any], check: bool = False, **facts: str) -> Hooks:
    """Return hooks of a deploy that touches a and b; what is not given is a command before the deploy."""
    found, findings = parse([{"when": "before", "of": "deploy", **one} for one in given])
    assert findings == []
    turn = Hooks(found, facts=facts, check=check)
    turn.expect(CHANGES)
    return turn


def shell(text: str, **more: Any) -> dict[str, Any]:
    return {"command": ["/bin/sh", "-c", text], **more}


def test_a_hook_is_told_what_happens(tmp_path: Path) -> None:
    turn = hooks(
        shell(f"env >{tmp_path}/before", of="service:b"),
        shell(f"env >{tmp_path}/after", when="after", environment={"TOKEN": "hunter2"}),
        verb="site",
        release="0123",
    )
    assert turn.before("critical") == []
    assert not (tmp_path / "before").exists()
    assert turn.before("workflow") == []
    assert not (tmp_path / "before").exists()
    assert turn.before_service("b") == []
    told = (tmp_path / "before").read_text().splitlines()
    assert {"ZIGGIE_VERB=site", "ZIGGIE_RELEASE=0123", "ZIGGIE_SERVICE=b", "ZIGGIE_WHEN=before", "ZIGGIE_OUTCOME="} <= {*told}
    assert turn.succeed(["critical"]) == []
    assert not (tmp_path / "after").exists()
    assert turn.succeed(["workflow"]) == []
    assert {"ZIGGIE_OUTCOME=succeeded", "TOKEN=hunter2"} <= {*(tmp_path / "after").read_text().splitlines()}
    assert turn.names == ["before service b: /bin/sh", "after deploy: /bin/sh"]


def test_a_failure_is_a_sentence_without_a_secret_and_ends_the_turn(tmp_path: Path) -> None:
    turn = hooks(shell("echo token $TOKEN is wrong.; exit 3", environment={"TOKEN": "hunter2"}), shell(f"touch {tmp_path}/second"))
    assert turn.before("critical") == [
        "The hook stack_hooks[0] (before deploy, /bin/sh) failed: it ended with exit code 3; it said last: token *** is wrong."
    ]
    assert not (tmp_path / "second").exists()


def test_a_failure_that_does_not_count_is_a_warning() -> None:
    turn = hooks(shell("kill -9 $$", on_failure="warn"))
    assert turn.before("critical") == []
    assert turn.warnings == ["The hook stack_hooks[0] (before deploy, /bin/sh) failed: it was ended by signal 9."]


def test_time_is_bounded_and_the_children_go_too(tmp_path: Path) -> None:
    turn = hooks(shell(f"(sleep 60; touch {tmp_path}/late) & echo $! >{tmp_path}/child; wait", timeout=0.3))
    begun = time.monotonic()
    [said] = turn.before("critical")
    assert time.monotonic() - begun < 10
    assert "it was killed with its children after 0.3 s" in said
    child = Path("/proc") / (tmp_path / "child").read_text().strip()
    deadline = time.monotonic() + 10
    while child.exists() and "Z" not in (child / "stat").read_text().rpartition(")")[2][:3] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not child.exists() or "Z" in (child / "stat").read_text().rpartition(")")[2][:3]


def test_a_child_that_holds_the_output_does_not_keep_the_deploy() -> None:
    begun = time.monotonic()
    assert hooks(shell("sleep 30 & exit 0")).before("critical") == []
    assert time.monotonic() - begun < 10


def test_what_cannot_be_run_is_a_sentence(tmp_path: Path) -> None:
    [said] = hooks({"command": [str(tmp_path)]}).before("critical")
    assert said.endswith("failed: it cannot be run (Permission denied).")


def test_a_hook_after_the_deploy_learns_how_it_ended_once(tmp_path: Path) -> None:
    turn = hooks(shell("exit 1", when="after"), shell(f"echo $ZIGGIE_OUTCOME >>{tmp_path}/told", when="after"))
    assert "exit code 1" in turn.succeed(["workflow"])[0]
    assert turn.fail("rolled back") == []
    assert (tmp_path / "told").read_text() == "rolled back\n"


def test_a_check_and_a_deploy_that_touches_nothing_run_none(tmp_path: Path) -> None:
    given = [shell(f"touch {tmp_path}/ran"), shell(f"touch {tmp_path}/ran", when="after")]
    turn = hooks(*given, check=True)
    assert turn.before("critical") + turn.succeed(["workflow"]) == []
    assert turn.names == ["before deploy: /bin/sh", "after deploy: /bin/sh"]
    idle = Hooks(parse(given and [{"of": "deploy", "when": "before", **given[0]}])[0])
    assert idle.before("critical") + idle.succeed(["critical", "workflow"]) + idle.fail("failed") == []
    assert not (tmp_path / "ran").exists()


class _Answer(BaseHTTPRequestHandler):
    code = 204
    bodies: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.code)
        self.end_headers()

    def log_message(self, *_unused: object) -> None:
        return


@pytest.fixture(name="address")
def _address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hunter2"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("code", "said"), [(204, ""), (500, "the answer was HTTP 500")])
def test_a_call_has_what_happens_in_its_body(address: str, code: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Answer, "code", code)
    monkeypatch.setattr(_Answer, "bodies", [])
    found = hooks({"url": address, "of": "tier:critical"}, verb="site").before("critical")
    assert _Answer.bodies == [{"when": "before", "of": "tier:critical", "outcome": "", "verb": "site", "tier": "critical"}]
    assert (said in found[0] and "hunter2" not in found[0]) if said else found == []


def test_nobody_to_call_is_a_sentence() -> None:
    [said] = hooks({"url": "http://127.0.0.1:1/hunter2"}).before("critical")
    assert "Connection refused" in said
    assert "hunter2" not in said
