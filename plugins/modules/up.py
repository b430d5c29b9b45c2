#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring one tier of a stack up."""

from __future__ import annotations

DOCUMENTATION = r"""
module: up
short_description: Bring a stack up tier by tier, and wait until it is healthy
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Carries out what differs between the release in O(project_src) and what runs, one tier after the other. A tier starts when the one before it is healthy.
  - Where limits alone differ, the running containers are given theirs in place, without a restart and without a failed request.
  - Containers are made by Docker Compose, in one command and without starting them, so that to Compose they are its own. The first tier of a run makes
    all that are absent, whatever their tier. What has to be recreated is replaced in its own tier's turn, so that it is away for as short as can be.
  - Images that are missing are pulled first, for all tiers. One that cannot be had ends the run while everything is as it was.
  - The containers of a tier are then started over the engine's socket, in the order of C(depends_on), as many at once as can be, and waited for by
    the engine's events. A service that has failed ends the waiting.
  - Where a tier does not become healthy the module does not fail, and leaves the tiers after it alone. It says why in RV(problems), beside what every
    container is like.
  - Services for which Compose does more than to start a container (C(post_start), configs and secrets that are in no file) are started by Compose.
extends_documentation_fragment:
  - ziggie.stack.stack
options:
  project_src:
    description: The directory with the release's C(compose.yml) and C(release.json).
    type: path
    required: true
  tiers:
    description: The tiers, in the order in which they are brought up.
    type: list
    elements: str
    choices:
      - critical
      - workflow
      - management
    default:
      - critical
      - workflow
      - management
  changes:
    description:
      - What differs, as M(ziggie.stack.stack_info) returns it in C(changes).
      - Without it the module compares first, the limits and the health of every container included.
    type: dict
  describe:
    description: Whether to return RV(containers). Where many run it takes as long to look at them as to find that nothing is to be done.
    type: bool
    default: true
  timeout:
    description: How many seconds to wait at most until a tier is healthy. Waiting ends earlier when a service has failed.
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
  - module: ziggie.stack.down
"""

EXAMPLES = r"""
- name: Bring up what differs from the release that lies on the host
  ziggie.stack.up:
    project_src: /opt/ziggie/stack
  register: brought_up

- name: Say what is wrong
  ansible.builtin.fail:
    msg: "{{ brought_up.problems }}"
  when: brought_up.problems | length > 0

- name: Compare the release with what runs
  ziggie.stack.stack_info:
    project_src: /opt/ziggie/stack
  register: stack

- name: Bring up the critical tier
  ziggie.stack.up:
    project_src: /opt/ziggie/stack
    tiers:
      - critical
    changes: "{{ stack.changes }}"
"""

RETURN = r"""
problems:
  description: Sentences that say why a tier did not become healthy. Empty when all did.
  returned: success
  type: list
  elements: str
limited:
  description: Names of the containers whose limits were changed in place.
  returned: always
  type: list
  elements: str
created:
  description: Services that got a container where there was none, of any tier.
  returned: always
  type: list
  elements: str
recreated:
  description: Services of the tiers whose container was replaced.
  returned: always
  type: list
  elements: str
started:
  description: Services of the tiers that were started.
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
  returned: success, where O(describe) is true and it is no check mode
  type: list
  elements: dict
live_state_silent:
  description: Whether the host should write its services' live state and has stopped, or not begun.
  returned: success
  type: bool
"""

import json
import threading
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.deploy import compose, files, limits
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.bring_up import Outcome, bring_up
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import compare
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.make import Made, MakeError, alone, make
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import TIERS
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


def _release(module: AnsibleModule) -> dict:
    path = Path(module.params["project_src"]) / "release.json"
    try:
        release = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(release["services"], dict):
            raise TypeError("services is no mapping")
        return release
    except (OSError, ValueError, KeyError, TypeError) as error:
        return module.fail_json(msg=f"{path} cannot be read ({error}); run the site playbook again.")


