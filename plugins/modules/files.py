#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many files and directories in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: files
short_description: Many files and directories in one call
version_added: 0.1.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Makes directories and files as declared, and writes only what differs. One call costs what one M(ansible.builtin.copy) costs, for any number of files.
  - Each file is put in place by rename, so a killed run leaves the old one or the new one.
  - Owner and mode of a directory are set on the directory itself and never on what lies in it.
  - A file may name the commands that put it into force (O(files[].apply)). They run after everything is written, and a run that is killed before
    they are done leaves their list in O(pending), so that the next one runs them.
options:
  directories:
    description: Directories that must exist.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The directory's absolute path. Parents are made with owner root and mode 0755.
        type: path
        required: true
      owner:
        description: The owner's numeric uid.
        type: int
        default: 0
      group:
        description: The group's numeric gid.
        type: int
        default: 0
      mode:
        description: The permission bits in octal.
        type: str
        default: "0755"
  files:
    description: Files that must exist with just this content, or that must not exist.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file's absolute path. Its directory is made when it is absent.
        type: path
        required: true
      content:
        description: The whole content. Needed where O(files[].state=present).
        type: str
      encoding:
        description: How the content is written here. A file that is no text comes as V(base64).
        type: str
        choices:
          - utf-8
          - base64
        default: utf-8
      state:
        description: Whether the file must be there.
        type: str
        choices: [present, absent]
        default: present
      apply:
        description: Commands to run when the file was written or removed, each a list of words. One that several files name runs once, at the
          place of the last.
        type: list
        elements: list
        default: []
      due:
        description: Run the commands even if the file is as it should be.
        type: bool
        default: false
      owner:
        description: The owner's numeric uid.
        type: int
        default: 0
      group:
        description: The group's numeric gid.
        type: int
        default: 0
      mode:
        description: The permission bits in octal.
        type: str
        default: "0644"
      validate:
        description:
          - A command that gets the new content on its standard input and fails where it is wrong. Nothing at all is written then.
          - It runs only where the content differs. An exit code of 125, by which C(docker run) says that it could not begin, counts as no answer.
        type: list
        elements: str
  exclusive:
    description: Directories below which nothing but the declared files may lie. Other files there are removed.
    type: list
    elements: path
    default: []
  pending:
    description:
      - Where the commands that are still to be run are remembered. The file exists only while there are some.
      - Needed where a file has O(files[].apply).
    type: path
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
"""

EXAMPLES = r"""
- name: Lay out a service's configuration
  ziggie.stack.files:
    directories:
      - path: /srv/data
        owner: 999
        group: 999
        mode: "0700"
    files:
      - path: /srv/config/service.conf
        content: "listen 80\n"
    exclusive:
      - /srv/config
"""

RETURN = r"""
changed_paths:
  description: Every path that was made, rewritten, removed, or given another owner or mode.
  returned: success
  type: list
  elements: str
applied:
  description: The commands that were run to put files into force, in order. In check mode those that would be.
  returned: success
  type: list
  elements: str
"""

import base64
import hashlib
import json
import os
import shlex
import stat
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic

# What `timeout`, the shell and `docker run` say of a checker that gave no answer: too slow, could not begin, no such program.
COULD_NOT_TELL = (124, 125, 126, 127)

# Seconds after which a checker has no answer.
_PATIENCE = "60"

_FILE = {
    "path": {"type": "path", "required": True},
    "owner": {"type": "int", "default": 0},
    "group": {"type": "int", "default": 0},
}


class Layout:
    """Brings a host's paths to what is declared, and remembers what it changed."""

    def __init__(self, *, check: bool) -> None:
        self.check = check
        self.changed: list[str] = []
        self.diffs: list[dict[str, str]] = []

    def directory(self, path: Path, ownership: atomic.Ownership) -> None:
        """Make a directory, or correct its owner and mode."""
        if not path.exists():
            self._note(path, "", f"directory {ownership}\n")
            if not self.check:
                path.mkdir(parents=True)
                ownership.apply(path)
        elif not ownership.holds(path):
            before = path.stat()
            self._note(path, f"{before.st_uid}:{before.st_gid} {stat.S_IMODE(before.st_mode):04o}\n", f"{ownership}\n")
            if not self.check:
                ownership.apply(path)

    def file(self, path: Path, wanted: bytes, ownership: atomic.Ownership) -> None:
        """Write a file whose content, owner or mode differs."""
        before = atomic.read(path)
        if before != wanted:
            self._note(path, _shown(before or b""), _shown(wanted))
            if not self.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                atomic.write(path, wanted, ownership)
        elif not ownership.holds(path):
            self._note(path, "other owner or mode\n", f"{ownership}\n")
            if not self.check:
                ownership.apply(path)

    def absent(self, path: Path) -> None:
        """Remove a file."""
        before = atomic.read(path)
        if before is not None:
            self._note(path, _shown(before), "")
            if not self.check:
                path.unlink()

    def only(self, directory: Path, declared: set[Path]) -> None:
        """Remove every file below a directory that is not declared."""
        for parent, _directories, names in os.walk(directory):
            for path in sorted(Path(parent) / name for name in names):
                if path not in declared:
                    self._note(path, _shown(atomic.read(path) or b""), "")
                    if not self.check:
                        path.unlink()

    def _note(self, path: Path, before: str, after: str) -> None:
        self.changed.append(str(path))
        self.diffs.append({"before_header": str(path), "after_header": str(path), "before": before, "after": after})


