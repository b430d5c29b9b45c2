# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the virtual machine lies, how big it is, and where it can be reached."""

from __future__ import annotations

import os

from labkit.names import ROOT, STATE

ROOM = ROOT / "molecule" / "vps"
INVENTORY = ROOM / "inventory"
VPS = STATE / "vps"
KEY = VPS / "key"
RUN = VPS / "run"
PID = RUN / "pid"
CONSOLE = RUN / "console.log"

CORES = 4
MEMORY_MIB = 16384
ROOT_DISK_GIB = 20
HOT_DISK_GIB = 10
HOT_SERIAL = "ziggie-hot"
HOT_BYTES_PER_SECOND = 50 << 20

# On this machine's loopback, and the port of the guest behind it. 9 is for checks: nothing may answer there.
DOORS = {
    int(os.environ.get("VPS_SSH_PORT", "2222")): 22,
    int(os.environ.get("VPS_HTTP_PORT", "2280")): 80,
    int(os.environ.get("VPS_OTHER_PORT", "2299")): 9999,
}
SSH_PORT = next(port for port, guest in DOORS.items() if guest == 22)
