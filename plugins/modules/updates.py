#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Propose newer versions of a stack's images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: updates
short_description: Propose newer versions of a stack's images
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Asks the registries, without an account, which tags the images of a definition have, and shows the newest of the same line, of the same major
    version and of all, with what each means by the table of images, that is whether it can be taken back, whether it refuses what is mounted, and
    how long it has been seen.
  - Keeps a ledger of when a digest was first seen behind a tag, and says where a tag names another image than before.
  - Shows the patch for C(catalog_overrides), with digests, of what is old enough and can be taken back.
  - Runs on the controller, asks the host nothing, and changes nothing but the ledger; in check mode not that either.
  - What a registry does not answer is unknown, and no error.
options:
  compose:
    description: The definition.
    type: dict
    required: true
  registries:
    description: Addresses of registries by their names in images, for mirrors and registries without TLS, such as C(docker.io) with C(http://mirror:5000).
    type: dict
    default: {}
  image_age:
    description: How long a digest must have been seen before its version counts as ready; C(0h) for no wait.
    type: str
    default: 72h
  ledger:
    description: The ledger's file on the controller.
    type: path
    default: ~/.local/state/ziggie/images.json
  pin:
    description: Whether the patch also pins what runs, that is adds to each tag without a digest the one that it names now.
    type: bool
    default: false
  timeout:
    description: How many seconds to wait for each answer.
    type: int
    default: 10
extends_documentation_fragment:
  - ziggie.stack.on_controller
  - ziggie.stack.report
seealso:
  - module: ziggie.stack.recommend
"""

EXAMPLES = r"""
- name: Propose newer versions
  ziggie.stack.updates:
    compose: "{{ lookup('ansible.builtin.file', 'compose.yml') | from_yaml }}"
"""

RETURN = r"""
services:
  description: For each service its C(image), C(tag), the C(digest) of it now, C(newer) versions, C(notes), or why it is C(unknown).
  returned: success
  type: list
  elements: dict
findings:
  description: Tags that name another image than before, each with C(code), C(severity), C(path), C(message) and C(fix).
  returned: success
  type: list
  elements: dict
patch:
  description: What to merge into C(catalog_overrides); empty where nothing is ready.
  returned: success
  type: dict
"""
