#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at any Docker host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit
short_description: Look at any Docker host, read-only
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Reads every container of an engine, whoever made it, with its limits, what it uses, its peak, OOM kills and throttling, volumes, logs and ports, and
    the host's memory, swap and disk. Needs no release of this collection.
  - Reconstructs the Compose definition of every project, with secrets replaced by V(${NAME}).
  - Changes nothing and leaves nothing behind. What it could not see is null, never zero.
  - Works without root for a user who may use the engine's socket; sizes of logs and directories are unknown then, those of volumes the engine's own count.
options:
  socket:
    description:
      - The Docker Engine's socket. Without it, the one that the docker command would use, by E(DOCKER_HOST), the current context, the default, and the
        sockets of rootless engines.
    type: path
  watch:
    description: How long to sample what runs, such as V(10m). Without it, the audit looks once.
    type: str
    default: 0s
  interval:
    description: How often to sample while watching.
    type: str
    default: 5s
  sizes:
    description: How long to count the sizes of volumes, directories and layers. What is not counted by then is reported as more than so much.
    type: str
    default: 2s
  timeout:
    description: How long to wait for each answer of the engine.
    type: str
    default: 10s
extends_documentation_fragment:
  - ziggie.stack.read_only
seealso:
  - module: ziggie.stack.audit_report
  - module: ziggie.stack.host_info
"""

EXAMPLES = r"""
- name: Look at the host
  ziggie.stack.audit:
  register: audit
"""

RETURN = r"""
audit:
  description:
    - All that was seen, in the form that M(ziggie.stack.audit_report) reads. Sizes are bytes, CPU is millicores, times are seconds since 1970.
    - C(containers), C(volumes), C(machine) and C(engine) hold the figures, C(definitions) the reconstructed Compose definition of each project, and
      C(unknown) sentences about what could not be seen.
  returned: success
  type: dict
absent:
  description: Whether there is no engine at all, so that nothing runs. Where there is one that cannot be looked at, what runs is unknown.
  returned: failure
  type: bool
"""

import platform

from ansible.module_utils.basic import AnsibleModule

try:
    from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import EngineError
    from ansible_collections.ziggie.stack.plugins.module_utils.observe.look import Order, look
    from ansible_collections.ziggie.stack.plugins.module_utils.observe.sockets import NoSocketError, find, usable

    LACKS = ""
except ImportError as missing:
    # A stranger's host may have a Python that is too old for the collection; its first command says so.
    LACKS = str(missing).partition(" (")[0]


def main() -> None:
    """Look, return."""
    spans = {"watch": "0s", "interval": "5s", "sizes": "2s", "timeout": "10s"}
    module = AnsibleModule(
        argument_spec={"socket": {"type": "path"}, **{name: {"type": "str", "default": span} for name, span in spans.items()}},
        supports_check_mode=True,
    )
    if LACKS:
        old = f"its Python {platform.python_version()} is too old ({LACKS})"
        module.fail_json(
            msg=f"Cannot audit this host: {old}. Install Python 3.11 or later there, and set ansible_python_interpreter to it."
        )
    try:
        order = Order.read({name: module.params[name] for name in spans})
        sockets = find(module.params["socket"] or "")
        usable(sockets.chosen)
        found = look(sockets, order, module.run_command)
    except (EngineError, ValueError) as error:
        module.fail_json(msg=f"Cannot audit this host: {error}.", absent=isinstance(error, NoSocketError))
    module.exit_json(changed=False, audit=found.to_dict())


if __name__ == "__main__":
    main()
