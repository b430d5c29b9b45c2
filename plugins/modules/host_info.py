#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Docker host has and can do."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: What a Docker host has
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Reads in one call what a plan needs to know of a host, that is memory, cores, disks and what is on them, swap, ports, networks,
    firewall, clock, kernel, cgroups and slices, the Docker Engine and Compose, and the files that host preparation keeps.
  - Returns facts only. P(ziggie.stack.preflight#filter) decides what follows from them.
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
    description: Paths whose filesystem to return, and the room on it.
    type: list
    elements: path
    default: []
  classes:
    description:
      - Storage classes by name, as C(stack_storage_classes) has them, each a path or a mapping with C(path) and C(device).
      - Their directories count as O(paths); of a named device its content is returned.
    type: dict
    default: {}
  project_src:
    description: The directory of the release that may lie on the host already.
    type: path
    default: /opt/ziggie/stack
  files:
    description: Further paths to look at. Those that host preparation writes are always among them.
    type: list
    elements: path
    default: []
  credentials:
    description: The SHA-256 of each of the operator's own secret values by name, to learn which of them services were not given yet.
    type: dict
    default: {}
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
  description: What the host has.
  returned: success
  type: dict
  contains:
    root:
      description: Whether the module ran as root.
      type: bool
    project:
      description: The Compose project that was asked for.
      type: str
    hostname:
      description: The host's name.
      type: str
    machine:
      description: The host's own id, made from its machine-id(5), which itself stays there. Empty where it has none.
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
        - The most that a container may be given of C(nofile) (count) and C(memlock) (bytes), where -1 means unlimited, and whether the host C(can_raise) them.
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
        - The Docker Engine and Compose. C(running) is false where no engine answers, and C(error) says why; C(hung) is whether it is there all the same.
        - C(root), C(cgroup_driver) (V(systemd), V(cgroupfs), V(none)), C(cgroup_version), C(storage_driver), C(runtime),
          C(firewall_backend) (empty before Engine 29), C(security_options), C(live_restore), C(logging_driver), C(rootless), C(warnings).
        - C(daemon_config), the file on disk, and C(daemon_config_invalid) where that is not a JSON mapping.
        - C(networks) with C(name) and C(subnets), C(volumes), the directory of each volume of the project, and C(containers), all that run,
          with C(name), C(project), C(service), C(published) (C(address), C(port), C(protocol)) and, for those of other projects, C(memory_limit) and
          C(memory), what they use, in bytes.
        - C(deployed), the containers of the project and of releases of this collection, running or not, with C(name), C(project), C(service), C(image),
          C(directory) (that of the release) and C(ours) (whether a release of this collection made it).
        - C(images), those on the host by tag, with C(id), C(digest), by which a registry knows it (empty where it was made on the host), and C(tagged), when
          the tag was set, where it names another image than the release remembers.
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
          C(id_serial) (as udev writes it), C(type) (V(disk), V(part), V(loop), V(dm), V(md), V(zram), V(ram), V(rom)), C(parent), C(size) in bytes,
          C(rotational), C(removable), C(read_only), C(serial), C(model), C(scheduler), C(schedulers).
        - What was found on it is C(signature), C(usage), C(partition_table), C(filesystem), C(uuid), C(label); C(ambivalent) is true where
          that was too many things at once. C(probed) is whether it could be read at all; what was not probed is not known to be empty.
        - Who uses it is C(partitions), C(holders), C(slaves), C(mounts), C(swap), C(busy) (something holds it, even where we cannot see it) and
          C(root) (the system is on it, on a part of it, or on what is built of it).
      type: list
      elements: dict
    io:
      description:
        - What makes I/O weights work. C(bfq) is V(loaded), V(loadable) or V(absent); C(cost) is whether the kernel has io.cost,
          and C(cost_devices) are the numbers of the devices where it is on.
        - C(sysfs_writable) is whether a scheduler can be chosen at all, and C(udev) whether it runs, so that the choice outlives a boot.
      type: dict
    swap:
      description: The C(areas) with C(path), C(type), C(size) and C(used) in bytes and C(priority), and whether C(zram) is V(loaded), V(loadable) or V(absent).
      type: dict
    slices:
      description:
        - The project's slices by tier, the empty name being the whole, with C(name), C(file) (where its unit lies, empty where there is none),
          C(ours), and C(live), the figures in force.
        - C(live) holds C(memory_max), C(memory_min), C(memory_low) and C(memory_swap) in bytes, C(pids_max), C(cpu_weight), C(io_weight) and
          C(io_bfq_weight). A limit of 0 means unlimited, but 0 of C(memory_swap) means no swap. It is empty while nothing runs in the slice.
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
        - For each storage class that has a device, the C(device) (whether it C(exists), its C(block) device, C(signatures), C(blank)), what lies at
          the C(target), the text of its mount C(unit), whether that is C(enabled), the C(intent) of a run that was killed while it formatted,
          and whether the C(tool) that makes its file system is installed.
      type: dict
    routes:
      description: IPv4 networks that the host already routes.
      type: list
      elements: dict
    uplinks:
      description: The interfaces of the default routes.
      type: list
      elements: str
    listening:
      description: TCP addresses and ports already served.
      type: list
      elements: dict
    files:
      description:
        - What lies at each path of O(files) and of those that host preparation writes, with C(kind) (V(file), V(directory), V(link), V(other), empty for
          nothing), C(owner), C(group), C(mode), and the C(text) of a text file of at most 64 KiB.
      type: dict
    volumes:
      description: The directory of each volume of the project, as the engine has it, or else as the release on the host says.
      type: dict
    contents:
      description:
        - Whether each volume of the project, and each directory of O(files), is C(used), that is, holds anything, and C(formats), the files that
          name the format of its data.
      type: dict
    secrets:
      description:
        - The secrets on the host, without a value. C(store) is the directory of the values, C(values) says of each by name why it cannot be used,
          empty where it can. C(files) are those that services read and that are not empty, C(mounted) those that the release mounts.
          C(altered) are by name the values that are not those that services were given, with C(held_by), a file that still holds the given one, and
          C(spaces), whether only white space differs. C(chosen) are the names of O(credentials) of which the same is true,
          C(unfinished) the one whose rotation was interrupted.
      type: dict
    pins:
      description:
        - By service, what the tag of its image (C(reference)) named when the release first took it, as C(digest), empty for an image that was made on the
          host, and C(id).
      type: dict
    ran:
      description: The digests of images that the release and those that are kept remember.
      type: list
      elements: str
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
    former:
      description: The values that settings had before a run set them first, by C(sysctl) and C(huge_pages).
      type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host.gather import gather
from ansible_collections.ziggie.stack.plugins.module_utils.host_prep.paths import owned


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
            "credentials": {"type": "dict", "default": {}, "no_log": True},
            "sysctl": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    asked = module.params | {"files": [*owned(module.params["project"]), *module.params["files"]]}
    module.exit_json(changed=False, host=gather(**asked, run=module.run_command).to_dict())


if __name__ == "__main__":
    main()
