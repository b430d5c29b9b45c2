# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option of modules that show a report."""

from __future__ import annotations


class ModuleDocFragment:
    """Shared by every module that shows a person, or a program, what it worked out."""

    DOCUMENTATION = r"""
options:
  format:
    description: Text for a person, or JSON on one line for a program.
    type: str
    choices:
      - text
      - json
    default: text
"""
