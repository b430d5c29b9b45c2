# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about alert receivers."""

from __future__ import annotations

BAD_RECEIVER = "ZM001"
UNKNOWN_RECEIVER_KEY = "ZM002"
MISSING_RECEIVER_KEY = "ZM003"
MISSING_RECEIVER_SECRET = "ZM004"
RECEIVER_NAME_TAKEN = "ZM005"
NO_RECEIVER = "ZM006"
NO_ALERTMANAGER = "ZM007"
BAD_HEARTBEAT = "ZM008"
HEARTBEAT_WITHOUT_ADDRESS = "ZM009"
NO_HEARTBEAT = "ZM010"
BAD_BACKUP = "ZM011"
NO_BACKUP = "ZM012"

MEANINGS = {
    BAD_RECEIVER: "a receiver of alerts, or one of its values, is not what it has to be",
    UNKNOWN_RECEIVER_KEY: "a receiver has a key that its type does not know",
    MISSING_RECEIVER_KEY: "a receiver lacks a key that its type cannot do without",
    MISSING_RECEIVER_SECRET: "a receiver names a credential that nobody has set, or its secret is written in the open",
    RECEIVER_NAME_TAKEN: "two receivers have one name",
    NO_RECEIVER: "alerts are shown and sent to nobody",
    NO_ALERTMANAGER: "there are receivers and no Alertmanager to send to them",
    BAD_HEARTBEAT: "the heartbeat, or one of its values, is not what it has to be",
    HEARTBEAT_WITHOUT_ADDRESS: "the heartbeat names no credential, or one that nobody has set",
    NO_HEARTBEAT: "nobody outside is called while the monitoring works, so nobody notices when it is silent",
    BAD_BACKUP: "a place of backups is of no service, or is no absolute path",
    NO_BACKUP: "no backup's age is watched",
}
