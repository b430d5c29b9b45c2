#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show an audit on the controller's screen, and write it to files there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_report
short_description: Show an audit, and write it to files
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Works out what follows from an audit and shows it on the controller's screen, as text for a person or as JSON for a program. That is the sums against
    what the host has, the order in which the kernel would kill, what fills the disk, findings about what runs and about every
    definition, and what each service would get from a budget of the whole host.
  - Writes a self-contained page and the JSON to files on the controller when asked. In a play with several hosts the host's name is added to the files' names.
  - Asks the host nothing.
options:
  audit:
    description: What M(ziggie.stack.audit) returned in RV(ziggie.stack.audit#module:audit).
    type: dict
    required: true
  format:
    description: Text for a person, or JSON on one line for a program.
    type: str
    choices:
      - text
      - json
    default: text
  page:
    description: A file for the page, on the controller.
    type: path
  file:
    description: A file for the JSON, on the controller. C(ziggie.stack.recommend) reads such files.
    type: path
  accepted:
    description: Findings that are right here, as P(ziggie.stack.findings#filter) takes them.
    type: dict
    default: {}
  policy:
    description: The budget's policy, as P(ziggie.stack.budget#filter) takes it.
    type: dict
    default: {}
extends_documentation_fragment:
  - ziggie.stack.on_controller
seealso:
  - module: ziggie.stack.audit
"""

EXAMPLES = r"""
- name: Look at the host
  ziggie.stack.audit:
  register: looked

- name: Show what was seen, and draw it
  ziggie.stack.audit_report:
    audit: "{{ looked.audit }}"
    page: audit.html
"""

RETURN = r"""
counts:
  description: How many findings of each severity there are.
  returned: success
  type: dict
files:
  description: The files that were written.
  returned: success
  type: list
  elements: str
"""
