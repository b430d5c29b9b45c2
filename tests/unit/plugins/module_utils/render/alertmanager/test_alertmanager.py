# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receivers: what is wrong with them is said, their secrets are files, and each is told what it asked for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.problems import Problems
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager import configuration, heartbeat
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.receivers import NOT_SENT, Receiver, parse
from ansible_collections.ziggie.stack.plugins.module_utils.render.alertmanager.settings import Settings, mount
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import alert_groups

HOOK = {"name": "hook", "type": "webhook", "secret": "hook_url"}
MAIL = {"name": "mail", "type": "email", "to": "a@example.org", "from": "b@example.org", "smarthost": "mail.example.org:587"}
CHAT = {"name": "chat", "type": "slack", "channel": "#ops", "secret": "chat_url", "severity": "critical"}
BOT = {"name": "bot", "type": "telegram", "chat_id": -100, "secret": "bot_token", "tiers": ["workflow", "critical"]}
CREDENTIALS = {"hook_url", "chat_url", "bot_token", "mail_password", "beat_url"}
# All that a plan would otherwise say is missing.
QUIET = {"heartbeat": {"secret": "beat_url"}, "backups": {"postgres": "/srv/backups"}}


def _parse(*written: Any) -> list[Receiver]:
    problems = Problems()
    receivers = parse(list(written), CREDENTIALS, problems)
    assert not problems.findings
    return receivers


def _wrong(written: Any) -> list[tuple[str, str]]:
    problems = Problems()
    assert parse([written], CREDENTIALS, problems) == []
    return [(finding.code, finding.path.removeprefix("monitoring_receivers[0]")) for finding in problems.findings]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("hook", [("ZM001", "")]),
        ({"name": "hook"}, [("ZM001", ".type")]),
        ({**HOOK, "type": "webhok"}, [("ZM001", ".type")]),
        ({**HOOK, "name": "My hook"}, [("ZM001", ".name")]),
        ({**HOOK, "url": "http://x"}, [("ZM002", ".url")]),
        ({**HOOK, "severity": "page"}, [("ZM001", ".severity")]),
        ({**HOOK, "tiers": "critical"}, [("ZM001", ".tiers")]),
        ({**HOOK, "tiers": []}, [("ZM001", ".tiers")]),
        ({**HOOK, "max_alerts": True}, [("ZM001", ".max_alerts")]),
        ({"name": "hook", "type": "webhook"}, [("ZM004", ".secret")]),
        ({**HOOK, "secret": "hook_adress"}, [("ZM004", ".secret")]),
        ({**MAIL, "username": "me"}, [("ZM004", ".secret")]),
        ({"name": "mail", "type": "email", "to": "", "from": "b@example.org"}, [("ZM003", ".smarthost"), ("ZM001", ".to")]),
        ({**BOT, "chat_id": "many"}, [("ZM001", ".chat_id")]),
    ],
)
def test_what_is_wrong_is_said(written: Any, found: list[tuple[str, str]]) -> None:
    assert _wrong(written) == found


def test_the_sentence_says_what_to_do() -> None:
    problems = Problems()
    parse([{**HOOK, "secret": "hook_adress"}], CREDENTIALS, problems)
    (finding,) = problems.findings
    assert (
        finding.sentence() == "monitoring_receivers[0].secret: the credential 'hook_adress' has no value; set stack_credentials.hook_adress"
    )


@pytest.mark.parametrize("taken", ["hook", "heartbeat", NOT_SENT])
def test_a_name_is_used_once(taken: str) -> None:
    problems = Problems()
    parse([HOOK, {**CHAT, "name": taken}], CREDENTIALS, problems)
    assert [finding.code for finding in problems.findings] == ["ZM005"]


def test_no_list_is_no_list() -> None:
    problems = Problems()
    assert parse("hook", CREDENTIALS, problems) == []
    assert problems.failed()


def test_each_is_told_what_it_asked_for() -> None:
    routes = configuration.document(_parse(HOOK, CHAT, BOT))["route"]["routes"]
    assert routes[0]["matchers"] == ['severity=~"warning|critical"', 'tier=~"critical|workflow|management"']
    assert routes[1]["matchers"][0] == 'severity=~"critical"'
    assert routes[2]["matchers"][1] == 'tier=~"critical|workflow"'
    assert all(route["continue"] for route in routes)


def test_secrets_are_files() -> None:
    made = configuration.document(_parse(HOOK, CHAT, BOT, {**MAIL, "username": "me", "secret": "mail_password"}))
    _unused, hook, chat, bot, mail = made["receivers"]
    assert hook["webhook_configs"][0]["url_file"] == "/run/secrets/hook"
    assert chat["slack_configs"][0]["api_url_file"] == "/run/secrets/chat"
    assert bot["telegram_configs"][0]["bot_token_file"] == "/run/secrets/bot"
    assert mail["email_configs"][0]["auth_password_file"] == "/run/secrets/mail"
    assert "auth_username" not in configuration.document(_parse(MAIL))["receivers"][1]["email_configs"][0]


