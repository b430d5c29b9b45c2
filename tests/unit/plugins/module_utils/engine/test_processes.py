# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes as the kernel shows them."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ziggie.stack.plugins.module_utils.engine.processes import look, main


def add(proc: Path, pid: int, parent: int, command: str, environment: str = "", files: str = "1024") -> None:
    place = proc / str(pid)
    place.mkdir(parents=True)
    (place / "stat").write_text(f"{pid} (a (b) c) S {parent} 1 1", encoding="ascii")
    (place / "cmdline").write_text(command, encoding="ascii")
    (place / "environ").write_text(environment, encoding="ascii")
    (place / "limits").write_text(f"Limit  Soft  Hard\nMax open files            {files}   4096   files\n", encoding="ascii")


def test_command_environment_parent_and_limits(tmp_path: Path) -> None:
    add(tmp_path, 7, 3, "node\0server.js\0", "A=1\0B=x=y\0junk\0")
    (found,) = look([7, 8], proc=tmp_path)
    assert (found.parent, found.command, found.environment, found.open_files) == (3, ("node", "server.js"), {"A": "1", "B": "x=y"}, 1024)


def test_the_program_is_not_its_init(tmp_path: Path) -> None:
    add(tmp_path, 9, 1, "/sbin/docker-init\0--\0gunicorn\0")
    add(tmp_path, 3, 9, "/usr/bin/python3\0gunicorn\0", files="unlimited")
    found = look([3, 9], proc=tmp_path)
    assert [main(found, first) and main(found, first).pid for first in (9, 3, 4)] == [3, 3, None]  # type: ignore[union-attr]
    assert found[0].open_files is None
