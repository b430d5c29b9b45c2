# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of modules that only show something, on the controller."""

from __future__ import annotations


class ModuleDocFragment:
    """Shared by every module that an action plugin carries out, and that changes no host."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed when in diff mode.
    support: none
  action:
    description: Runs on the controller, by an action plugin.
    support: full
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: all
options: {}
"""
