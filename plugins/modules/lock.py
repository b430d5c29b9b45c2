#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Allow one run at a time on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lock
short_description: Allow one run at a time on a host
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Takes a lock on a host before a run reads anything there, and releases it at the end. Two runs at once leave containers that neither of them meant.
  - A second run fails at once and names the holder, what it does and since when, or waits for O(wait) seconds.
  - The lock of a run that was killed is taken over by the next run from the same machine, which sees that the process is gone. For another machine, and
    for another container on the same machine, the lock is a lease. Every module of the run that takes the lock renews it, and it ends O(max_age) seconds
    after the last of them, or when the host is booted.
  - Every module of this collection that changes a host takes the same lock by itself while it works, where no run holds it; where its own run does,
    it renews the lease, and where another run has taken the lock over, it fails.
  - While a file in its place does not say who holds the lock, the module fails and says which file to remove. O(max_age) seconds after it was changed
    it counts for nothing, unless it is a directory.
  - A run in check mode takes no lock.
extends_documentation_fragment:
  - ziggie.stack.lock
options:
  state:
    description: Whether to take the lock or to release it.
    type: str
    choices:
      - held
      - released
    default: held
  outcome:
    description: With O(state=released), how the run ended, for O(log).
    type: str
    choices:
      - succeeded
      - failed
  release:
    description: With O(state=released), the id of the release that the run archived, for O(log).
    type: str
  why:
    description: With O(state=released), a sentence that says why the run failed, for O(log), where no module of the run on the host has failed.
    type: str
"""

EXAMPLES = r"""
- name: Acquire the deployment lock
  ziggie.stack.lock:
    verb: site
    wait: 60

- name: Release the deployment lock
  ziggie.stack.lock:
    state: released
"""

RETURN = r"""
holder:
  description: The run that holds the lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, Holder, Lock, LockError


def main() -> None:
    """Take the lock or release it."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["held", "released"], "default": "held"},
            "outcome": {"type": "str", "choices": ["succeeded", "failed"]},
            "release": {"type": "str"},
            "why": {"type": "str"},
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    given = module.params
    lock, run = Lock.of(given), Holder.of(given)
    ended = {name: given[name] for name in ("outcome", "release", "why") if given[name]}
    try:
        if not module.check_mode:
            lock.release(run, **ended) if given["state"] == "released" else lock.take(run, gone=given["gone"])
    except LockError as error:
        # A run that is not root is told so by the preflight, together with everything else that is wrong.
        if not isinstance(error.__cause__, PermissionError):
            module.fail_json(**error.answer())
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
