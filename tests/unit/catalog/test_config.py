# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration files: every one renders from a real budget, in its program's grammar, and says what the budget says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from ansible_collections.ziggie.stack.plugins.module_utils.budget.codes import SERVICE_OFF
from ansible_collections.ziggie.stack.plugins.module_utils.budget.model import Budget
from ansible_collections.ziggie.stack.plugins.module_utils.budget.solve import solve
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.certificates import STAGING, certified
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.merge import merge, narrowed
from ansible_collections.ziggie.stack.plugins.module_utils.catalog.routes import routed
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.replace import Update
from ansible_collections.ziggie.stack.plugins.module_utils.preflight.prepare import Wish, prepare
from ansible_collections.ziggie.stack.plugins.module_utils.render.compose import compile_stack
from ansible_collections.ziggie.stack.plugins.plugin_utils.config import render
from ansible_collections.ziggie.stack.plugins.plugin_utils.fragments import presets, read
from ansible_collections.ziggie.stack.plugins.plugin_utils.front import PATH, PUBLIC_KEY
from ansible_collections.ziggie.stack.plugins.plugin_utils.release import documents
from ansible_collections.ziggie.stack.tests.unit.catalog.conftest import CREDENTIALS, FILES, HOST, TEMPLATES

INTERVALS = {"cadvisor": "15s", "node": "15s", "ziggie-api": "10s", "mcp-gateway": "10s", "n8n": "30s"}


def test_every_mounted_directory_has_files(stack: dict[str, Any], rendered: dict[str, str]) -> None:
    for service in stack["services"].values():
        for volume in service.get("volumes", []):
            if str(volume).startswith("./config/"):
                directory = str(volume).split(":", maxsplit=1)[0].removeprefix("./")
                assert [path for path in rendered if path.startswith(f"{directory}/")], directory


def test_every_file_parses_and_holds_no_secret(rendered: dict[str, str]) -> None:
    for path, content in rendered.items():
        assert content.endswith("\n"), path
        assert not re.search(r"@[a-z][a-z0-9_]*@", content), path
        if path.endswith((".yml", ".yaml")):
            assert isinstance(yaml.safe_load(content), dict), path
        elif path.endswith(".json"):
            assert isinstance(json.loads(content), dict), path


def test_scripts_run_in_their_shell(rendered: dict[str, str]) -> None:
    scripts = {path: content for path, content in rendered.items() if path.endswith(".sh")}
    assert scripts
    for path, content in scripts.items():
        assert content.startswith(("#!/bin/sh\n", "#!/usr/bin/env bash\n")), path
        assert re.search(r"^set -eu", content, re.MULTILINE), path


def test_nginx_says_what_the_budget_says(rendered: dict[str, str], budget: dict[str, Any]) -> None:
    config = rendered["config/nginx/nginx.conf"]
    for setting, value in budget["services"]["nginx"]["tuning"]["settings"].items():
        assert f"{setting} {value};" in config
    for written in ("keepalive_timeout 65s;", "client_max_body_size 64M;", "gzip on;", "proxy_buffering on;"):
        assert written in config
    assert config.count("{") == config.count("}")


def test_nginx_sends_everyone_to_tls_where_there_is_a_certificate(rendered: dict[str, str]) -> None:
    assert "return 301 https://" in rendered["config/nginx/nginx.conf"]


def test_pgbouncer_says_what_the_budget_says(rendered: dict[str, str], budget: dict[str, Any]) -> None:
    lines = rendered["config/pgbouncer/pgbouncer.ini"].splitlines()
    assert "%include /etc/pgbouncer/pools.ini" in lines
    for setting, value in budget["services"]["pgbouncer"]["tuning"]["settings"].items():
        assert f"{setting} = {value}" in rendered["config/pgbouncer/pools.ini"].splitlines()
    assert "auth_type = scram-sha-256" in lines


def test_redis_keeps_the_reports_settings(rendered: dict[str, str]) -> None:
    lines = rendered["config/redis/redis.conf"].splitlines()
    for written in (
        "appendonly yes",
        "save 900 1 300 10 60 10000",
        "tcp-backlog 511",
        "tcp-keepalive 60",
        "include /run/secrets/redis.conf",
    ):
        assert written in lines


