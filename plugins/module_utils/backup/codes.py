# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be wrong with backups."""

from __future__ import annotations

BACKUP_INVALID = "ZK001"
DATA_NOT_BACKED_UP = "ZK002"
ONE_REPOSITORY = "ZK003"
KEY_ON_HOST_ONLY = "ZK004"
BESIDE_THE_DATA = "ZK005"
DIRECTORY_NOT_BACKED_UP = "ZK006"
PROMISE_TOO_SHORT = "ZK007"
NOTHING_BACKED_UP = "ZK008"

MEANINGS = {
    BACKUP_INVALID: "stack_backup, or the x-budget.backup of a service, is not written as one",
    DATA_NOT_BACKED_UP: "a volume is neither backed up nor declared reconstructible",
    ONE_REPOSITORY: "backups go to one place only",
    KEY_ON_HOST_ONLY: "the key of the backups is on the host only",
    BESIDE_THE_DATA: "all repositories of the backups are directories of the host itself",
    DIRECTORY_NOT_BACKED_UP: "a directory of the host that a service writes to is neither backed up nor declared reconstructible",
    PROMISE_TOO_SHORT: "a recovery point is promised that backups once a day cannot keep",
    NOTHING_BACKED_UP: "services keep data, and no backup is set up",
}
