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
    Where a stack runs and nothing that is touched depends on a tier before its own, the critical tier is the last.
  - Where limits alone differ, the running containers are given theirs in place, without a restart and without a failed request.
  - Where nothing but configuration files differ that the program can read again (C(x-budget.reload)), and limits, the container goes on. Every program of
    O(changes) checks what lies there before anything is touched, and what one refuses ends the run; then it is told to read it, and has to prove that it did.
  - Containers are made by Docker Compose, in one command and without starting them, so that to Compose they are its own. The first tier of a run makes
    all that are absent, whatever their tier. What has to be recreated is replaced in its own tier's turn, so that it is down for as short a time as possible.
  - Images that are missing are pulled first, for all tiers. An image that cannot be pulled ends the run while everything is as it was.
  - The containers of a tier are then started over the engine's socket, in the order of C(depends_on), as many at once as possible, and the
    engine's events tell when they are up. A service that has failed ends the waiting.
  - Where a tier does not become healthy the module does not fail, and does not touch the tiers after it. RV(problems) says why, and RV(containers)
    describes every container.
  - Containers of a service that has several are replaced one after another, and a single one that is asked to (C(deploy.update_config.order=start-first)) only
    once its new one is healthy, where nothing stands against it. One new container comes first; where it does not become healthy, the others are not
    touched. How, and why not otherwise, is in O(changes).
  - A job that another service waits for to its end (C(service_completed_successfully)) has ended before that service is touched.
  - Services for which Compose does more than to start a container (C(post_start), configs and secrets that are in no file) are started by Compose.
  - With O(watch), all that O(changes) starts, in whatever tier, is watched in the end, and what exits, becomes unhealthy or is killed at its memory limit
    within that time is a problem like one that does not become healthy.
  - With O(on_failure), a release that has such a problem, or cannot be brought up, is kept in C(failed) beside O(project_src) with logs, exit codes, probes
    and events, the newest five of them. With V(rollback), the whole stack then goes back to the last release that came up, as M(ziggie.stack.releases)
    kept it in C(releases) beside O(project_src). RV(problems) tells the reason first and what became of the stack after it.
  - It does not go back where each service that failed has C(deploy.update_config.failure_action=pause).
  - It does not go back where the data of a known database may have moved to another format, or where volumes lie elsewhere in the release of before. It
    says so then, and how to go on.
  - Hooks of O(hooks) run on the host where O(changes) touches their thing, the lock held, each at most once. With O(on_failure=rollback), none runs on the way
    back. What a tier or a service has before it is brought up runs before it is touched, what it has after it, once it is healthy; a service that has hooks is
    taken by itself, after those that it depends on. The hooks after the deploy run when all is healthy and was watched, or else when it is known what became
    of the release.
  - A hook is told what happens, in the variables C(ZIGGIE_WHEN), C(ZIGGIE_OF), C(ZIGGIE_TIER), C(ZIGGIE_SERVICE), C(ZIGGIE_VERB), C(ZIGGIE_RELEASE),
    C(ZIGGIE_PROJECT), and C(ZIGGIE_OUTCOME) (V(succeeded), V(failed), V(rolled back), empty before); a URL in the JSON body of a POST.
  - The rotation of a secret that was interrupted (M(ziggie.stack.rotate)) is taken back before anything else; what differs is then compared anew.
  - Without O(changes), files that a killed run was putting back (M(ziggie.stack.releases), or this module on its way back) are put in place to the last one.
  - The host's lock is held while the module works, so that no other run changes the host. The module takes it by itself where no run holds it, and the kernel
    releases it when the module ends, however it ends. Where another run holds it, the module fails and names that run.
extends_documentation_fragment:
  - ziggie.stack.stack
  - ziggie.stack.lock
