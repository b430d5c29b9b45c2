# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merge tuned arguments and variables into what a service already has; the tuned one of a name wins, all others stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .values import mapping, pairs

SHELLS = frozenset({"ash", "bash", "dash", "sh", "zsh"})

# These hold a list of options; a tuned option replaces the one of its name and leaves the others.
OPTION_VARIABLES = frozenset(
    {"NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "ES_JAVA_OPTS", "OPENSEARCH_JAVA_OPTS", "KAFKA_HEAP_OPTS", "LS_JAVA_OPTS"}
)
# These hold Erlang's options: a dash and an application, a parameter, and its value.
ERLANG_VARIABLES = frozenset({"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"})
_JAVA_SIZE = re.compile(r"-(X[a-z]+)\d")


def is_shell(words: Sequence[str]) -> bool:
    """Tell whether a command passes a script to a shell, which ignores further arguments."""
    return bool(words) and words[0].rpartition("/")[2] in SHELLS


def merge_arguments(words: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """Return a command with the arguments at its end and without earlier ones of the same names."""
    names = {_name(option) for option in _options(arguments)}
    kept = [word for option in _options(words) if _name(option) not in names for word in option]
    return [*kept, *arguments]


def merge_environment(environment: Any, tuned: Mapping[str, str]) -> Any:
    """Return an environment, a mapping or a list as it was, with the tuned variables."""
    written = pairs(environment)
    values = {name: _merge_value(name, written.get(name, ""), value) for name, value in tuned.items()}
    if isinstance(environment, (list, tuple)):
        kept = [str(entry) for entry in environment if str(entry).partition("=")[0] not in tuned]
        return [*kept, *(f"{name}={value}" for name, value in values.items())]
    return {**mapping(environment), **values}


def _merge_value(variable: str, written: str, tuned: str) -> str:
    if variable in OPTION_VARIABLES:
        return " ".join(merge_arguments(written.split(), tuned.split()))
    if variable in ERLANG_VARIABLES:
        new = _parameters(tuned.split())
        kept = [option for option in _parameters(written.split()) if option[:2] not in [name[:2] for name in new]]
        return " ".join(word for option in (*kept, *new) for word in option)
    return tuned


def _parameters(words: Iterable[str]) -> list[list[str]]:
    """Split Erlang's options, which begin with a dash or a plus."""
    options: list[list[str]] = []
    for word in words:
        if _is_name(word) or word.startswith("+") or not options:
            options.append([])
        options[-1].append(word)
    return options


def _options(words: Iterable[str]) -> list[list[str]]:
    """Split words into options: `-c name=value`, `--name=value` and a positional are one each, `--name` takes what follows."""
    options: list[list[str]] = []
    for word in words:
        open_option = options[-1] if options and _takes_value(options[-1]) else None
        if open_option is not None and not _is_name(word):
            open_option.append(word)
        else:
            options.append([word])
    return options


def _takes_value(option: Sequence[str]) -> bool:
    if option[0] == "-c":
        return len(option) == 1
    return option[0].startswith("--") and "=" not in option[0]


def _is_name(word: str) -> bool:
    return word.startswith("-") and not word[1:2].isdigit()


def _name(option: Sequence[str]) -> str:
    """Return what an option sets; dashes and underscores are the same, as PostgreSQL and Node.js take them."""
    if option[0] == "-c" and len(option) == 2:
        return option[1].partition("=")[0].replace("-", "_")
    if option[0].startswith("--"):
        return option[0].removeprefix("--").partition("=")[0].replace("-", "_")
    java = _JAVA_SIZE.match(option[0])
    if java or option[0].startswith("-XX:"):
        return java[1] if java else option[0].partition("=")[0]
    return f"positional {option[0]}"
