# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a short program on the host, which may not have it."""

from __future__ import annotations

from collections.abc import Callable

# AnsibleModule.run_command, or whatever a test puts in its place.
Run = Callable[..., tuple[int, str, str]]


def output(run: Run, command: list[str]) -> tuple[int, str]:
    """Return exit code and output; -1 and nothing where there is no such program."""
    try:
        code, printed, _errors = run(command, handle_exceptions=False)
    except OSError:
        return -1, ""
    return code, printed
