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
  - Copies each volume's data while the service runs, stops the service, copies what has changed since, compares every file's checksum, owner,
    mode, times, extended attributes and links, puts the copy in its place by rename, and removes the container and the engine's volume object,
    so that the next deployment starts the service on the new directory. The old data are kept.
  - Where anything is wrong before that rename, the service is started again on its old data.
  - A run that was killed is gone on with; what was copied already is not copied again.
extends_documentation_fragment:
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
        description: The directory that is to hold them. It must be absent or empty.
        type: path
        required: true
  remove_old:
    description: Remove the kept data of earlier moves of the service. The service must be running, and healthy where it has a probe.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
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
"""

import os
import shutil
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.engine.client import Engine, EngineError
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic
from ansible_collections.ziggie.stack.plugins.module_utils.migrate import record, tree

# A database may take as long as its grace period allows to stop.
_PATIENCE = 600.0
_MIB = 1 << 20
# How many differences of a copy are named.
_NAMED = 5
_STAGING = ".ziggie-moving"


class RefusalError(Exception):
    """The move cannot be made; the text is one sentence, and the old data are where they were."""


class Migration:
    """One service's move."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.project, self.service = module.params["project"], module.params["service"]
        self.engine = Engine(module.params["socket"], timeout=_PATIENCE)
        self.containers = self.engine.containers(self.project)
        self.done = {move.volume: move for move in record.of(self.service)}

    def move(self) -> list[record.Move]:
        """Move everything that is not moved yet, and let go of the old volume of what is."""
        moves = [self._move(entry) for entry in self.module.params["moves"]]
        # The record is written before the copy is put in its place: while that waits beside it, the move is not made.
        left = [move for move in moves if self.done.get(move.volume) != move or self._staging(Path(move.target)).exists()]
        for move in left:
            self._check(move)
        if self.module.check_mode or not moves:
            return moves
        if left:
            self._carry_over(left)
        for container in self._own():
            self.engine.delete(f"/containers/{container['Id']}?force=true")
        for move in moves:
            self._let_go(move)
        return moves

    def remove_old(self) -> list[str]:
        """Remove what earlier moves kept."""
        for container in self._own():
            state = container["State"]
            if not state["Running"] or (state.get("Health") or {}).get("Status", "healthy") != "healthy":
                raise RefusalError(f"{self.service} is not healthy on its new data, so the old are kept; run again when it is")
        if self.done and not self._own():
            raise RefusalError(f"{self.service} does not run on its new data, so the old are kept; deploy it first")
        for move in self.done.values():
            if not self.module.check_mode:
                if Path(move.kept).exists():
                    shutil.rmtree(move.kept)
                record.forget(move)
        return [move.kept for move in self.done.values()]

    def _move(self, entry: dict) -> record.Move:
        managed = self._managed(entry["source"])
        kept = str(Path(entry["source"]).parents[2] / "ziggie-kept" / Path(entry["source"]).parent.name) if managed else entry["source"]
        return record.Move(service=self.service, kept=kept, **entry)

    def _managed(self, source: str) -> bool:
        """Tell whether the engine made a directory, and would remove it with its volume."""
        return Path(source).name == "_data" and Path(source).parents[1].name == "volumes"

    def _own(self) -> list[dict]:
        return [entry for entry in self.containers if self._label(entry, "service") == self.service]

    def _label(self, container: dict, name: str) -> str:
        return str(container["Config"]["Labels"].get(f"com.docker.compose.{name}", ""))

    def _check(self, move: record.Move) -> None:
        source, target = Path(move.source), Path(move.target)
        if not source.is_dir():
            raise RefusalError(f"{source}, where {move.volume} should lie, is no directory")
        if target == source or target in source.parents or source in target.parents:
            raise RefusalError(f"{target} and {source} lie in each other")
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise RefusalError(f"{target} is not empty; empty it, or choose another path for {move.volume}")
        users = {
            self._label(container, "service")
            for container in self.containers
            for mount in container["Mounts"]
            if mount.get("Name") == f"{self.project}_{move.volume}" or mount.get("Source") == move.source
        }
        if users - {self.service}:
            raise RefusalError(
                f"{move.volume} is used by {', '.join(sorted(users - {self.service}))} too; only what one service alone uses is moved"
            )
        place = next(parent for parent in target.parents if parent.exists())
        staged = tree.used(self._staging(target)) if self._staging(target).exists() else 0
        room, needed = os.statvfs(place), tree.used(source) - staged
        free = room.f_bavail * room.f_frsize
        if free < needed:
            raise RefusalError(f"{free // _MIB} MiB are free at {place}, {move.volume} has {needed // _MIB} MiB still to be copied")

    def _carry_over(self, moves: list[record.Move]) -> None:
        for move in moves:
            Path(move.target).parent.mkdir(parents=True, exist_ok=True)
            tree.mirror(Path(move.source), self._staging(Path(move.target)), live=True)
        running = [container["Id"] for container in self._own() if container["State"]["Running"]]
        try:
            for container in running:
                self.engine.post(f"/containers/{container}/stop")
            for move in moves:
                staging = self._staging(Path(move.target))
                tree.mirror(Path(move.source), staging)
                wrong = list(islice(tree.differences(Path(move.source), staging), _NAMED))
                if wrong:
                    raise RefusalError(f"the copy of {move.volume} is not its image: {'; '.join(wrong)}")
        except BaseException:
            for container in running:
                self.engine.post(f"/containers/{container}/start")
            raise
        os.sync()
        for move in moves:
            target = Path(move.target)
            record.write(move)
            self._staging(target).rename(target)
            atomic.sync_directory(target.parent)

    def _let_go(self, move: record.Move) -> None:
        """Take the old data out of the engine's hands, then remove the volume object, which carries the old place."""
        name = f"{self.project}_{move.volume}"
        source, kept = Path(move.source), Path(move.kept)
        if kept != source and source.exists() and not kept.exists():
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            source.rename(kept)
            atomic.sync_directory(kept.parent)
        volumes = self.engine.get("/volumes", filters={"name": [name]})["Volumes"] or []
        for volume in volumes:
            place = (volume.get("Options") or {}).get("device") or volume["Mountpoint"]
            if volume["Name"] == name and place == move.source:
                self.engine.delete(f"/volumes/{name}")

    def _staging(self, target: Path) -> Path:
        return target.with_name(f"{target.name}{_STAGING}")


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
        },
        supports_check_mode=True,
    )
    try:
        migration = Migration(module)
        moved = migration.move()
        removed = migration.remove_old() if module.params["remove_old"] else []
    except RefusalError as refusal:
        module.fail_json(msg=f"{refusal}.")
    except (OSError, EngineError) as error:
        module.fail_json(msg=f"The move stopped: {error}. Nothing is lost; run again once that is mended.")
    kept = [] if module.params["remove_old"] else [move.kept for move in record.of(module.params["service"])]
    module.exit_json(changed=bool(moved or removed), moved=[asdict(move) for move in moved], kept=kept, removed=removed)


if __name__ == "__main__":
    main()
