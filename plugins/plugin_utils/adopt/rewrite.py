# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files with what the budget gives in place, or not at all: what is not the budget's stays what it means to Compose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...module_utils.adopt.desired import LIMITS, RESOURCES, desired, same
from ...module_utils.findings.loose import dig, mapping, pairs, text, words
from ...module_utils.render.arguments import merge_arguments, merge_environment
from .document import Document, parse
from .edit import CannotEditError, edited, own_entries
from .source import Source, read

_ROUNDS = 4
_OURS = frozenset((*LIMITS, "deploy", "environment", "command", "x-budget"))


def rewrite(source: Source, whole: Mapping[str, Any], compiled: Mapping[str, Any], budget: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the new text of each file by its name, nothing where one cannot be written without touching something else.

    `whole` is the definition before variables are replaced, `compiled` and `budget` hold the services that are planned.
    """
    texts: dict[str, str] = {}
    for document in source.documents:
        text = _settled(document, _wanted(source, document, whole, compiled, budget))
        if text is None:
            return None
        texts[document.name] = text
    return texts if _holds(source, read(texts, texts), compiled, budget) else None


def _wanted(
    source: Source, document: Document, whole: Mapping[str, Any], compiled: Mapping[str, Any], budget: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return those services of a file of which it has the last word, as they are to be."""
    return {
        name: desired(
            mapping(service),
            own_entries(document, name),
            whole["services"][name],
            compiled["services"][name],
            budget["services"][name]["tuning"],
        )
        for name, service in mapping(document.data.get("services")).items()
        if source.last(name) is document and name in compiled["services"]
    }


def _settled(document: Document, wanted: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the text in which each service is as wanted and all else is as it was; nothing where there is none.

    A change where an anchor stands changes what merges it, so each is compared again until nothing differs.
    """
    expected = {**document.data, "services": {**document.data["services"], **wanted}}
    current: Document | None = document
    for _unused in range(_ROUNDS):
        if current is None:
            return None
        try:
            text = edited(current, wanted)
        except CannotEditError:
            return None
        current, _problems = parse(document.name, text)
        if current is not None and current.data == expected:
            return text
    return None


def _holds(before: Source, after: Source, compiled: Mapping[str, Any], budget: Mapping[str, Any]) -> bool:
    """Tell whether each service, with all that it extends, is still what it was but for what is the budget's."""
    old, new = mapping(before.whole.get("services")), mapping(after.whole.get("services"))
    return old.keys() == new.keys() and all(
        _kept(mapping(old[name]), mapping(new[name]), mapping(compiled["services"].get(name)), mapping(budget["services"].get(name)))
        for name in old
    )


def _kept(old: Mapping[str, Any], new: Mapping[str, Any], compiled: Mapping[str, Any], share: Mapping[str, Any]) -> bool:
    tuning = mapping(share.get("tuning"))
    arguments = tuning.get("arguments") or ()
    variables = pairs(merge_environment(pairs(old.get("environment")), mapping(tuning.get("environment"))))
    have = words(old.get("command"))
    commands = [have] if not arguments else [have, tuple(merge_arguments(have, arguments)), words(compiled.get("command"))]
    return (
        {key: value for key, value in old.items() if key not in _OURS} == {key: value for key, value in new.items() if key not in _OURS}
        and pairs(new.get("environment")) == variables
        and words(new.get("command")) in commands
        and (not compiled or all(_given(new, key, compiled.get(key)) for key in LIMITS))
    )


def _given(service: Mapping[str, Any], key: str, value: Any) -> bool:
    """Tell whether a service has a figure, as a key of its own and under deploy.resources, if there."""
    written = [service.get(key), dig(service, "deploy", "resources", *RESOURCES.get(key, ("", "")))]
    said = [figure for figure in written if figure is not None and text(figure) != "0"]
    return all(same(figure, value) for figure in said) if value is not None and said else not said and value is None
