# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of modules that ask the engine for the containers of a stack."""

from __future__ import annotations


class ModuleDocFragment:
    """Shared by every module that takes a Compose project and the engine's socket."""

    DOCUMENTATION = r"""
options:
  project:
    description: The Compose project.
    type: str
    default: ziggie
  socket:
    description: The Docker Engine's socket.
    type: path
    default: /var/run/docker.sock
"""
