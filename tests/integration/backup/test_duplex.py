# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command with streams on a real engine: one that ends early or answers while it is written to is neither waited for nor misunderstood."""

from __future__ import annotations

import time

import pytest
from ansible_collections.ziggie.stack.plugins.module_utils.engine.duplex import Duplex
from ansible_collections.ziggie.stack.plugins.module_utils.engine.execute import ExecutionError
from ansible_collections.ziggie.stack.tests.integration.backup.rough import HOST

# More than what lies in the buffers between us and the command.
BLOCK, BLOCKS = b"x" * (1 << 16), 128

pytestmark = pytest.mark.integration


def feed(script: str, timeout: float = 20) -> int:
    """Write to a shell script more than it takes at once, and count what it answers."""
    with Duplex(HOST, ["sh", "-c", script], timeout=timeout) as command:
        for _block in range(BLOCKS):
            command.write(BLOCK)
        command.close_input()
        answered = sum(map(len, command.chunks()))
        command.end()
    return answered


def test_a_command_that_ends_while_it_is_written_to_is_told_at_once_in_its_own_words() -> None:
    began = time.monotonic()
    with pytest.raises(ExecutionError, match=r"^exit code 3: the disk is full$"):
        feed("head -c 1 >/dev/null; echo the disk is full >&2; exit 3")
    assert time.monotonic() - began < 15


def test_a_command_that_answers_while_it_is_written_to_is_not_waited_for() -> None:
    assert feed("cat") == len(BLOCK) * BLOCKS


def test_a_command_that_goes_on_and_reads_nothing_is_given_up_after_the_time_that_was_said() -> None:
    with pytest.raises(ExecutionError, match="reads nothing any more"):
        feed("sleep 60", timeout=4)
