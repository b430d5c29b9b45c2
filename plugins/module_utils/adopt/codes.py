# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about a Compose file to adopt."""

from __future__ import annotations

UNREADABLE = "ZB300"
NOT_YAML = "ZB301"
NOT_COMPOSE = "ZB302"
DUPLICATE_KEY = "ZB303"
TOO_MUCH = "ZB304"
BAD_NAME = "ZB305"
BAD_VARIABLE = "ZB306"
BAD_EXTENDS = "ZB307"
NOT_FOLLOWED = "ZB308"
NOT_PLANNED = "ZB309"
NOT_WRITTEN = "ZB310"
NEEDS_A_HAND = "ZB311"
BAD_INCLUDE = "ZB312"
NOT_COUNTED = "ZB313"
NOTHING_OBSERVED = "ZB314"
NOTHING_TO_RUN = "ZB315"

MEANINGS = {
    UNREADABLE: "a file cannot be read",
    NOT_YAML: "a file is not YAML",
    NOT_COMPOSE: "a file is not a Compose definition",
    DUPLICATE_KEY: "a key is written twice; only one of the two counts",
    TOO_MUCH: "a file is larger or deeper than any that a person writes, or expands to more",
    BAD_NAME: "a service's name is not text, or has characters that Compose refuses",
    BAD_VARIABLE: "a variable is written in a way that Compose refuses, or a figure of the plan has none",
    BAD_EXTENDS: "extends names a service or file that does not exist, or forms a cycle",
    NOT_FOLLOWED: "a part of the file that adopting does not follow",
    NOT_PLANNED: "a service is left out of the plan, since its profile is not active",
    NOT_WRITTEN: "limits could not be written without changing something else",
    NEEDS_A_HAND: "something that you must do before site can deploy a service of this catalog",
    BAD_INCLUDE: "an include that names no file or forms a cycle",
    NOT_COUNTED: "something uses the host's memory outside of any container, so the plan does not count it",
    NOTHING_OBSERVED: "the audit that was named saw no running container of this project",
    NOTHING_TO_RUN: "a service has neither an image nor a build, as in a file that is laid over another and is adopted alone",
}
