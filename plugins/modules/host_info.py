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
  - Reads in one call what a budget needs to know of a host, that is memory, cores, disks and what is on them, swap, ports, networks,
    firewall, clock, kernel, cgroups and slices, the Docker Engine and Compose, and what of the budget this host can enforce.
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
  classes:
    description:
      - Storage classes by name, as C(stack_storage_classes) has them, each a path or a mapping with C(path) and C(device).
      - Their directories count as O(paths), and of a named device it is told what it holds.
    type: dict
    default: {}
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
  settings:
    description:
      - What host preparation is to do, as C(stack_host) says it. The capabilities are those that the host has after it.
      - What is wrong in it counts as not said; P(ziggie.stack.preflight#filter) reports it.
    type: dict
    default: {}
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
    hostname:
      description: The host's name.
      type: str
    kernel:
      description: The kernel's release.
      type: str
    distribution:
      description: The C(id), C(version) and C(codename) of the distribution.
      type: dict
    systemd:
      description: Whether systemd is the init.
      type: bool
    virtualization:
      description: V(container), V(kvm), V(vmware), V(xen), V(hyperv), V(vm), V(none) on bare metal, V(unknown) where nothing tells.
      type: str
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
      description:
        - The most a container may be given of C(nofile) (count) and C(memlock) (bytes), where -1 is no ceiling, and whether the host can raise them.
        - The most C(pids) and C(files) of all together, processes and threads and open files, 0 where the kernel does not tell.
      type: dict
    cgroup:
      description: The C(version), its C(controllers), and whether it has C(io_weight), C(bfq_weight) and C(swap_limit).
      type: dict
    pressure:
      description: The PSI lines of C(cpu), C(memory) and C(io), as far as the kernel keeps them.
      type: dict
    engine:
      description:
        - Versions, options, networks, volumes and own published ports of the Docker Engine; C(running) is false where there is none.
        - Its options are C(root), C(cgroup_driver) (V(systemd), V(cgroupfs), V(none)), C(cgroup_version), C(storage_driver), C(runtime),
          C(firewall_backend) (empty before Engine 29), C(security_options), C(live_restore), C(logging_driver), C(rootless),
          C(daemon_config) (as on disk) and C(warnings), its own.
      type: dict
    disks:
      description:
        - For each path, the engine's root and V(/) its C(mount), C(device), C(filesystem), C(options), C(size), C(usable)
          (without what is kept for root) and C(free) in bytes, C(inodes_free).
        - C(block) is the kernel's name of the device that holds it (of the whole disk where that is a partition), C(disks) are those that
          carry it in the end, below mappings and arrays; of them are C(rotational), C(scheduler) (in force) and C(schedulers) (present).
      type: dict
    block_devices:
      description:
        - Every disk and partition that has a size, with C(name), C(path), C(number) (major:minor), C(by_id) and C(links) (its other names),
          C(id_serial) (as udev calls it), C(type) (V(disk), V(part), V(loop), V(dm), V(md), V(zram), V(ram), V(rom)), C(parent), C(size) in bytes,
          C(rotational), C(removable), C(read_only), C(serial), C(model), C(scheduler), C(schedulers).
        - What was found on it is C(signature), C(usage), C(partition_table), C(filesystem), C(uuid), C(label); C(ambivalent) is true where
          it was too many things at once. C(probed) is whether it could be read at all; what was not probed is not known to be empty.
        - Who uses it is C(partitions), C(holders), C(slaves), C(mounts), C(swap), C(busy) (somebody holds it, even out of our sight) and
          C(root) (the system is on it, on a part of it, or on what is built of it).
      type: list
      elements: dict
    io:
      description:
        - What makes I/O weights work. C(bfq) is V(loaded), V(loadable) or V(absent); C(cost) is whether the kernel has io.cost,
          and C(cost_devices) are the numbers of the devices where it is on.
        - C(sysfs_writable) is whether a scheduler could be chosen at all, and C(udev) whether it runs, so that the choice outlives a boot.
        - C(choice) is the C(scheduler) that weights act by once the host is prepared, V(bfq), V(cost) or none, on which C(disks), whether it is
          C(active) already, and without one the C(reason).
      type: dict
    swap:
      description: The C(areas) with C(path), C(type), C(size) and C(used) in bytes and C(priority), and whether C(zram) is V(loaded), V(loadable) or V(absent).
      type: dict
    slices:
      description:
        - The project's slices by tier, the empty name being the whole, with C(name), C(file) (where its unit lies, empty where there is none),
          C(ours), and C(live), the figures in force.
        - C(live) holds C(memory_max), C(memory_min), C(memory_low) and C(memory_swap) in bytes, C(pids_max), C(cpu_weight), C(io_weight) and
          C(io_bfq_weight). A limit of 0 is none; of C(memory_swap) 0 is no swap. It is empty while nothing runs in the slice.
      type: dict
    firewall:
      description: The backend of C(iptables) (V(nf_tables), V(legacy), or empty), whether there is C(nft), C(ufw) is on and C(firewalld) runs,
        and the digest of the stack's own C(table) of rules where that is loaded.
      type: dict
    clock:
      description: Whether the clock is C(synchronized) (null where the kernel does not tell), and the C(service) that sets it.
      type: dict
    storage:
      description:
        - For each storage class that has a device, what the C(device) is, who uses it and which signatures it holds, what lies at the
          C(target), the text of its mount C(unit), whether that is C(enabled), the C(intent) of a run that was killed while formatting,
          and whether the C(tool) that makes its file system is there.
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
      description: The directory of each volume of the project, as the engine has it, or else as the release on the host says.
      type: dict
    sysctl:
      description: The kernel parameters that were asked for, as text, empty where the kernel has none of that name.
      type: dict
    sysctl_fixed:
      description: Those of them that cannot be set from here.
      type: list
      elements: str
    huge_pages:
      description: C(enabled), C(defrag) and C(max_ptes_none) of transparent huge pages, as text, and whether they are C(writable).
      type: dict
    before:
      description: What settings were before a run set them first, by C(sysctl) and C(huge_pages).
      type: dict
    uplinks:
      description: Interfaces through which a default route leads.
      type: list
      elements: str
    capabilities:
      description: What of the budget this host can enforce, as P(ziggie.stack.compile#filter) takes it, and the C(reasons) where it is not.
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
            "classes": {"type": "dict", "default": {}},
            "project_src": {"type": "path", "default": "/opt/ziggie/stack"},
            "files": {"type": "list", "elements": "path", "default": []},
            "sysctl": {"type": "list", "elements": "str", "default": []},
            "settings": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, host=gather(**module.params, run=module.run_command))


if __name__ == "__main__":
    main()
