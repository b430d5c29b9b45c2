# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminal that Ansible writes to, by what Ansible itself found out about it."""

from __future__ import annotations

from ansible import constants
from ansible.utils import color

from ..module_utils.render.terminal import Terminal

# What Ansible takes for the width where there is no terminal, or a narrower one.
_LEAST = 79


def terminal(columns: int | None) -> Terminal:
    """Return it; `columns` are those of Ansible's display.

    Ansible decides on colours by ANSIBLE_NOCOLOR, NO_COLOR, ANSIBLE_FORCE_COLOR and by whether its output is a terminal. A task
    runs in a child whose output is none; so a width counts where it was measured, or where colours were not forced.
    """
    measured = (columns or 0) > _LEAST or (color.ANSIBLE_COLOR and not constants.ANSIBLE_FORCE_COLOR)
    return Terminal(colour=color.ANSIBLE_COLOR, width=columns if measured else None)
