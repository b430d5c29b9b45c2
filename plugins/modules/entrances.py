#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what to open of a stack, how, and where each password lies."""

from __future__ import annotations

DOCUMENTATION = r"""
module: entrances
short_description: Say what to open of a stack, how, and where each password lies
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Lists the web pages of the services that run, as their C(x-ui) says, each with its link and the file on the host that holds its password; then the
    names under which the world reaches services, and who may enter.
  - For those that listen on 127.0.0.1 of the host, it makes the C(ssh) command that brings them to the controller, from what the inventory says.
  - Shows no secret, but the values of O(service), to the screen alone. They are not in the result, nor in a log of Ansible's.
  - Where P(ziggie.stack.budget_report#callback) is enabled, that shows the list, at the end of the run.
options:
  compose:
    description: The definition, as P(ziggie.stack.catalog#lookup) returns it.
    type: dict
    required: true
  store:
    description: The directory on the host that holds a file for each value.
    type: path
    required: true
  credentials:
    description: Names of the credentials that there are. A service that requires another one does not run.
    type: list
    elements: str
    default: []
  places:
    description: Whether to list every stored value, with the services that read it.
    type: bool
    default: false
  service:
    description: A service. Then its password is read from the host and shown instead; of one without a login, all that its secrets are made from.
    type: str
    default: ""
extends_documentation_fragment:
  - ziggie.stack.on_controller
seealso:
  - module: ziggie.stack.secrets
"""

EXAMPLES = r"""
- name: Say what to open
  ziggie.stack.entrances:
    compose: "{{ catalog_read.compose }}"
    store: "{{ stack_directory }}/secrets"
    credentials: "{{ stack_credentials.keys() | list }}"
"""

RETURN = r"""
entrances:
  description: The list as lines, which P(ziggie.stack.budget_report#callback) shows.
  returned: that callback is enabled, and neither O(service) nor O(places) is given
  type: list
  elements: str
"""
