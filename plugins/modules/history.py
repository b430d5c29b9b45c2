#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory history of every service, from Prometheus."""

from __future__ import annotations

DOCUMENTATION = r"""
module: history
short_description: The memory history of every service, from Prometheus
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Asks Prometheus from the host for the highest memory use, the limit, OOM kills and memory pressure of every service, hour by hour,
    and what databases evicted, read again and missed in their caches.
  - Reads what the stack's own cAdvisor and node-exporter write. Changes nothing.
options:
  url:
    description: Prometheus, as the host reaches it.
    type: str
    default: http://127.0.0.1:9090
  days:
    description: How many days to go back.
    type: int
    default: 30
  timeout:
    description: How many seconds to wait for each of the eight answers.
    type: int
    default: 20
extends_documentation_fragment:
  - ziggie.stack.read_only
seealso:
  - module: ziggie.stack.recommend
"""

EXAMPLES = r"""
- name: Read the history of the last month
  ziggie.stack.history:
  register: history
"""

RETURN = r"""
services:
  description: For each service a list of hours, each with C(at) (seconds since 1970), C(use), C(limit) in bytes, C(samples), C(kills), C(stalled), C(missed),
    C(evicted) and C(refaulted).
  returned: success
  type: dict
now:
  description: The host's clock, in seconds since 1970.
  returned: success
  type: float
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.observe.history import HistoryError, http, of_prometheus
from ansible_collections.ziggie.stack.plugins.module_utils.typed import dump


def main() -> None:
    """Ask, return."""
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "default": "http://127.0.0.1:9090"},
            "days": {"type": "int", "default": 30},
            "timeout": {"type": "int", "default": 20},
        },
        supports_check_mode=True,
    )
    now = time.time()
    try:
        found = of_prometheus(http(module.params["url"], module.params["timeout"]), now, module.params["days"])
    except (HistoryError, ValueError) as error:
        module.fail_json(msg=f"Cannot read the history: {error}.")
    module.exit_json(changed=False, services=dump(found), now=now)


if __name__ == "__main__":
    main()