def test_prometheus_scrapes_the_reports_jobs_and_labels_every_target(rendered: dict[str, str], stack: dict[str, Any]) -> None:
    jobs = {job["job_name"]: job for job in yaml.safe_load(rendered["config/prometheus/prometheus.yml"])["scrape_configs"]}
    assert {name: jobs[name]["scrape_interval"] for name in INTERVALS} == INTERVALS
    for job in jobs.values():
        (group,) = job["static_configs"]
        (target,) = group["targets"]
        assert group["labels"]["service"] == target.split(":")[0]
        assert group["labels"]["service"] in stack["services"]


def test_the_log_shipper_is_the_one_that_was_chosen(rendered: dict[str, str]) -> None:
    assert 'com.docker.compose.project=ziggie"' in rendered["config/alloy/config.alloy"]
    assert "com.docker.compose.project=ziggie" in rendered["config/promtail/config.yml"]
    jobs = [job["job_name"] for job in yaml.safe_load(rendered["config/prometheus/prometheus.yml"])["scrape_configs"]]
    assert "alloy" in jobs
    assert "promtail" not in jobs


def test_nginx_looks_often_since_one_of_several_may_be_away(rendered: dict[str, str]) -> None:
    written = rendered["config/nginx/nginx.conf"]
    assert "resolver 127.0.0.11 valid=1s" in written
    assert "proxy_next_upstream error timeout;" in written
    # A new container has run for longer than nginx remembers a name, before an old one is stopped.
    assert Update().pause > 1


def test_the_dashboards_ask_data_sources_that_exist(rendered: dict[str, str]) -> None:
    known = yaml.safe_load(rendered["config/grafana/datasources/datasources.yaml"])["datasources"]
    boards = [
        json.loads(content) for path, content in rendered.items() if path.startswith("config/grafana/dashboards/") and path.endswith("json")
    ]
    chosen = [variable for board in boards for variable in board["templating"]["list"] if variable["type"] == "datasource"]
    assert {variable["query"] for variable in chosen} == {"prometheus", "loki"}
    sources = {(source["type"], source["name"], source["uid"]) for source in known}
    assert {source["uid"]: source["jsonData"]["manageAlerts"] for source in known} == {"prometheus": True, "loki": False}
    assert {(variable["query"], variable["current"]["text"], variable["current"]["value"]) for variable in chosen} == sources


def test_without_an_image_the_reports_own_apps_are_off_and_nothing_of_them_remains(fragments: dict[str, Any]) -> None:
    """A server of one's own, where none of the three is named: no route, no scrape job, no rule, no dashboard, no warning."""
    own = ("ziggie-api", "mcp-gateway", "sim-studio")
    first = yaml.safe_load((FILES / "stack.yml").read_text())
    compose, findings = merge([first, *fragments.values()], {}, images={})
    prepared = prepare(compose, None, Wish(declared={**HOST, "disk": "173g"}, classes={"hot": "/mnt/hot", "log": "/var/log/ziggie"}))
    assert prepared.budget is not None
    assert [name for name, share in prepared.budget.services.items() if not share.enabled] == [
        "certbot",
        "github-runner",
        *sorted(own),
    ]
    assert [finding.sentence() for finding in (*findings, *prepared.findings) if finding.severity in ("error", "warning")] == []
    told = {finding.path: finding for finding in prepared.findings if finding.code == SERVICE_OFF}
    for name in own:
        assert f"stack_images.{name}" in told[f"services.{name}"].message
        assert told[f"services.{name}"].fix == f"set stack_images.{name} to turn it on"
    written = render(TEMPLATES, prepared.budget.to_dict(), compose)
    assert {path for path, content in written.items() for name in own if name in content} == {PATH}
    assert [name for name in own if f"<li>{name}: set stack_images.{name}</li>" not in written[PATH]] == []
    assert "n8n" in written["config/nginx/routes.conf"]
    compiled = compile_stack(compose, prepared.budget)
    assert not {*own} & {*compiled["services"]}
    assert [service for service in compiled["services"].values() if {*own} & {*service.get("depends_on", {})}] == []


def test_each_of_the_reports_own_apps_has_a_route_where_it_runs(rendered: dict[str, str]) -> None:
    routes = rendered["config/nginx/routes.conf"]
    assert [name for name in ("ziggie-api", "mcp-gateway", "n8n") if f"set $service {name};" not in routes] == []
    assert "{%" not in routes


