# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about a Compose file that is to be adopted."""

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

MEANINGS = {
    UNREADABLE: "a file cannot be read",
    NOT_YAML: "a file is no YAML",
    NOT_COMPOSE: "a file is no Compose definition",
    DUPLICATE_KEY: "a key is written twice; only one of the two counts",
    TOO_MUCH: "a file is larger, deeper or expands to more than anybody writes",
    BAD_NAME: "a service's name is no text, or none that Compose takes",
    BAD_VARIABLE: "a variable is written in a way that Compose does not read",
    BAD_EXTENDS: "extends names what is not there, or leads in a circle",
    NOT_FOLLOWED: "a part of the file that adopting does not follow",
    NOT_PLANNED: "a service is left out of the plan, since its profile is not active",
    NOT_WRITTEN: "limits could not be written in place without touching something else",
    NEEDS_A_HAND: "something that site cannot do by itself for a service of this catalogue",
}
