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
extends_documentation_fragment:
  - ziggie.stack.lock
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
        description: How the content is written here. A file that is not text is given as V(base64).
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
  diff_mode:
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
holder:
  description: The run that holds the host's lock, where it could not be taken and that is known.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ziggie.stack.plugins.module_utils.host import atomic
from ansible_collections.ziggie.stack.plugins.module_utils.host.layout import Directory, File, Layout, RefusedError, lay_out
from ansible_collections.ziggie.stack.plugins.module_utils.host.lock import OPTIONS, LockError, working

_PATH = {
    "path": {"type": "path", "required": True},
    "owner": {"type": "int", "default": 0},
    "group": {"type": "int", "default": 0},
}


def main() -> None:
    """Lay out what is declared."""
    module = AnsibleModule(
        argument_spec={
            "directories": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": _PATH | {"mode": {"type": "str", "default": "0755"}},
            },
            "files": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": _PATH
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
            **OPTIONS,
        },
        supports_check_mode=True,
    )
    said, layout = module.params, Layout(check=module.check_mode)
    try:
        directories = [Directory(**entry) for entry in said["directories"]]
        files = [File.read(entry) for entry in said["files"]]
        with working(said, check=module.check_mode) as work:
            work.changed = {"paths": layout.changed}
            done = lay_out(layout, directories, files, said["exclusive"], said["pending"], module.run_command)
            work.failed = False
    except LockError as error:
        module.fail_json(**error.answer())
    except RefusedError as error:
        module.fail_json(msg=str(error), changed_paths=layout.changed, applied=error.applied)
    except OSError as error:
        module.fail_json(msg=f"Cannot lay out the files: {atomic.why(error)}.", changed_paths=layout.changed)
    except ValueError as error:
        module.fail_json(msg=f"Cannot lay out the files: {error}.", changed_paths=layout.changed)
    module.exit_json(changed=bool(layout.changed or done), changed_paths=layout.changed, applied=done, diff=layout.diffs)


if __name__ == "__main__":
    main()
