# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and attributes of modules that take a host's lock."""

from __future__ import annotations


class ModuleDocFragment:
    """Shared by every module that takes the lock, for a run or while it works."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
options:
  lock:
    description: The lock's file, on a file system that a boot empties.
    type: path
    default: /run/ziggie.lock
  log:
    description:
      - The log of what runs did to the host, a JSON object on each line. A line says that a run began, one to which plan file it is held, one for each
        module what it changed or why it failed, and one that it ended and how.
      - At 1 MiB the file is renamed to end in C(.1) and a new one begins. Where it cannot be written, no run fails.
    type: path
    default: /var/log/ziggie-runs/runs.jsonl
  max_age:
    description: After how many seconds without a module that takes the lock the run that holds it counts as gone.
    type: int
    default: 1800
  wait:
    description: How many seconds to wait for another run. The playbooks take it from C(lock_wait).
    type: float
    default: 0
  verb:
    description: What the run does, as another run is told. The action fills in the name of the play where it is not given.
    type: str
  holder:
    description: The run that takes the lock. The action fills this in; without it, it is the module's own process on the host.
    type: dict
    suboptions:
      user:
        description: The person.
        type: str
        required: true
      machine:
        description: The machine that runs Ansible.
        type: str
        required: true
      run:
        description: The process there, named so that no other process of any machine has that name.
        type: str
        required: true
  gone:
    description: A run that is known to have ended. The action fills this in.
    type: str
"""