def test_the_front_page_names_every_page_with_its_link_and_how_to_log_in(stack: dict[str, Any], rendered: dict[str, str]) -> None:
    page = rendered[PATH]
    opened = {name: service["x-ui"] for name, service in stack["services"].items() if "x-ui" in service}
    assert set(opened) == {"alertmanager", "flowise", "grafana", "n8n", "nginx", "open-webui", "portainer", "prometheus"}
    for name, written in opened.items():
        if name != "nginx":
            assert f'<th scope="row">{written["title"]}</th>' in page, name
    assert sorted(re.findall(r'href="http://127.0.0.1:(\d+)/"', page), key=int) == ["3000", "3001", "3002", "5678", "9000", "9090", "9093"]
    assert "credentials_service=grafana" in page
    assert "user admin" in page


def test_the_front_page_says_nothing_that_a_change_of_the_budget_changes(stack: dict[str, Any], rendered: dict[str, str]) -> None:
    larger = solve(stack, {"memory": "24g", "cpus": 4}, {"credentials": CREDENTIALS}).to_dict()
    again = render(TEMPLATES, larger, stack)
    assert again[PATH] == rendered[PATH]


def test_the_world_gets_the_front_page_only_where_the_inventory_says_so(
    stack: dict[str, Any], budget: dict[str, Any], rendered: dict[str, str]
) -> None:
    public = render(TEMPLATES, budget, {**stack, PUBLIC_KEY: True})
    assert "location = / {" not in rendered["config/nginx/routes.conf"]
    assert "location = / {" in public["config/nginx/routes.conf"]
    assert public["config/nginx/nginx.conf"] == rendered["config/nginx/nginx.conf"]
    assert "127.0.0.1:8088:8082" in stack["services"]["nginx"]["ports"]


ROUTES = {
    "n8n": "n8n.example.org",
    "grafana": {"host": "home.example.org", "enter": ["203.0.113.7"]},
    "ziggie-api": {"host": "api.example.org", "path": "/v1", "tls": False, "body": "8m"},
    "open-webui": {"host": "chat.example.org", "enter": "open"},
    "certbot": {"host": "off.example.org", "port": 1},
}


def servers(conf: str, name: str) -> list[str]:
    return [server for server in conf.split("\n    server {\n")[1:] if f"server_name {name};" in server]


def test_without_routes_nothing_of_them_is_rendered(stack: dict[str, Any], budget: dict[str, Any], rendered: dict[str, str]) -> None:
    made, wrong = routed(stack, {}, "nginx")
    assert wrong == []
    again = render(TEMPLATES, budget, made)
    assert [path for path in again if again[path] != rendered[path]] == []
    assert len(servers(rendered["config/nginx/nginx.conf"], "_")) == 4
    compiled = compile_stack(stack, Budget.from_dict(budget))
    files = documents(compiled, budget, again, "/opt/ziggie/stack")["files"]
    [released] = [file["content"] for file in files if file["path"].endswith("/compose.yml")]
    assert [name for name, service in yaml.safe_load(released)["services"].items() if "route" in service["x-budget"]] == []


def test_each_host_name_is_a_server_that_lets_in_who_may(stack: dict[str, Any], budget: dict[str, Any], rendered: dict[str, str]) -> None:
    made, wrong = routed(stack, ROUTES, "nginx")
    assert wrong == []
    enabled = {**budget, "services": {**budget["services"], "certbot": {**budget["services"]["certbot"], "enabled": False}}}
    written = render(TEMPLATES, enabled, made)
    conf = written["config/nginx/nginx.conf"]
    assert '<a href="https://n8n.example.org/" rel="noreferrer">https://n8n.example.org/</a></td>' in written[PATH]
    assert "off.example.org" not in written[PATH]
    assert "off.example.org" not in conf
    plain, secured = servers(conf, "n8n.example.org")
    assert "listen 80;" in plain
    assert "return 301 https://$host$request_uri;" in plain
    assert "acme-challenge" in plain
    assert "proxy_pass" not in plain
    whole = secured.partition("location / {")[2].partition("}")[0]
    assert "auth_basic_user_file /run/secrets/route_users;" in whole
    assert 'proxy_set_header Authorization "";' in whole
    hook = secured.partition("location /webhook/ {")[2].partition("\n        }")[0]
    assert "auth_basic" not in hook
    assert 'if ($request_uri !~ "^/webhook([/?]|$)") {' in hook
    guarded = servers(conf, "home.example.org")[1]
    assert "allow 203.0.113.7/32;\n            deny all;" in guarded
    assert "auth_basic" not in guarded
    [api] = servers(conf, "api.example.org")
    assert "client_max_body_size 8388608;" in api
    assert "location = /v1 {" in api
    assert "location /v1/ {" in api
    assert api.count("return 404") == 1
    opened = servers(conf, "chat.example.org")[1]
    assert [word for word in ("auth_basic", "deny", "return 404") if word in opened] == []
    # What every header is without a password, it is with one.
    assert set(re.findall(r"proxy_set_header (\S+ \S+);", rendered["config/nginx/nginx.conf"])) <= set(
        re.findall(r"proxy_set_header (\S+ \S+);", whole)
    )


