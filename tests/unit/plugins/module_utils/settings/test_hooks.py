# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks as an inventory writes them: what is wrong is said with its path, what is right runs in one order."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.settings.hooks import parse, schedule

RIGHT: dict[str, Any] = {"when": "before", "of": "deploy", "command": ["/bin/true"]}


def call(**changed: Any) -> dict[str, Any]:
    return {"when": "after", "of": "deploy", "url": "https://example.org/x", **changed}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("x", "stack_hooks: expected a list, got 'x'"),
        ([7], "stack_hooks[0]: expected a mapping, got 7"),
        ([{**RIGHT, "wehn": "before"}], "stack_hooks[0].wehn: a hook has no setting of this name; write when"),
        ([{**RIGHT, "when": "befor"}], "stack_hooks[0].when: expected before or after, got 'befor'; write before"),
        ([{**RIGHT, "of": "tier:critcal"}], "stack_hooks[0].of: there is no tier 'critcal'; write critical"),
        ([{**RIGHT, "of": "service:redsi"}], "stack_hooks[0].of: there is no service 'redsi' in the stack; write redis"),
        ([{**RIGHT, "of": "redis"}], "stack_hooks[0].of: expected deploy, tier:<name> or service:<name>, got 'redis'"),
        ([{**RIGHT, "of": ["deploy"]}], "stack_hooks[0].of: expected deploy"),
        ([{**RIGHT, "url": "https://a"}], "stack_hooks[0]: a hook has either a command or a url"),
        ([{"when": "before", "of": "deploy"}], "stack_hooks[0]: a hook has either a command or a url"),
        ([{**RIGHT, "command": "/bin/true"}], "stack_hooks[0].command: expected a list of words, got '/bin/true'"),
        ([{**RIGHT, "command": []}], "stack_hooks[0].command: expected a list of words"),
        ([{**RIGHT, "command": ["curl"]}], "stack_hooks[0].command[0]: 'curl' is not the absolute path of a program on the host"),
        ([call(url="ftp://a/hunter2")], "stack_hooks[0].url: this is not the URL of a web server"),
        ([call(url="https://a:99999/")], "stack_hooks[0].url: this is not the URL of a web server"),
        ([call(url="https://a/ b")], "stack_hooks[0].url: this is not the URL of a web server"),
        ([call(url=None)], "stack_hooks[0].url: this is not the URL of a web server"),
        ([{**RIGHT, "timeout": "soon"}], "stack_hooks[0].timeout: 'soon' is no duration above 0; write it as 30s or 2m"),
        ([{**RIGHT, "timeout": "0s"}], "stack_hooks[0].timeout: '0s' is no duration above 0"),
        ([{**RIGHT, "timeout": True}], "stack_hooks[0].timeout: True is no duration above 0"),
        ([{**RIGHT, "on_failure": "ignore"}], "stack_hooks[0].on_failure: expected fail or warn, got 'ignore'"),
        ([{**RIGHT, "environment": ["A"]}], "stack_hooks[0].environment: expected a mapping"),
        ([{**RIGHT, "environment": {"A-B": "x"}}], "stack_hooks[0].environment.A-B: this is no name of a variable"),
        ([{**RIGHT, "environment": {"A": ["hunter2"]}}], "stack_hooks[0].environment.A: expected a text"),
    ],
)
def test_what_is_wrong_is_said(given: object, said: str) -> None:
    hooks, findings = parse(given, ["redis", "n8n"])
    assert hooks == ()
    [finding] = findings
    assert finding.sentence().startswith(said)
    assert "hunter2" not in finding.sentence()


def test_all_that_is_wrong_is_said_at_once() -> None:
    hooks, findings = parse([{**RIGHT, "timeout": "x", "of": "x"}, RIGHT, 7], [])
    assert [hook.number for hook in hooks] == [1]
    assert [finding.path for finding in findings] == ["stack_hooks[0].of", "stack_hooks[0].timeout", "stack_hooks[2]"]


def test_what_is_shown_holds_no_secret() -> None:
    [told], _none = parse([call(url="https://user:hunter2@example.org:8443/hunter2?token=hunter2", timeout="1m30s", on_failure="warn")])
    assert (told.what, told.moment, told.timeout, told.fatal) == ("https://example.org", "after deploy", 90.0, False)


def test_hooks_run_in_one_order_and_only_those_whose_thing_is_touched() -> None:
    moments = [(when, of) for of in ("service:b", "service:a", "tier:workflow", "tier:critical", "deploy") for when in ("after", "before")]
    hooks, findings = parse([{**RIGHT, "when": when, "of": of} for when, of in moments])
    assert findings == []
    assert [hook.moment for hook in schedule(hooks, {"critical": ["b", "a"]})] == [
        "before deploy",
        "before tier critical",
        "before service b",
        "after service b",
        "before service a",
        "after service a",
        "after tier critical",
        "after deploy",
    ]
    assert [hook.moment for hook in schedule(hooks, {"workflow": ["c"]})] == [
        "before deploy",
        "before tier workflow",
        "after tier workflow",
        "after deploy",
    ]
    assert list(schedule(hooks, {})) == []
