# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test sanity, all of it, without anything but a package index."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from testkit.copy import collection
from testkit.outcome import Outcome
from testkit.place import ROOT, SITE_PACKAGES
from testkit.process import follow

# ansible-test would download this script; Python brings the same along.
_GET_PIP = "import ensurepip\nensurepip.bootstrap()\n"


def sanity() -> Outcome:
    """Run every sanity test on a copy; ansible-test takes no checkout that lies elsewhere."""
    home = ROOT / ".cache" / "home"
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in _get_pip_names():
        (cache / name).write_text(_GET_PIP, encoding="utf-8")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with tempfile.TemporaryDirectory(prefix="ziggie-sanity-") as directory:
        done = follow(
            ["ansible-test", "sanity", "--local", "--python", version, "--requirements", "--color", "no"],
            "sanity",
            shown=r"^(Running sanity test|ERROR|FATAL)",
            cwd=collection(Path(directory)),
            environment={
                "HOME": str(home),
                "ANSIBLE_COLLECTIONS_PATH": str(SITE_PACKAGES),
                "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip")),
            },
        )
    tests = len(re.findall(r"^Running sanity test ", done.text, re.MULTILINE))
    summary = re.search(r"^FATAL: The (\d+) sanity test\(s\) listed below", done.text, re.MULTILINE)
    failed = int(summary[1]) if summary else int(done.code != 0)
    broken = tuple(re.findall(r"^ERROR: .*", done.text, re.MULTILINE)[-8:])
    return Outcome(passed=max(tests - failed, 0), failed=failed or int(not tests), broken=broken if failed or not tests else ())


def _get_pip_names() -> list[str]:
    source = SITE_PACKAGES / "ansible_test" / "_internal" / "python_requirements.py"
    versions = re.findall(r"pip='([0-9.]+)'", source.read_text(encoding="utf-8"))
    return [f"get_pip_{version.replace('.', '_')}.py" for version in versions]
