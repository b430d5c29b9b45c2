#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring one tier of a stack up."""

from __future__ import annotations

DOCUMENTATION = r"""
module: up
short_description: Bring one tier of a stack up, and wait until it is healthy
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Carries out for one tier what M(ziggie.stack.stack_info) found to differ from the release in O(project_src).
  - Containers are made by Docker Compose, in one command and without starting them, so that to Compose they are its own. The first call of a run makes
    all that are absent, whatever their tier. What has to be recreated is replaced in its own tier's turn, so that it is away for as short as can be.
  - Images that are missing are pulled first, for all tiers. One that cannot be had ends the run while everything is as it was.
  - The containers of the tier are then started over the engine's socket, in the order of C(depends_on), as many at once as can be, and waited for by
    the engine's events. A service that has failed ends the waiting.
  - Where the tier does not become healthy the module does not fail. It says why in RV(problems), beside what every container is like.
  - Services for which Compose does more than to start a container (C(post_start), configs and secrets that are in no file) are started by Compose.
options:
  project_src:
    description: The directory with the release's C(compose.yml) and C(release.json).
    type: path
    required: true
  tier:
    description: The tier.
    type: str
    choices:
      - critical
      - workflow
      - management
    required: true
  changes:
    description: What differs, as M(ziggie.stack.stack_info) returns it in C(changes).
    type: dict
    required: true
  project:
    description: The Compose project.
    type: str
    default: ziggie
  socket:
    description: The Docker Engine's socket.
    type: path
    default: /var/run/docker.sock
  timeout:
    description: How many seconds to wait at most until the tier is healthy. Waiting ends earlier when a service has failed.
    type: int
    default: 600
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
seealso:
  - module: ziggie.stack.stack_info
  - module: ziggie.stack.limits
"""

EXAMPLES = r"""
- name: Compare the release with what runs
  ziggie.stack.stack_info:
    project_src: /opt/ziggie/stack
  register: stack

- name: Bring up the critical tier
  ziggie.stack.up:
    project_src: /opt/ziggie/stack
    tier: critical
    changes: "{{ stack.changes }}"
  register: critical

- name: Say what is wrong
  ansible.builtin.fail:
    msg: "{{ critical.problems }}"
  when: critical.problems | length > 0
"""

RETURN = r"""
problems:
  description: Sentences that say why the tier did not become healthy. Empty when it did.
  returned: success
  type: list
  elements: str
created:
  description: Services that got a container where there was none, of any tier.
  returned: always
  type: list
  elements: str
recreated:
  description: Services of the tier whose container was replaced.
  returned: always
  type: list
  elements: str
started:
  description: Services of the tier that were started.
  returned: success
  type: list
  elements: str
commands:
  description: What Compose was asked for.
  returned: always
  type: list
  elements: str
containers:
  description: Every container of the stack afterwards, as M(ziggie.stack.stack_info) returns them.
  returned: success, but in check mode
  type: list
  elements: dict
"""

import json
import threading
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import compose
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.bring_up import Outcome, bring_up
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.make import Made, MakeError, alone, make
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.sick import explain
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.engine.live import describe

_ONE_AT_A_TIME = threading.Lock()


def _run(module: AnsibleModule, words: list) -> tuple:
    command = compose.command(module.params["socket"], module.params["project"], module.params["project_src"], *words)
    code, output, errors = module.run_command(command, cwd=module.params["project_src"])
    return code, errors or output


def _starter(module: AnsibleModule, services: dict):
    def start(engine: Engine, service: str, container: str) -> None:
        if not services[service].get("by_compose"):
            engine.post(f"/containers/{container}/start")
            return
        with _ONE_AT_A_TIME:
            code, output = _run(module, compose.start(service))
        if code:
            raise EngineError(compose.reason(output))

    return start


def _services(module: AnsibleModule) -> dict:
    path = Path(module.params["project_src"]) / "release.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))["services"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return module.fail_json(msg=f"{path} cannot be read ({error}); run the site playbook again.")


def main() -> None:
    """Make, start, wait."""
    module = AnsibleModule(
        argument_spec={
            "project_src": {"type": "path", "required": True},
            "tier": {"type": "str", "choices": ["critical", "workflow", "management"], "required": True},
            "changes": {"type": "dict", "required": True},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "timeout": {"type": "int", "default": 600},
        },
        supports_check_mode=True,
    )
    tier, changes, project, timeout = (module.params[name] for name in ("tier", "changes", "project", "timeout"))
    todo = changes["tiers"][tier]
    differing = {name: changes["services"][name] for name in todo["deploy"]}
    diff = {
        "before": "".join(f"{name}.{entry['key']}: {entry['live']}\n" for name in differing for entry in differing[name]["differences"]),
        "after": "".join(f"{name}.{entry['key']}: {entry['desired']}\n" for name in differing for entry in differing[name]["differences"]),
    }
    if module.check_mode:
        created = [name for name in todo["deploy"] if name in changes["create"]]
        module.exit_json(
            changed=bool(todo["deploy"]),
            problems=[],
            created=created,
            recreated=todo["recreate"],
            started=todo["deploy"],
            commands=[],
            diff=diff,
        )
    services = _services(module)
    made, engine = Made(), Engine(module.params["socket"], 60.0)

    def create(**which: list) -> Made:
        with alone(Path(module.params["project_src"]), timeout):
            return make(engine, lambda words: _run(module, words), project, services, **which)

    def start() -> Outcome:
        wanted = {name: services[name] for name in (*todo["deploy"], *todo["wait"])}
        return bring_up(module.params["socket"], project, wanted, timeout=timeout, start=_starter(module, services))

    try:
        later = [name for each in changes["tiers"].values() for name in each["recreate"]]
        made = create(create=changes["create"], recreate=todo["recreate"], renew=later)
        outcome = start()
        left = [name for name in outcome.refused if name not in (*made.created, *made.recreated)]
        if left:
            # What an engine that was killed left of a container can be in the way of its start: a new one has nothing of it.
            made = made + create(create=left, recreate=left, renew=[])
            outcome = start()
        containers = [describe(container) for container in engine.containers(project)]
    except (MakeError, EngineError) as error:
        module.fail_json(
            msg=f"The {tier} tier cannot be brought up: {str(error).rstrip('.')}.",
            created=made.created,
            recreated=made.recreated,
            commands=made.commands,
        )
    finally:
        engine.close()
    problems = []
    if outcome.missing or outcome.refused:
        late = "" if outcome.in_time else f" within {timeout} s"
        problems = [f"The {tier} tier did not become healthy{late}.", *explain(containers, outcome.underway, outcome.refused)]
    module.exit_json(
        changed=bool(made.created or made.recreated or outcome.started),
        problems=problems,
        created=made.created,
        recreated=made.recreated,
        started=outcome.started,
        commands=made.commands,
        containers=containers,
        diff=diff,
    )


if __name__ == "__main__":
    main()
