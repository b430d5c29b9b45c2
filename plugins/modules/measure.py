#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements of a stack on its host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: measure
short_description: Measurements of a stack on its host
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Measures what validation judges and M(ziggie.stack.stack_info) does not see. It judges nothing itself.
  - The parts V(probes), V(logins), V(exporters), V(figures), V(settings) and V(slices) disturb nothing. V(load), V(api) and V(ollama) load the host,
    and V(restart) restarts every service, one after the other. It holds the host's lock while the module works, and fails where another run holds it.
  - Nothing is left on the host. What runs in a container for it ends by itself within seconds, also when the module is killed.
extends_documentation_fragment:
  - ziggie.stack.stack
  - ziggie.stack.lock
options:
  parts:
    description:
      - What to measure.
      - V(probes) runs every service's own health probe now.
      - V(logins) logs in to each database with each password that its container was given.
      - V(exporters) asks Prometheus for its targets, and whether each exporter's own server is up.
      - V(figures) reads connections, cache hits and operations of the databases.
      - V(settings) asks the programs that the Budget tuned for the settings that they run with. A short command runs inside those containers that have no
        other way to tell, for five seconds at most.
      - V(slices) reads the project's slices, as M(ziggie.stack.host_info) returns them.
      - V(load) runs pgbench for a few seconds and measures Redis's latency with redis-cli.
      - V(api) sends requests to O(url) with ApacheBench.
      - V(ollama) loads the smallest model that is there, twice.
      - V(restart) restarts every running container, one after the other, and waits until it is healthy. A service with several containers and a door in
        O(doors) is asked without a pause meanwhile.
    type: list
    elements: str
    choices:
      - probes
      - logins
      - exporters
      - figures
      - settings
      - slices
      - load
      - api
      - ollama
      - restart
    required: true
  project_src:
    description: The directory with the release's C(budget.json).
    type: path
    required: true
  url:
    description: What V(api) asks for.
    type: str
    default: http://127.0.0.1/api/items
  requests:
    description: How many requests V(api) sends.
    type: int
    default: 10000
  concurrency:
    description: How many requests V(api) has under way at once.
    type: int
    default: 100
  services:
    description: The services that V(restart) restarts; all of them where it is empty.
    type: list
    elements: str
    default: []
  doors:
    description: URLs behind the proxy, by the service that answers there, for V(restart).
    type: dict
    default: {}
attributes:
  check_mode:
    details: Parts that load or restart are not measured.
  diff_mode:
    support: N/A
    details: This module changes nothing that stays.
seealso:
  - module: ziggie.stack.stack_info
"""

EXAMPLES = r"""
- name: Ask every service how it is, now
  ziggie.stack.measure:
    parts:
      - probes
      - exporters
    project_src: /opt/ziggie/stack
  register: measured
"""

RETURN = r"""
measured:
  description: For each part what was found, mostly by service; C(error) says in a sentence why a figure is not there.
  returned: success
  type: dict
holder:
  description: The run that holds the host's lock, where V(restart) could not take it and that is known.
  returned: failure
  type: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.process import get_bin_path
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working
from ansible_collections.ziggie.stack.plugins.module_utils.measure.parts import CHANGING, LOUD, QUIET, Wish, measure


def _which(name: str) -> str | None:
    try:
        return str(get_bin_path(name))
    except ValueError:
        return None


def main() -> None:
    """Measure part by part."""
    module = AnsibleModule(
        argument_spec={
            "parts": {"type": "list", "elements": "str", "choices": [*QUIET, *LOUD], "required": True},
            "project_src": {"type": "path", "required": True},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "url": {"type": "str", "default": "http://127.0.0.1/api/items"},
            "requests": {"type": "int", "default": 10000},
            "concurrency": {"type": "int", "default": 100},
            "services": {"type": "list", "elements": "str", "default": []},
            "doors": {"type": "dict", "default": {}},
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    given = {**module.params}
    options, directory = {name: given.pop(name) for name in OPTIONS}, Path(given.pop("project_src"))
    changes = CHANGING in given["parts"] and not module.check_mode
    measured = {}
    try:
        with working(options, check=not changes) as work:
            for found in measure(Wish(directory=directory, run=module.run_command, which=_which, **given), check=module.check_mode):
                measured.update(found)
            work.changed, work.failed = {"restarted": list(measured.get(CHANGING, {}))}, False
    except LockError as error:
        module.fail_json(measured=measured, **error.answer())
    except EngineError as error:
        module.fail_json(msg=f"Cannot measure the stack: {error}.", measured=measured)
    module.exit_json(changed=changes, measured=measured)


if __name__ == "__main__":
    main()
