#!/usr/bin/python
# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recommend floors from history, and solve the budget again with them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: recommend
short_description: Recommend floors from history
version_added: 0.2.0
author:
  - Ziggie maintainers (@ziggie)
description:
  - Works out of a history what memory each service needs, that is the highest peak of fourteen days and 15 %, up at once and down slowly, more after an OOM
    kill or under pressure, and nothing where the history is too thin. A database fills the memory that it has, and needs more only where it lacks some.
  - Solves the budget again with that as floors, and shows the patch for C(catalog_overrides), who gains and who pays, or the exact shortfall.
  - Runs on the controller, asks the host nothing and changes nothing.
options:
  history:
    description: What M(ziggie.stack.history) returned. Either this or O(audits).
    type: dict
  audits:
    description:
      - Files that M(ziggie.stack.audit_report) wrote, or patterns of them, on the controller; all of one host.
      - The definition and the capacity are then those of the last audit.
    type: list
    elements: path
    default: []
  compose:
    description: The definition with the overrides in it. Needed with O(history).
    type: dict
    default: {}
  budget:
    description: The budget as it is now, for its capacity and policy. Needed with O(history).
    type: dict
    default: {}
  overrides:
    description: The overrides in O(compose); floors in them may come down again.
    type: dict
    default: {}
  floors:
    description: By service the floor that the catalog itself states, C(floors) of the lookup P(ziggie.stack.catalog#lookup); none comes down below it.
    type: dict
    default: {}
extends_documentation_fragment:
  - ziggie.stack.on_controller
  - ziggie.stack.report
seealso:
  - module: ziggie.stack.history
  - module: ziggie.stack.audit_report
"""

EXAMPLES = r"""
- name: Recommend from audits that were kept
  ziggie.stack.recommend:
    audits:
      - audits/*.json
"""

RETURN = r"""
patch:
  description: What to merge into C(catalog_overrides); empty where no floor has to change.
  returned: success
  type: dict
patches:
  description: The same by Compose project, with the names that services have there; all of it under the empty text where O(audits) are not given.
  returned: success
  type: dict
problems:
  description: Why the budget with these floors cannot be kept, in sentences.
  returned: success
  type: list
  elements: str
"""
