# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merge tuned arguments and variables into what a service already has; the tuned one of a name wins, all others stay."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

SHELLS = frozenset({"ash", "bash", "dash", "sh", "zsh"})

# These hold a list of options; a tuned option replaces the one of its name and leaves the others.
OPTION_VARIABLES = frozenset({"NODE_OPTIONS"})


def words_of(command: Any) -> list[str]:
    """Return a command as a list of words. Raises `ValueError` when its quotes do not match."""
    if command is None:
        return []
    return shlex.split(command) if isinstance(command, str) else [str(word) for word in command]


def is_shell(words: Sequence[str]) -> bool:
    """Tell whether a command hands a script to a shell, where further arguments reach nobody."""
    return bool(words) and PurePosixPath(words[0]).name in SHELLS


def merge_arguments(words: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """Return a command with the arguments at its end and without earlier ones of the same names."""
    names = {_name(option) for option in _options(arguments)}
    kept = [word for option in _options(words) if _name(option) not in names for word in option]
    return [*kept, *arguments]


def merge_environment(environment: Any, tuned: Mapping[str, str]) -> Any:
    """Return an environment, a mapping or a list as it was, with the tuned variables."""
    if isinstance(environment, (list, tuple)):
        written = dict(_pair(str(entry)) for entry in environment)
        values = _merged_values(written, tuned)
        kept = [str(entry) for entry in environment if _pair(str(entry))[0] not in tuned]
        return [*kept, *(f"{name}={value}" for name, value in values.items())]
    written = dict(environment or {})
    return {**written, **_merged_values(written, tuned)}


def _merged_values(written: Mapping[str, Any], tuned: Mapping[str, str]) -> dict[str, str]:
    return {
        name: _merge_options(str(written.get(name) or ""), value) if name in OPTION_VARIABLES else value for name, value in tuned.items()
    }


def _merge_options(written: str, tuned: str) -> str:
    return " ".join(merge_arguments(written.split(), tuned.split()))


def _pair(entry: str) -> tuple[str, str]:
    name, _unused, value = entry.partition("=")
    return name, value


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
    return f"positional {option[0]}"
