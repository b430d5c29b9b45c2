# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what the budget gives into the files, or change nothing: everything else must mean the same to Compose as before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...module_utils.adopt.desired import LIMITS, RESOURCES, Target, desired, same, tuned_variables
from ...module_utils.compose.arguments import merge_arguments
from ...module_utils.compose.values import dig, mapping, text, variables, words
from .document import Document, parse
from .edit import CannotEditError, edited, own_entries
from .source import Source

_ROUNDS = 4
_OURS = frozenset((*LIMITS, "deploy", "environment", "command", "x-budget"))


def rewrite(
    source: Source, compiled: Mapping[str, Any], budget: Mapping[str, Any], again: Callable[[Mapping[str, str]], Source], target: Target
) -> dict[str, str] | None:
    """Return the new text of each file by its name, `None` where one cannot be written without touching something else.

    `compiled` and `budget` hold the services that are planned, `again` reads the project with other contents of its files. `target`
    tells which limits a file takes.
    """
    texts = source.texts()
    for name in texts:
        documents = [document for document in source.documents if document.name == name]
        for position, document in enumerate(source.parts(name, "")):
            if document not in documents:
                continue
            text = _settled(name, texts[name], position, _wanted(source, document, compiled, budget, target))
            if text is None:
                return None
            texts[name] = text
    return texts if _holds(source, again(texts), compiled, budget, target) else None


def _wanted(
    source: Source, document: Document, compiled: Mapping[str, Any], budget: Mapping[str, Any], target: Target
) -> dict[str, dict[str, Any]]:
    """Return those services of a document on which it has the last word, as they are to be."""
    return {
        name: desired(
            mapping(service),
            own_entries(document, name),
            mapping(source.whole["services"][name]),
            compiled["services"][name],
            budget["services"][name]["tuning"],
            source.given(name),
            target,
        )
        for name, service in mapping(document.data.get("services")).items()
        if source.last(name) is document and name in compiled["services"]
    }


def _settled(name: str, text: str, position: int, wanted: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return a file's text in which each service of one document is as wanted and all else is as it was, `None` where there is none.

    A change where an anchor stands changes what merges it, so each is compared again until nothing differs.
    """
    if not wanted:
        return text
    documents, _problems = parse(name, text)
    expected = [document.data for document in documents]
    expected[position] = {**expected[position], "services": {**expected[position]["services"], **wanted}}
    for _unused in range(_ROUNDS):
        if len(documents) != len(expected):
            return None
        try:
            text = edited(documents[position], wanted)
        except CannotEditError:
            return None
        documents, _problems = parse(name, text)
        if [document.data for document in documents] == expected:
            return text
    return None


def _holds(before: Source, after: Source, compiled: Mapping[str, Any], budget: Mapping[str, Any], target: Target) -> bool:
    """Tell whether each service, with all that it extends, is the same as before except for what the budget owns."""
    old, new = mapping(before.whole.get("services")), mapping(after.whole.get("services"))
    return (
        old.keys() == new.keys()
        and {key: value for key, value in before.whole.items() if key != "services"}
        == {key: value for key, value in after.whole.items() if key != "services"}
        and all(
            _kept(
                mapping(old[name]),
                mapping(new[name]),
                mapping(compiled["services"].get(name)),
                mapping(budget["services"].get(name)),
                before.given(name),
                target,
            )
            for name in old
        )
    )


def _kept(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    compiled: Mapping[str, Any],
    share: Mapping[str, Any],
    given: Mapping[str, str],
    target: Target,
) -> bool:
    tuning = mapping(share.get("tuning"))
    arguments = tuning.get("arguments") or ()
    tuned = tuned_variables(old, mapping(tuning.get("environment")), given)
    have = words(old.get("command"))
    commands = [have] if not arguments else [have, tuple(merge_arguments(have, arguments)), words(compiled.get("command"))]
    return (
        {key: value for key, value in old.items() if key not in _OURS} == {key: value for key, value in new.items() if key not in _OURS}
        and variables(new.get("environment")) == {**variables(old.get("environment")), **tuned}
        and words(new.get("command")) in commands
        and (not compiled or all(_given(new, key, compiled.get(key)) for key in target.keys))
    )


def _given(service: Mapping[str, Any], key: str, value: Any) -> bool:
    """Tell whether a service has a figure, as a key of its own and under deploy.resources, if there."""
    written = [service.get(key), dig(service, "deploy", "resources", *RESOURCES.get(key, ("", "")))]
    said = [figure for figure in written if figure is not None and text(figure) != "0"]
    return all(same(figure, value) for figure in said) if value is not None and said else not said and value is None
