# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about a budget. A code never changes its meaning; a new problem gets a new code."""

from __future__ import annotations

BAD_SIZE = "ZB001"
BAD_CPUS = "ZB002"
BAD_COUNT = "ZB003"
BAD_CHOICE = "ZB004"
BAD_FLAG = "ZB005"
BAD_TEXT = "ZB006"
BAD_SHAPE = "ZB007"
BAD_NUMBER = "ZB008"
UNKNOWN_KEY = "ZB009"
MISSING_KEY = "ZB010"
FLOOR_ABOVE_REQUEST = "ZB020"
RESERVATION_ABOVE_LIMIT = "ZB021"
ASKED_BELOW_FLOOR = "ZB022"
FLOOR_BELOW_TUNER = "ZB023"
UNKNOWN_VOLUME = "ZB024"
SUSPECT_KEY = "ZB025"
BELOW_DOCKERS_LEAST = "ZB026"
FLOOR_BELOW_SETTINGS = "ZB027"
DECLARED_CUT = "ZB028"
NOTHING_KNOWN = "ZB029"
NOTHING_LEFT = "ZB030"
FLOORS_ABOVE_POOL = "ZB031"
LIMITS_ABOVE_POOL = "ZB032"
CPU_RESERVATIONS_ABOVE_POOL = "ZB033"
CPU_LIMITS_ABOVE_POOL = "ZB034"
CPU_LIMIT_ABOVE_HOST = "ZB035"
DISK_ABOVE_POOL = "ZB036"
SWAP_ABOVE_POOL = "ZB037"
PIDS_ABOVE_POOL = "ZB038"
FILES_ABOVE_POOL = "ZB039"
TUNING_SHRUNK = "ZB040"
CONNECTIONS_ABOVE_SERVER = "ZB041"
NO_SUCH_SERVER = "ZB042"
FILES_BELOW_TUNING = "ZB043"
PIDS_BELOW_SETTINGS = "ZB044"
LEFT_UNTUNED = "ZB045"
NO_ROOM_FOR_JOB = "ZB046"
BAD_RELOAD = "ZB047"
BELOW_VENDOR = "ZB048"
BELOW_A_BOUND = "ZB049"
NO_BUDGET = "ZB050"
NO_STORAGE_CLASS = "ZB051"
CANNOT_ENFORCE = "ZB060"
SERVICE_OFF = "ZB061"
NOT_MERGED = "ZB062"
OUTSIDE_SLICES = "ZB063"

MEANINGS = {
    BAD_SIZE: "a size does not parse",
    BAD_CPUS: "a CPU figure does not parse",
    BAD_COUNT: "a whole number does not parse or is out of its range",
    BAD_CHOICE: "a word is not one of those allowed",
    BAD_FLAG: "a value is neither true nor false",
    BAD_TEXT: "a text is missing or of another type",
    BAD_SHAPE: "a mapping or list is something else",
    BAD_NUMBER: "a ratio, weight or share does not parse or is out of its range",
    UNKNOWN_KEY: "a key that nothing reads",
    MISSING_KEY: "a key that is needed is missing",
    FLOOR_ABOVE_REQUEST: "the floor of a service or of a volume is above what it asks for",
    RESERVATION_ABOVE_LIMIT: "a reservation is above what may be used",
    ASKED_BELOW_FLOOR: "a figure below the service's floor was raised to it",
    FLOOR_BELOW_TUNER: "a floor is below what the tuner can work with",
    UNKNOWN_VOLUME: "storage is given for a volume that the stack does not declare",
    SUSPECT_KEY: "an extension key looks like a misspelt x-budget",
    BELOW_DOCKERS_LEAST: "a figure is below the least that Docker takes",
    FLOOR_BELOW_SETTINGS: "a floor is below what the service's own settings take",
    DECLARED_CUT: "a limit that the author wrote is not met in full",
    NOTHING_KNOWN: "nothing is known of what a service needs",
    NOTHING_LEFT: "reserve and margin leave nothing of the capacity",
    FLOORS_ABOVE_POOL: "the floors do not fit in the pool",
    LIMITS_ABOVE_POOL: "the declared limits break the memory overcommit",
    CPU_RESERVATIONS_ABOVE_POOL: "CPU reservations are above the pool",
    CPU_LIMITS_ABOVE_POOL: "CPU limits break the CPU overcommit",
    CPU_LIMIT_ABOVE_HOST: "a CPU limit is above the cores of the host and was cut",
    DISK_ABOVE_POOL: "the floors of volumes, with images, logs and the reserve, do not fit on a filesystem",
    SWAP_ABOVE_POOL: "the swap of all services is more than the host has",
    PIDS_ABOVE_POOL: "the processes and threads of all services are more than the kernel allows",
    FILES_ABOVE_POOL: "the open files of all services are more than the kernel allows",
    TUNING_SHRUNK: "a tuned setting was made smaller than it was asked to be, to fit the limit",
    CONNECTIONS_ABOVE_SERVER: "the connections that services may open are more than their server offers",
    NO_SUCH_SERVER: "connections are declared to a service that is not there or that takes none",
    FILES_BELOW_TUNING: "a service may open fewer files than its tuned settings need",
    PIDS_BELOW_SETTINGS: "a limit of processes is below what the service's own settings start, and was raised",
    LEFT_UNTUNED: "a program is not tuned, since a configuration file of it cannot be read",
    NO_ROOM_FOR_JOB: "the pool has no room for a backup, a drill, a restore or an upgrade beside the services",
    BAD_RELOAD: "x-budget.reload is not written as a way to read a configuration again",
    BELOW_VENDOR: "a service gets less memory than its vendor asks for",
    BELOW_A_BOUND: "a limit is below what one of the service's own settings lets it use at once",
    NO_BUDGET: "a service of the definition has no part in the budget",
    NO_STORAGE_CLASS: "a storage class that the host does not have",
    CANNOT_ENFORCE: "the host cannot do this, so it was left out",
    SERVICE_OFF: "a service is off, since a credential or its image is missing",
    NOT_MERGED: "tuned arguments could not be merged into a command",
    OUTSIDE_SLICES: "a service names a control group of its own, so it lies outside of the stack's slices",
}
