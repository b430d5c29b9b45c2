# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about a host."""

from __future__ import annotations

NOT_ROOT = "ZH001"
ENGINE_TOO_OLD = "ZH002"
COMPOSE_TOO_OLD = "ZH003"
NETWORK_OVERLAPS = "ZH004"
PORT_TAKEN = "ZH005"
DISK_TOO_SMALL = "ZH006"
CAPACITY_ABOVE_HOST = "ZH007"
DAEMON_CONFIG_INVALID = "ZH008"
NETWORK_INVALID = "ZH009"
STORAGE_CLASS_UNKNOWN = "ZH010"
STORAGE_PATH_SHARED = "ZH011"
SETTING_UNREADABLE = "ZH012"
DISK_TAKEN = "ZH013"
NO_IMAGE = "ZH014"
FILE_ABSENT = "ZH015"
VARIABLE_UNSET = "ZH016"
NEIGHBOURS = "ZH017"
PROJECT_RUNS = "ZH018"
DEVICE_ABSENT = "ZH019"
STORAGE_WOULD_MOVE = "ZH020"
SECRET_LOST = "ZH021"
SECRET_UNUSABLE = "ZH022"
DATA_UNREADABLE = "ZH023"
DIRECTORY_CHANGED = "ZH024"
PROJECT_CHANGED = "ZH025"
ENGINE_HUNG = "ZH026"
FAILED_BEFORE = "ZH027"
SECRET_NOT_MADE = "ZH028"
PROJECT_INVALID = "ZH029"
HOOK_INVALID = "ZH066"
HOOK_PROGRAM_ABSENT = "ZH067"
SLICE_TAKEN = "ZH060"
FIREWALL_IMPOSSIBLE = "ZH061"
SWAP_IMPOSSIBLE = "ZH062"
SYSCTL_FIXED = "ZH063"
SECRET_ALTERED = "ZH064"
ROTATION_UNFINISHED = "ZH065"
UPGRADE_UNPROTECTED = "ZH068"
UPGRADE_UNDRILLED = "ZH069"
IMAGE_TOO_NEW = "ZH070"
TAG_MOVED = "ZH071"
FLEET_NOT_DEPLOYED = "ZH072"

MEANINGS = {
    NOT_ROOT: "the run is not root on the host",
    ENGINE_TOO_OLD: "the Docker Engine is older than what is maintained",
    COMPOSE_TOO_OLD: "Docker Compose is missing or too old",
    NETWORK_OVERLAPS: "a network of the stack overlaps one that the host already has",
    PORT_TAKEN: "a port that the stack publishes is already served",
    DISK_TOO_SMALL: "too little room is free where the engine keeps its images",
    CAPACITY_ABOVE_HOST: "the declared capacity is more than the kernel reports",
    DAEMON_CONFIG_INVALID: "the engine's configuration on the host cannot be read",
    NETWORK_INVALID: "a subnet of the stack is not a network",
    STORAGE_CLASS_UNKNOWN: "a volume has a storage class that has no directory",
    STORAGE_PATH_SHARED: "two volumes would share a directory, or one would lie inside the other",
    SETTING_UNREADABLE: "a setting of the inventory does not parse",
    DISK_TAKEN: "a filesystem that the budget counts on is used by something else",
    NO_IMAGE: "a service has no image that can be pulled",
    FILE_ABSENT: "a file or directory that a service needs is not on the host and does not come with the release",
    VARIABLE_UNSET: "a variable of the Compose definition has neither a value nor a default",
    NEIGHBOURS: "other projects' containers on the engine hold memory that the stack does not get",
    PROJECT_RUNS: "the project that was adopted runs on the host under another name than stack_project",
    DEVICE_ABSENT: "a device that a service needs is not on the host, or the host was not asked for it",
    STORAGE_WOULD_MOVE: "a volume would start empty, without its data",
    SECRET_LOST: "a secret is lost although there are data that were made with it",
    SECRET_UNUSABLE: "a secret on the host cannot be used",
    DATA_UNREADABLE: "the data on the host are of a version that the image does not open",
    DIRECTORY_CHANGED: "the stack was deployed from another directory, where its release and its secrets lie",
    PROJECT_CHANGED: "the stack was deployed as another project, whose volumes hold its data",
    ENGINE_HUNG: "the Docker Engine is there and does not answer",
    FAILED_BEFORE: "the very release that a run would deploy failed on this host before",
    SECRET_NOT_MADE: "a secret that a run is to make has no place below secrets/, or its x-secret is not one",
    PROJECT_INVALID: "stack_project is not a name that Compose accepts",
    UPGRADE_UNPROTECTED: "a new image changes data for good, without a fresh backup or without having been acknowledged",
    UPGRADE_UNDRILLED: "a new image changes data for good, and no backup of them was ever drilled",
    IMAGE_TOO_NEW: "a running service would get an image that was not seen for long enough",
    FLEET_NOT_DEPLOYED: "`stack_fleet` is set, and nothing deploys services to several hosts by it yet",
    TAG_MOVED: "a tag names another image on the host than when it was released",
    HOOK_INVALID: "a hook of `stack_hooks` cannot be run as it is written",
    HOOK_PROGRAM_ABSENT: "the program of a hook is not on the host, or cannot be run",
    SLICE_TAKEN: "a slice that the stack needs is in use by something else",
    FIREWALL_IMPOSSIBLE: "the host cannot have the stack's firewall",
    SWAP_IMPOSSIBLE: "the host cannot swap as it is asked to",
    SYSCTL_FIXED: "a kernel setting cannot be set on this host",
    SECRET_ALTERED: "a secret is not the value any more that the data were made with",
    ROTATION_UNFINISHED: "the rotation of a secret was interrupted",
}