def _shown(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"no text, sha256 {hashlib.sha256(content).hexdigest()}\n"


def _bytes(entry: dict) -> bytes:
    return base64.b64decode(entry["content"], validate=True) if entry["encoding"] == "base64" else entry["content"].encode()


def _checked(module: AnsibleModule, command: list[str], content: bytes) -> tuple[int, str, str]:
    # From a file: a checker may end before it has read its input, and then a pipe would break.
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return module.run_command(["sh", "-c", 'exec timeout "$@" < "$0"', file.name, _PATIENCE, *command])


def _refusals(module: AnsibleModule, files: list[dict]) -> list[str]:
    """Return what the programs that will read the new files say against them."""
    refusals = []
    for entry in files:
        if not entry["validate"] or entry["state"] == "absent" or atomic.read(Path(entry["path"])) == _bytes(entry):
            continue
        code, printed, complained = _checked(module, entry["validate"], _bytes(entry))
        said = " ".join((complained or printed).split())
        if code not in (0, *COULD_NOT_TELL):
            refusals.append(f"{entry['path']} is refused by the program that reads it: {said}")
    return refusals


def _lay_out(layout: Layout, params: dict) -> None:
    """Bring everything to what is declared."""
    for entry in params["directories"]:
        layout.directory(Path(entry["path"]), _ownership(entry))
    for entry in params["files"]:
        if entry["state"] == "absent":
            layout.absent(Path(entry["path"]))
        else:
            layout.file(Path(entry["path"]), _bytes(entry), _ownership(entry))
    for directory in params["exclusive"]:
        layout.only(Path(directory), {Path(entry["path"]) for entry in params["files"] if entry["state"] == "present"})


class Commands:
    """The commands that put files into force: those that an earlier run left, then those of the files that change."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self._place = Path(module.params["pending"]) if module.params["pending"] else None
        self.left = self._remembered()

    def _remembered(self) -> list[list[str]]:
        text = atomic.read(self._place) if self._place else None
        # What no file names any more is no longer wanted.
        named = [command for entry in self._module.params["files"] for command in entry["apply"]]
        return [command for command in json.loads(text or "[]") if command in named]

    def add(self, files: list[dict], changed: list[str]) -> None:
        """Remember the commands of what changes, on disk before anything changes."""
        for entry in files:
            if entry["due"] or entry["path"] in changed:
                self.left = [command for command in self.left if command not in entry["apply"]] + entry["apply"]
        if self.left and not self._place:
            self._module.fail_json(msg="Nothing was written. The files name commands, and pending does not say where to remember them.")
        self._remember()

    def run(self) -> list[str]:
        """Run what is left, one after the other; what fails stays to be run by the next run."""
        if self._module.check_mode:
            return [shlex.join(command) for command in self.left]
        done = []
        while self.left:
            command = self.left[0]
            code, printed, complained = self._module.run_command(command)
            if code != 0:
                said = " ".join((complained or printed).split())
                self._module.fail_json(msg=f"{shlex.join(command)} failed: {said or code}. The next run tries it again.", applied=done)
            done.append(shlex.join(command))
            del self.left[0]
            self._remember()
        return done

    def _remember(self) -> None:
        if self._module.check_mode or self._place is None:
            return
        if self.left:
            self._place.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(self._place, json.dumps(self.left).encode(), atomic.Ownership(uid=os.geteuid(), gid=os.getegid(), mode=0o600))
        else:
            self._place.unlink(missing_ok=True)


def _ownership(entry: dict) -> atomic.Ownership:
    return atomic.Ownership(uid=entry["owner"], gid=entry["group"], mode=int(entry["mode"], 8))


def main() -> None:
    """Lay out what is declared."""
    module = AnsibleModule(
        argument_spec={
            "directories": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": _FILE | {"mode": {"type": "str", "default": "0755"}},
            },
            "files": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": _FILE
                | {
                    "mode": {"type": "str", "default": "0644"},
                    "content": {"type": "str"},
                    "encoding": {"type": "str", "choices": ["utf-8", "base64"], "default": "utf-8"},
                    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                    "apply": {"type": "list", "elements": "list", "default": []},
                    "due": {"type": "bool", "default": False},
                    "validate": {"type": "list", "elements": "str"},
                },
                "required_if": [("state", "present", ("content",))],
            },
            "exclusive": {"type": "list", "elements": "path", "default": []},
            "pending": {"type": "path"},
        },
        supports_check_mode=True,
    )
    layout = Layout(check=module.check_mode)
    try:
        refusals = _refusals(module, module.params["files"])
        if refusals:
            module.fail_json(msg=f"Nothing was written. {'; '.join(refusals)}.", changed_paths=[])
        commands = Commands(module)
        if any(entry["apply"] for entry in module.params["files"]):
            foreseen = Layout(check=True)
            _lay_out(foreseen, module.params)
            commands.add(module.params["files"], foreseen.changed)
        _lay_out(layout, module.params)
        done = commands.run()
    except (OSError, ValueError) as error:
        module.fail_json(msg=f"Cannot lay out the files: {error}.", changed_paths=layout.changed)
    module.exit_json(changed=bool(layout.changed or done), changed_paths=layout.changed, applied=done, diff=layout.diffs)


if __name__ == "__main__":
    main()
