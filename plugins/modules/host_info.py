#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Docker host has and can do."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: What a Docker host has and can do
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Reads in one call what a budget needs to know of a host, that is memory, cores, disks, ports, networks, kernel, cgroups, the Docker Engine
    and Compose, and what of the budget this host can enforce.
  - Changes nothing. Whatever a host lacks is returned empty, zero or false.
options:
  socket:
    description: The Docker Engine's socket.
    type: path
    default: /var/run/docker.sock
  project:
    description: The Compose project whose own ports do not count as taken.
    type: str
    default: ziggie
  paths:
    description: Paths of which to tell on which disk they lie and how much room there is.
    type: list
    elements: path
    default: []
  project_src:
    description: The directory of the release that may lie on the host already.
    type: path
    default: /opt/ziggie/stack
  files:
    description: Paths of which to tell whether they exist.
    type: list
    elements: path
    default: []
  sysctl:
    description: Kernel parameters whose values to return.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - ziggie.stack.read_only
seealso:
  - module: ziggie.stack.stack_info
"""

EXAMPLES = r"""
- name: Ask the host what it has
  ziggie.stack.host_info:
    paths:
      - /mnt/nvme/ziggie
  register: host
"""

RETURN = r"""
host:
  description: What the host has and can do.
  returned: success
  type: dict
  contains:
    root:
      description: Whether the module ran as root.
      type: bool
    memory:
      description: C(total), C(available), C(swap_total) and C(swap_free) in bytes. C(total) is the smaller of RAM and the host's own cgroup limit.
      type: dict
    cores:
      description: How many cores the host may use.
      type: int
    core_ids:
      description: The numbers of those cores.
      type: list
      elements: int
    ceilings:
      description: The most a container may be given of C(nofile) and C(memlock) (-1 is no ceiling), and whether the host can raise them.
      type: dict
    cgroup:
      description: The C(version), its C(controllers), and whether it has C(io_weight), C(bfq_weight) and C(swap_limit).
      type: dict
    pressure:
      description: The PSI lines of C(cpu), C(memory) and C(io), as far as the kernel keeps them.
      type: dict
    engine:
      description: Versions, options, networks and own published ports of the Docker Engine; C(running) is false where there is none.
      type: dict
    disks:
      description: For each path the mount, device, filesystem, size and free bytes, whether it rotates, and the I/O scheduler.
      type: dict
    routes:
      description: IPv4 networks the host already routes.
      type: list
      elements: dict
    listening:
      description: TCP addresses and ports already served.
      type: list
      elements: dict
    files:
      description: For each path that was asked for, whether it exists.
      type: dict
    volumes:
      description: The directory of each bound volume of the release that lies on the host.
      type: dict
    sysctl:
      description: The kernel parameters that were asked for, as text, empty where the kernel has none of that name.
      type: dict
    capabilities:
      description: What of the budget this host can enforce, as P(ziggie.stack.compile#filter) takes it.
      type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host.gather import gather


def main() -> None:
    """Gather and return."""
    module = AnsibleModule(
        argument_spec={
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "project": {"type": "str", "default": "ziggie"},
            "paths": {"type": "list", "elements": "path", "default": []},
            "project_src": {"type": "path", "default": "/opt/ziggie/stack"},
            "files": {"type": "list", "elements": "path", "default": []},
            "sysctl": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, host=gather(**module.params, run=module.run_command))


if __name__ == "__main__":
    main()
