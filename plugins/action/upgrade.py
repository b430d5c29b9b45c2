# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of its name in the name of this run, which may hold the host's lock."""

from __future__ import annotations

from ansible_collections.ziggie.stack.plugins.plugin_utils.lock import LockedAction


class ActionModule(LockedAction):
    """Runs the module of its name."""
