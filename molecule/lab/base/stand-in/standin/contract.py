# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a real image would refuse to start without: a stand-in refuses it too."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import yaml


def refuse(program: str, sentence: str) -> NoReturn:
    print(f"{program} (stand-in): {sentence}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def writable(program: str, directory: str) -> Path:
    """A data directory that this uid can write."""
    path = Path(directory)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        refuse(program, f"{path} is not writable by uid {os.getuid()}: {error.strerror}")
    return path


def readable(program: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        refuse(program, f"{file} cannot be read by uid {os.getuid()}: {error}")


def yaml_file(program: str, file: str) -> dict[str, object]:
    try:
        found = yaml.safe_load(readable(program, file))
    except yaml.YAMLError as error:
        refuse(program, f"{file} is not YAML: {error}")
    if not isinstance(found, dict):
        refuse(program, f"{file} holds no mapping")
    return found


def setting(program: str, name: str, default: str = "", *, suffix: str = "_FILE") -> str:
    """An environment variable, or the content of the file that its _FILE twin names."""
    value = os.environ.get(name)
    if value is not None:
        return value
    file = os.environ.get(name + suffix)
    return readable(program, file).strip() if file else default
