# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credentials that a catalog knows, and those that an operator has set although nothing reads them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..compose.values import mapping, sequence, text
from ..problems import Finding, suggestion
from . import codes

# What a service requires whose image nobody publishes: `stack_images.<service>`, beside the names of credentials.
IMAGES = "stack_images"
# How the text of a secret's file refers to a value.
REFERENCE = re.compile(r"@([a-z][a-z0-9_]*)@")


def content_of(name: str, recipe: Mapping[str, Any]) -> str:
    """Return the text that a secret's file is made from: its own, or the value of the secret's name without its service."""
    return text(recipe.get("content", f"@{name.split('__', 1)[-1]}@"))


def fault(value: str) -> str:
    """Say why a value cannot serve as a secret, empty where it can."""
    if not value.strip():
        return "it is empty"
    if "\r" in value:
        return "it has the line ends of Windows (CRLF)"
    if "\0" in value:
        return "it holds a zero byte"
    if value.endswith("\n") and "\n" not in value[:-1]:
        return "it ends in a line break"
    return ""


def unusable(given: Mapping[str, object]) -> list[Finding]:
    """Return an error for each credential whose value cannot serve as a secret. No value is in its text."""
    found = []
    for name, value in sorted(given.items()):
        plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
        wrong = fault(str(value)) if plain else f"expected a text, got {'nothing' if value is None else type(value).__name__}"
        if wrong:
            fix = "write the value as one text, without the line break at its end, or remove the credential"
            found.append(
                Finding(code=codes.UNUSABLE_CREDENTIAL, severity="error", path=f"stack_credentials.{name}", message=wrong, fix=fix)
            )
    return found


def known(definitions: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the names of the credentials that definitions require or write into a secret."""
    names: set[str] = set()
    for definition in definitions:
        for service in mapping(definition.get("services")).values():
            required = map(text, sequence(mapping(mapping(service).get("x-budget")).get("requires")))
            # The image that a service requires is named elsewhere.
            names |= {name for name in required if not name.startswith(f"{IMAGES}.")}
        for name, secret in mapping(definition.get("secrets")).items():
            if "x-secret" in mapping(secret):
                names |= set(REFERENCE.findall(content_of(text(name), mapping(mapping(secret)["x-secret"]))))
    return frozenset(names)


def unread(given: Collection[str], names: Collection[str]) -> list[Finding]:
    """Return an error for each credential that an operator has set and nothing reads; `names` are those that are known."""
    return [
        Finding(
            code=codes.UNKNOWN_CREDENTIAL,
            severity="error",
            path=f"stack_credentials.{name}",
            message="no service, receiver or heartbeat reads this credential",
            fix=suggestion(name, names) if names else "remove it",
        )
        for name in sorted(given)
        if name not in names
    ]
