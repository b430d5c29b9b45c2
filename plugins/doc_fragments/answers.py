# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters that make something of a Plan take."""

from __future__ import annotations


class ModuleDocFragment:
    """Shared by the filters that are given what a run's tasks returned about one host."""

    DOCUMENTATION = r"""
options:
  _input:
    description: What P(ziggie.stack.preflight#filter) returned.
    type: dict
    required: true
  release:
    description: What P(ziggie.stack.release#filter) returned. Leave it out where the plan is infeasible.
    type: dict
    default: {}
  live:
    description:
      - What M(ziggie.stack.stack_info) returned for the services and files of O(release). Without it, nothing is compared, except on a host without
        Docker Engine, where everything is new.
    type: dict
    default: {}
  host:
    description: The host's name in the inventory.
    type: str
    required: true
  asked:
    description: Whether a host was asked. An imagined one was not.
    type: bool
    default: true
  secrets:
    description:
      - The files of secrets that a run would write, as M(ziggie.stack.secrets) returns them in C(written). The containers that mount one are then recreated
        in the plan, too.
    type: list
    elements: str
    default: []
"""