class _Bringing:
    """One run of the module: what was done so far."""

    def __init__(self, module: AnsibleModule, services: dict) -> None:
        self._module, self._services = module, services
        self._project, self._timeout = module.params["project"], module.params["timeout"]
        self._directory = Path(module.params["project_src"])
        self.engine = Engine(module.params["socket"], 60.0)
        self.changes = module.params["changes"]
        self.tier = ""
        self._seen = None
        self.made = Made()
        self.started, self.limited, self.problems = [], [], []
        self.diff = {"before": "", "after": ""}

    def compare(self) -> None:
        inspected = self.engine.containers(self._project)
        self._seen = [describe(container) for container in inspected]
        stale = files.stale(self._services, inspected, self._directory)
        self.changes = compare(self._services, self._seen, stale=stale, released=self._services)

    def containers(self) -> list:
        """Return every container as it is described; looked at anew only where something was done since."""
        if self._seen is None:
            self._seen = [describe(container) for container in self.engine.containers(self._project)]
        return self._seen

    def bring_up(self, tier: str) -> None:
        self.tier, todo = tier, self.changes["tiers"][tier]
        if todo["limits"]:
            self._limit(todo["limits"])
        if todo["deploy"]:
            self._tell(todo["deploy"])
        if self._module.check_mode:
            self.made += Made(created=[name for name in todo["deploy"] if name in self.changes["create"]], recreated=todo["recreate"])
            self.started += todo["deploy"]
        elif todo["deploy"] or todo["wait"]:
            self._start(todo)

    def said(self) -> dict:
        made = self.made
        return {"created": made.created, "recreated": made.recreated, "commands": made.commands, "limited": self.limited}

    def _limit(self, names: list) -> None:
        for live, wanted in limits.differing(self.containers(), self._services, names):
            self.diff["before"] += f"{live['name']}: {json.dumps(live['limits'], sort_keys=True)}\n"
            self.diff["after"] += f"{live['name']}: {json.dumps(wanted, sort_keys=True)}\n"
            if not self._module.check_mode:
                limits.update(self.engine, (live, wanted))
            self.limited.append(live["name"])
        self._seen = None

    def _tell(self, names: list) -> None:
        for name in names:
            for entry in self.changes["services"][name]["differences"]:
                self.diff["before"] += f"{name}.{entry['key']}: {entry['live']}\n"
                self.diff["after"] += f"{name}.{entry['key']}: {entry['desired']}\n"

    def _start(self, todo: dict) -> None:
        later = [name for each in self.changes["tiers"].values() for name in each["recreate"]]
        made = self._make(create=self.changes["create"], recreate=todo["recreate"], renew=later)
        outcome = self._wait(todo)
        left = [name for name in outcome.refused if name not in (*made.created, *made.recreated)]
        if left:
            # What an engine that was killed left of a container can be in the way of its start: a new one has nothing of it.
            self._make(create=left, recreate=left, renew=[])
            outcome = self._wait(todo)
        self.started += outcome.started
        self._seen = None
        if outcome.missing or outcome.refused:
            late = "" if outcome.in_time else f" within {self._timeout} s"
            why = explain(self.containers(), outcome.underway, outcome.refused)
            self.problems = [f"The {self.tier} tier did not become healthy{late}.", *why]

    def _make(self, **which: list) -> Made:
        with alone(self._directory, self._timeout):
            made = make(self.engine, lambda words: _run(self._module, words), self._project, self._services, **which)
        self.made += made
        return made

    def _wait(self, todo: dict) -> Outcome:
        wanted = {name: self._services[name] for name in (*todo["deploy"], *todo["wait"])}
        start = _starter(self._module, self._services)
        return bring_up(self._module.params["socket"], self._project, wanted, timeout=self._timeout, start=start)


def main() -> None:
    """Compare, make, start, wait."""
    module = AnsibleModule(
        argument_spec={
            "project_src": {"type": "path", "required": True},
            "tiers": {"type": "list", "elements": "str", "choices": list(TIERS), "default": list(TIERS)},
            "changes": {"type": "dict"},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "describe": {"type": "bool", "default": True},
            "timeout": {"type": "int", "default": 600},
        },
        supports_check_mode=True,
    )
    release = _release(module)
    run = _Bringing(module, release["services"])
    try:
        if run.changes is None:
            run.compare()
        for tier in module.params["tiers"]:
            if not run.problems:
                run.bring_up(tier)
        containers = {} if module.check_mode or not module.params["describe"] else {"containers": run.containers()}
    except (MakeError, EngineError) as error:
        whom = f"The {run.tier} tier cannot be brought up" if run.tier else "Cannot look at the stack"
        module.fail_json(msg=f"{whom}: {str(error).rstrip('.')}.", **run.said())
    finally:
        run.engine.close()
    module.exit_json(
        changed=bool(run.limited or run.started or run.made.created or run.made.recreated),
        problems=run.problems,
        started=run.started,
        live_state_silent=files.silent(release, time.time()),
        diff=run.diff,
        **containers,
        **run.said(),
    )


if __name__ == "__main__":
    main()
