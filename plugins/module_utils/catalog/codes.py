# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable codes of findings about the catalog and its overrides."""

from __future__ import annotations

UNKNOWN_SERVICE = "ZC001"
UNKNOWN_SECTION = "ZC002"
OVERRIDE_SHAPE = "ZC003"
UNREADABLE_FRAGMENT = "ZC004"
UNKNOWN_CREDENTIAL = "ZC005"
UNREAD_FRAGMENT = "ZC006"
UNUSABLE_CREDENTIAL = "ZC007"
UNREADABLE_ENTRANCE = "ZC008"
UNKNOWN_PRESET = "ZC009"
UNREADABLE_ROUTE = "ZC010"
ROUTE_TAKEN = "ZC011"
OPEN_MANAGEMENT = "ZC012"
NO_GATEWAY = "ZC013"
PASSWORD_IN_CLEAR = "ZC014"
UNREADABLE_CERTIFICATES = "ZC015"
NO_PUBLIC_NAME = "ZC016"

MEANINGS = {
    UNKNOWN_SERVICE: "an override or an exclusion names a service that the catalog does not have",
    UNKNOWN_SECTION: "an override has a section that a Compose file does not have",
    OVERRIDE_SHAPE: "an override is not a mapping where one is needed",
    UNREADABLE_FRAGMENT: "a fragment of the catalog cannot be read",
    UNKNOWN_CREDENTIAL: "a credential is set that nothing reads",
    UNREAD_FRAGMENT: "a fragment lies where nothing reads it, or a catalog directory holds none",
    UNUSABLE_CREDENTIAL: "the value of a credential cannot serve as a secret",
    UNREADABLE_ENTRANCE: "what a service says of its web page (`x-ui`) cannot be read",
    UNKNOWN_PRESET: "the preset that is named is none of the catalog's, or names a service that the catalog does not have",
    UNREADABLE_ROUTE: "a route (`stack_routes`, `x-budget.route`) cannot be read, or names what is not there",
    ROUTE_TAKEN: "two routes have the same host name and path",
    OPEN_MANAGEMENT: "a route would open to everybody what manages the host or the stack",
    NO_GATEWAY: "a stack with routes has no service that hands requests on",
    PASSWORD_IN_CLEAR: "a route without TLS asks for a password",
    UNREADABLE_CERTIFICATES: "what is said of certificates (`stack_certificates`) cannot be read",
    NO_PUBLIC_NAME: "a routed name is none that a public authority gives a certificate for",
}