def test_no_alert_silences_itself_or_its_cause() -> None:
    for rule in configuration.document([])["inhibit_rules"]:
        source = rule["source_matchers"][0].split('"')[1]
        assert f'alertname!~"{source}|Watchdog"' in rule["target_matchers"]
        assert "host" in rule["equal"]


def test_inhibitions_name_alerts_that_exist() -> None:
    known = {rule.alert for group in alert_groups() for rule in group.rules}
    for source, targets, _equal in configuration.INHIBITIONS:
        assert source in known
        assert targets == ".+" or set(targets.split("|")) <= known


def test_without_receivers_the_plan_says_so(catalog: dict[str, Any]) -> None:
    compose, findings = mount(catalog, {}, [])
    assert [(finding.code, finding.severity) for finding in findings] == [("ZM006", "info"), ("ZM010", "info"), ("ZM012", "info")]
    assert compose["services"] == catalog["services"]


def test_secrets_are_mounted_once_each(catalog: dict[str, Any]) -> None:
    compose, findings = mount(catalog, {**QUIET, "receivers": [HOOK, MAIL, BOT]}, CREDENTIALS)
    assert not findings
    assert compose["services"]["alertmanager"]["secrets"] == [
        {"source": "alertmanager__hook", "target": "hook"},
        {"source": "alertmanager__bot", "target": "bot"},
        {"source": "alertmanager__heartbeat", "target": "heartbeat"},
    ]
    assert compose["secrets"]["alertmanager__hook"] == {
        "file": "./secrets/alertmanager/hook",
        "x-secret": {"uid": 65534, "gid": 65534, "content": "@hook_url@"},
    }
    assert "alertmanager__hook" not in catalog["secrets"]
    assert compose["x-monitoring"]["receivers"] == [HOOK, MAIL, BOT]


def test_receivers_without_alertmanager_are_a_warning(catalog: dict[str, Any]) -> None:
    services = {name: service for name, service in catalog["services"].items() if name != "alertmanager"}
    _unused, (finding,) = mount({**catalog, "services": services}, {**QUIET, "receivers": [HOOK]}, CREDENTIALS)
    assert (finding.code, finding.severity) == ("ZM007", "warning")


def _beat(written: Any) -> list[tuple[str, str]]:
    problems = Problems()
    heartbeat.parse(written, CREDENTIALS, problems)
    return [(finding.code, finding.path.removeprefix("monitoring_heartbeat")) for finding in problems.findings]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({}, []),
        ({"secret": "beat_url"}, []),
        ({"secret": "beat_url", "interval": "10s"}, []),
        ("beat_url", [("ZM008", "")]),
        ({"secret": "beat_url", "every": "1m"}, [("ZM008", ".every")]),
        ({"secret": "beat_url", "interval": "9s"}, [("ZM008", ".interval")]),
        ({"secret": "beat_url", "interval": 60}, [("ZM008", ".interval")]),
        ({"interval": "1m"}, [("ZM009", ".secret")]),
        ({"secret": "beat_adress"}, [("ZM009", ".secret")]),
    ],
)
def test_what_is_wrong_with_a_heartbeat_is_said(written: Any, found: list[tuple[str, str]]) -> None:
    assert _beat(written) == found


def test_the_heartbeat_goes_its_own_way_and_no_other() -> None:
    made = configuration.document(_parse(HOOK), Settings.of({"heartbeat": {"secret": "beat_url", "interval": "2m"}}).heartbeat)
    first, second = made["route"]["routes"]
    assert (first["receiver"], first["matchers"], first["group_interval"]) == ("heartbeat", ['alertname="Watchdog"'], "120s")
    assert "continue" not in first
    assert int(first["repeat_interval"].removesuffix("s")) < 120
    assert second["receiver"] == "hook"
    assert made["receivers"][1] == {
        "name": "heartbeat",
        "webhook_configs": [{"url_file": "/run/secrets/heartbeat", "send_resolved": False}],
    }


def test_nothing_silences_the_heartbeat() -> None:
    assert "Watchdog" in {rule.alert for group in alert_groups() for rule in group.rules}
    assert all("Watchdog" in rule["target_matchers"][1] for rule in configuration.document([])["inhibit_rules"])


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"postgres": "/srv/backups"}, []),
        ({}, [("ZM012", "")]),
        ("/srv/backups", [("ZM011", "")]),
        ({"postgresql": "/srv/backups"}, [("ZM011", ".postgresql")]),
        ({"postgres": "backups"}, [("ZM011", ".postgres")]),
    ],
)
def test_what_is_wrong_with_backups_is_said(catalog: dict[str, Any], written: Any, found: list[tuple[str, str]]) -> None:
    _unused, findings = mount(catalog, {**QUIET, "receivers": [HOOK], "backups": written}, CREDENTIALS)
    assert [(finding.code, finding.path.removeprefix("monitoring_backups")) for finding in findings] == found
