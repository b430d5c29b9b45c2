# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of a run share is loaded from bytecode: Ansible's own finder would compile two hundred files of the collection in each run."""

from __future__ import annotations

import subprocess
import sys

_OURS = "ansible_collections.ziggie.stack.plugins"
_LOADED = f"""
import sys
from importlib import import_module
from ansible.plugins import loader
loader.init_plugin_loader()
finders = list(sys.meta_path)
before = set(sys.modules)
import_module("{_OURS}.filter.preload").preload(False)
assert sys.meta_path == finders
for name in set(sys.modules) - before:
    if name.startswith(("{_OURS}.module_utils.", "{_OURS}.plugin_utils.")):
        print(name, type(sys.modules[name].__spec__.loader).__name__)
"""


def test_what_is_shared_comes_from_bytecode() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True, timeout=100)
    loaders = dict(line.split() for line in done.stdout.splitlines())
    assert len(loaders) > 150
    assert set(loaders.values()) == {"SourceFileLoader"}
