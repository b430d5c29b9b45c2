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
    BAD_RECEIVER: "a receiver of alerts, or one of its values, is invalid",
    UNKNOWN_RECEIVER_KEY: "a receiver has a key that its type does not have",
    MISSING_RECEIVER_KEY: "a receiver lacks a key that its type requires",
    MISSING_RECEIVER_SECRET: "a receiver has no secret, or its credential has no value",
    RECEIVER_NAME_TAKEN: "two receivers have the same name",
    NO_RECEIVER: "alerts are shown but not sent: there is no receiver",
    NO_ALERTMANAGER: "there are receivers, but no Alertmanager that sends to them",
    BAD_HEARTBEAT: "the heartbeat, or one of its values, is invalid",
    HEARTBEAT_WITHOUT_ADDRESS: "the heartbeat has no credential, or its credential has no value",
    NO_HEARTBEAT: "there is no dead man's switch: nothing alerts you when the monitoring goes silent",
    BAD_BACKUP: "a place of backups names an unknown service or a relative path",
    NO_BACKUP: "the age of backups is not monitored",
}