options:
  project_src:
    description: The directory with the release's C(compose.yml) and C(release.json).
    type: path
    required: true
  tiers:
    description: The tiers to bring up. Their order is that of C(changes.busy).
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
  watch:
    description:
      - For how many seconds to watch what was started, after all of it is healthy. Where nothing was started, there is nothing to watch.
      - A service with C(deploy.update_config.monitor) is watched for that long. Without this option nothing is watched.
    type: float
  on_failure:
    description:
      - What to do where O(tiers) do not become healthy or fall sick. V(rollback) brings the last release back that came up, V(stop) leaves all as it is.
      - Without it a failure is told and not kept, as it is right where the release that lies there is only restored.
    type: str
    choices:
      - rollback
      - stop
  hooks:
    description:
      - What to run or call before and after the deploy, a tier, a service.
      - In check mode none is run, and RV(hooks) says which would be.
    type: list
    elements: dict
    default: []
    suboptions:
      when:
        description: Whether it runs before or after.
        type: str
        choices: [before, after]
        required: true
      of:
        description: V(deploy), C(tier:<name>) or C(service:<name>).
        type: str
        required: true
      command:
        description: A program of the host, by its absolute path, and its arguments.
        type: list
        elements: str
      url:
        description: An address that is called with POST instead. Only its host is shown.
        type: str
      timeout:
        description: A duration such as V(30s). What runs longer is killed, with its children.
        type: str
        default: 60s
      on_failure:
        description:
          - With V(fail), a failure before stops the run before the thing is touched, and a failure after counts like a service that is not healthy.
          - With V(warn), it is a warning.
        type: str
        choices: [fail, warn]
        default: fail
      environment:
        description: Variables for the command, whose values are shown nowhere.
        type: dict
        default: {}
attributes:
  diff_mode:
    support: full
seealso:
  - module: ziggie.stack.stack_info
  - module: ziggie.stack.down
  - module: ziggie.stack.lock
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
hooks:
  description: The hooks that ran, or would have in check mode, in their order.
  returned: always
  type: list
  elements: str
problems:
  description: Sentences that say why a tier did not become healthy. Empty when all did.
  returned: success
  type: list
  elements: str
ended:
  description:
    - Services of which processes ran that the engine does not know of, as one leaves them that was killed while it started a container. They were ended,
      so that no second server opens their data.
  returned: always
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
settled:
  description: The secret whose rotation was interrupted and was taken back first.
  returned: success, where there was one
  type: str
reloaded:
  description: Services of the tiers that were told to read their configuration again.
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
  returned: success, where O(describe) is true, not in check mode
  type: list
  elements: dict
recovery:
  description:
    - What became of a release that failed. C(failed) is its id, C(kept_in) the directory with what is known of it, C(release) the release that the stack
      went back to, empty where it did not, C(whole) whether that one came up, and C(budget) its Budget.
  returned: success, where a release failed and O(on_failure) is given
  type: dict
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
live_state_silent:
  description: Whether the host should write its services' live state and has stopped, or not begun.
  returned: success
  type: bool
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.archive import Archive, ArchiveError
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.changes import Changes
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.look import ApplyError, Done, Target, compared
from ansible_collections.ziggie.stack.plugins.module_utils.deploy.release import ReleaseError
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic
from ansible_collections.ziggie.stack.plugins.module_utils.host.given import ROTATION
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, Work, working
from ansible_collections.ziggie.stack.plugins.module_utils.tiers import TIERS
from ansible_collections.ziggie.stack.plugins.module_utils.typed import load

if TYPE_CHECKING:
    from ansible_collections.ziggie.stack.plugins.module_utils.deploy.hooks import Hooks
    from ansible_collections.ziggie.stack.plugins.module_utils.deploy.recover import Recovery
    from ansible_collections.ziggie.stack.plugins.module_utils.rotate.place import Run
    from ansible_collections.ziggie.stack.plugins.module_utils.settings.hooks import Hook


