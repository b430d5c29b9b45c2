#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move the data of a service to another directory."""

from __future__ import annotations

DOCUMENTATION = r"""
module: migrate
short_description: Move the data of a service to another directory
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Copies each volume's data with C(rsync) while the service runs, stops the service, copies what has changed since, compares every file's checksum, owner,
    mode, times, extended attributes and links, puts the copy in its place by rename, and removes the container and the engine's volume object,
    so that the next deployment starts the service on the new directory. The old data is kept.
  - Where anything is wrong before that rename, the service is started again on its old data.
  - A run that was killed is continued by the next one; what was copied already is not copied again.
  - Needs C(rsync) on the host, which the role P(ziggie.stack.host_prep#role) installs where data is to be moved.
extends_documentation_fragment:
  - ziggie.stack.lock
  - ziggie.stack.stack
options:
  service:
    description: The service.
    type: str
    required: true
  moves:
    description: What to move, as P(ziggie.stack.preflight#filter) returns it.
    type: list
    elements: dict
    default: []
    suboptions:
      volume:
        description: The volume's name in the Compose file.
        type: str
        required: true
      source:
        description: The directory that holds the data.
        type: path
        required: true
      target:
        description: The directory that is to hold it. It must be absent or empty.
        type: path
        required: true
  remove_old:
    description: Remove the kept data of earlier moves of the service. The service must be running, and healthy where it has a probe.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Move the database to the fast disk
  ziggie.stack.migrate:
    service: postgres
    moves:
      - volume: postgres_data
        source: /var/lib/docker/volumes/ziggie_postgres_data/_data
        target: /mnt/nvme/ziggie/postgres
"""

RETURN = r"""
moved:
  description: The volumes that were moved, each with C(volume), C(source), C(target), and where its old data are C(kept).
  returned: success
  type: list
  elements: dict
kept:
  description: Directories with old data that are still kept.
  returned: success
  type: list
  elements: str
removed:
  description: Directories with old data that were removed.
  returned: success
  type: list
  elements: str
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working
from ansible_collections.ziggie.stack.plugins.module_utils.migrate import record
from ansible_collections.ziggie.stack.plugins.module_utils.migrate.move import Migration, RefusedError

# A database may take as long as its grace period allows to stop.
_PATIENCE = 600.0


def main() -> None:
    """Move, or remove what was kept."""
    module = AnsibleModule(
        argument_spec={
            "project": {"type": "str", "default": "ziggie"},
            "service": {"type": "str", "required": True},
            "moves": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "volume": {"type": "str", "required": True},
                    "source": {"type": "path", "required": True},
                    "target": {"type": "path", "required": True},
                },
            },
            "remove_old": {"type": "bool", "default": False},
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    said = module.params
    try:
        engine = Engine(said["socket"], timeout=_PATIENCE)
        migration = Migration(
            engine=engine, project=said["project"], service=said["service"], run=module.run_command, check=module.check_mode
        )
        with working(said, check=module.check_mode) as work:
            moved = migration.move(said["moves"])
            removed = migration.remove_old() if said["remove_old"] else []
            work.changed, work.failed = {"moved": [move["volume"] for move in said["moves"]] if moved else [], "removed": removed}, False
    except LockError as error:
        module.fail_json(**error.answer())
    except RefusedError as error:
        module.fail_json(msg=f"{error}.")
    except (OSError, EngineError) as error:
        module.fail_json(msg=f"The move stopped: {error}. Nothing is lost; correct the cause and run again.")
    kept = [] if said["remove_old"] else [move.kept for move in record.of(said["service"])]
    module.exit_json(changed=bool(moved or removed), moved=[asdict(move) for move in moved], kept=kept, removed=removed)


if __name__ == "__main__":
    main()
