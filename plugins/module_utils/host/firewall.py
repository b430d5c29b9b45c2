# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which firewall a host has."""

from __future__ import annotations

import re
import shutil
from typing import Any

from .processes import running
from .run import Run, output
from .tree import Tree

_DIGEST = re.compile(r'comment "([0-9a-f]+)"')


def describe(tree: Tree, run: Run) -> dict[str, Any]:
    """Return `iptables` (`nf_tables`, `legacy`, or nothing), whether there is `nft`, `ufw` is on, `firewalld` runs, and `table`.

    `table` is the digest of our own rules, empty where they are not loaded.
    """
    code, printed = output(run, ["iptables", "--version"])
    backend = printed.strip().rpartition("(")[2].rstrip(")") if code == 0 and "(" in printed else ""
    return {
        # Before 1.8 there was but one.
        "iptables": backend or ("legacy" if code == 0 else ""),
        "nft": shutil.which("nft") is not None,
        "ufw": "ENABLED=yes" in tree.text("/etc/ufw/ufw.conf").splitlines(),
        "firewalld": "firewalld" in running(tree),
        "table": found[1] if (found := _DIGEST.search(output(run, ["nft", "list", "table", "inet", "ziggie"])[1])) else "",
    }