def main() -> None:
    """Bring up what differs."""
    module = AnsibleModule(
        argument_spec={
            "project_src": {"type": "path", "required": True},
            "tiers": {"type": "list", "elements": "str", "choices": list(TIERS), "default": list(TIERS)},
            "changes": {"type": "dict"},
            "project": {"type": "str", "default": "ziggie"},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "describe": {"type": "bool", "default": True},
            "timeout": {"type": "int", "default": 600},
            "watch": {"type": "float"},
            "on_failure": {"type": "str", "choices": ["rollback", "stop"]},
            "hooks": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "when": {"type": "str", "choices": ["before", "after"], "required": True},
                    "of": {"type": "str", "required": True},
                    "command": {"type": "list", "elements": "str"},
                    "url": {"type": "str", "no_log": True},
                    "timeout": {"type": "str", "default": "60s"},
                    "on_failure": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
                    "environment": {"type": "dict", "default": {}, "no_log": True},
                },
            },
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    given = module.params
    directory = Path(given["project_src"])
    reached = {name: given[name] for name in ("project", "socket", "timeout")}

    def run(command: list[str], data: str | None, inherited: tuple[int, ...]) -> tuple[int, str]:
        code, output, errors = module.run_command(command, cwd=str(directory), data=data, binary_data=data is not None, pass_fds=inherited)
        return code, errors or output

    hooks = _hooks(module)
    try:
        changes = None if given["changes"] is None else load(Changes, given["changes"], "changes")
        with working(given, check=module.check_mode) as work:
            settled = "" if module.check_mode else _settled(module, work, run, reached)
            if settled:
                module.warn(f"The rotation of {settled} was interrupted; it was taken back first.")
                # What was compared before may be otherwise now.
                changes = None
            if changes is None and not module.check_mode and (restored := Archive(directory.parent / "releases", directory).finish()):
                module.warn(f"The run that was taking the stack back to release {restored} was killed; its files were put in place first.")
            turn = _turn(module, hooks, work.verb) if hooks else None
            target = Target(directory=directory, run=lambda command, inherited: run(command, None, inherited), **reached)
            try:
                done, recovery = _carry_out(module, target, changes, turn)
            except ApplyError as error:
                work.changed = error.done.names()
                raise
            finally:
                for warning in turn.warnings if turn else ():
                    module.warn(warning)
            work.changed = done.names() | (recovery.names() if recovery else {}) | {"settled_secrets": [settled] if settled else []}
            work.failed = bool(done.problems)
            work.down = done.down
            # The second sentence names the service.
            work.why = " ".join(problem.partition("\n")[0] for problem in done.problems[:2])
    except LockError as error:
        module.fail_json(**error.answer())
    except ApplyError as error:
        module.fail_json(msg=str(error), **error.done.to_dict())
    except (ArchiveError, ReleaseError, ValueError) as error:
        module.fail_json(msg=f"{error}.")
    except OSError as error:
        module.fail_json(msg=f"The release cannot be brought up: {atomic.why(error)}.")
    answer = done.to_dict() | ({"settled": settled, "changed": True} if settled else {})
    module.exit_json(**answer, **({"recovery": recovery.to_dict()} if recovery else {}))


# What is imported from here on is what a run needs that has something to do; most have nothing.


def _carry_out(module: AnsibleModule, target: Target, changes: Changes | None, hooks: Hooks | None) -> tuple[Done, Recovery | None]:
    given, look = module.params, None
    if changes is None and given["on_failure"] is None:
        look, changes, done = compared(target, describe=given["describe"] and not module.check_mode)
        if done:
            return done, None
    from ansible_collections.ziggie.stack.plugins.module_utils.deploy.recover import carry_out

    wishes = {name: given[name] for name in ("on_failure", "watch", "describe")}
    return carry_out(target, given["tiers"], changes=changes, look=look, check=module.check_mode, hooks=hooks, **wishes)


def _settled(module: AnsibleModule, work: Work, run: Run, reached: Mapping[str, Any]) -> str:
    """Take back what a rotation left that was interrupted; return its secret, empty where there was none."""
    directory = Path(module.params["project_src"])
    store = directory.parent / "secrets"
    if not os.path.lexists(store / ROTATION):
        return ""
    from ansible_collections.ziggie.stack.plugins.module_utils.rotate.carry_out import RotationError, settle
    from ansible_collections.ziggie.stack.plugins.module_utils.rotate.place import Host

    try:
        return settle(Host(run=run, **reached).place(store, directory))
    except RotationError as error:
        work.why = str(error)
        module.fail_json(msg=f"Nothing else was touched. {error}")
    return ""


def _hooks(module: AnsibleModule) -> tuple[Hook, ...]:
    if not module.params["hooks"]:
        return ()
    from ansible_collections.ziggie.stack.plugins.module_utils.settings.hooks import parse

    hooks, wrong = parse([{key: value for key, value in one.items() if value is not None} for one in module.params["hooks"]])
    if wrong:
        module.fail_json(msg=f"Nothing was touched. {'; '.join(finding.sentence() for finding in wrong)}.")
    return hooks


def _turn(module: AnsibleModule, hooks: Iterable[Hook], verb: str) -> Hooks:
    from ansible_collections.ziggie.stack.plugins.module_utils.deploy.hooks import Hooks

    facts = {"verb": verb, "project": module.params["project"], "release": _release(Path(module.params["project_src"]))}
    return Hooks(hooks, facts=facts, check=module.check_mode)


def _release(directory: Path) -> str:
    try:
        return Archive(directory.parent / "releases", directory).identifier()
    except OSError:
        return ""


if __name__ == "__main__":
    main()