def test_each_name_that_certbot_asks_for_has_a_certificate_of_its_own(stack: dict[str, Any], budget: dict[str, Any]) -> None:
    private = {"host": "nas.local", "port": 8080, "enter": "open"}
    made, wrong = routed(stack, {**ROUTES, "mcp-gateway": private}, "nginx")
    made, more = certified(made, {"staging": True}, CREDENTIALS)
    assert [finding.path for finding in (*wrong, *more)] == ["stack_routes.mcp-gateway"]
    written = render(TEMPLATES, budget, made)
    asked = ["chat.example.org", "home.example.org", "n8n.example.org", "off.example.org"]
    assert [line for line in written["config/certbot/names"].splitlines() if not line.startswith("#")] == asked
    server, store = written["config/certbot/authority"].splitlines()
    assert server == STAGING
    assert store.startswith("/etc/letsencrypt/")
    conf = written["config/nginx/nginx.conf"]
    for name in asked:
        assert f"ssl_certificate /etc/nginx/tls/{name}/fullchain.pem;" in servers(conf, name)[1]
        assert f"ssl_certificate_key /etc/nginx/tls/{name}/privkey.pem;" in servers(conf, name)[1]
    for name in ("nas.local", "_"):
        [secured] = [server for server in servers(conf, name) if "443" in server]
        assert "ssl_certificate /etc/nginx/tls/fullchain.pem;" in secured
    compiled = compile_stack(made, Budget.from_dict(budget))
    [released] = [
        file for file in documents(compiled, budget, written, "/opt/ziggie/stack")["files"] if file["path"].endswith("/compose.yml")
    ]
    assert "x-certificates" not in yaml.safe_load(released["content"])


def test_programs_know_the_address_that_they_are_reached_at(stack: dict[str, Any]) -> None:
    made, _wrong = routed(stack, ROUTES, "nginx")
    told = {name: service.get("environment", {}) for name, service in made["services"].items()}
    assert told["n8n"]["WEBHOOK_URL"] == told["n8n"]["N8N_EDITOR_BASE_URL"] == "https://n8n.example.org/"
    assert told["grafana"]["GF_SERVER_ROOT_URL"] == "https://home.example.org/"
    assert told["open-webui"]["WEBUI_URL"] == "https://chat.example.org"
    assert told["open-webui"]["CORS_ALLOW_ORIGIN"].startswith("https://chat.example.org;")


def test_a_title_is_text_and_never_markup(stack: dict[str, Any], budget: dict[str, Any]) -> None:
    hostile = {**stack["services"]["grafana"], "x-ui": {"title": "<script>alert(1)</script>"}}
    page = render(TEMPLATES, budget, {**stack, "services": {**stack["services"], "grafana": hostile}})[PATH]
    assert "<script" not in page
    assert "&lt;script&gt;" in page


PRESETS = yaml.safe_load((FILES / "presets.yml").read_text())


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_a_stack_without_a_warning(preset: str) -> None:
    fragments, wrong = read(FILES)
    kept, told = narrowed(fragments, presets(FILES), preset)
    compose, findings = merge(kept, {}, images={})
    assert [*wrong, *told, *findings] == []
    assert sorted(compose["services"]) == PRESETS[preset]
    prepared = prepare(compose, None, Wish(declared={**HOST, "disk": "173g"}, classes={"hot": "/mnt/hot", "log": "/var/log/ziggie"}))
    assert prepared.budget is not None
    assert [finding.sentence() for finding in prepared.findings if finding.severity in ("error", "warning")] == []
    written = render(TEMPLATES, prepared.budget.to_dict(), compose)
    assert (PATH in written) == ("nginx" in PRESETS[preset])
    assert sorted(compile_stack(compose, prepared.budget)["services"]) == [name for name in PRESETS[preset] if name != "certbot"]


def test_the_presets_are_those_that_the_role_offers() -> None:
    specs = yaml.safe_load((FILES.parent / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    assert set(specs["catalog_preset"]["choices"]) == {"report", *PRESETS}
