# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module as Ansible does, in this process."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args


@pytest.fixture(name="run")
def _run(capsys: pytest.CaptureFixture[str], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    def run(name: str, *, check: bool = False, **options: Any) -> dict[str, Any]:
        module = importlib.import_module(f"ansible_collections.ziggie.stack.plugins.modules.{name}")
        if hasattr(module, "OPTIONS"):
            # Not the lock of the machine that runs the tests.
            place = tmp_path if name in ("lock", "measure", "up") else tmp_path_factory.mktemp("run")
            options.setdefault("lock", str(place / "ziggie.lock"))
            options.setdefault("log", str(place / "runs.jsonl"))
        arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": "/tmp"}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            module.main()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return answer

    return run


@pytest.fixture(name="mine")
def _mine() -> dict[str, int]:
    return {"owner": os.getuid(), "group": os.getgid()}
