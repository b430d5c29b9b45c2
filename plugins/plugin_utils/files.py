# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read text that somebody else wrote."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def text_of(path: Path, most: int) -> str:
    """Return a regular file's text, of a longer one the first `most` characters and one more.

    Raises `OSError` for what cannot be read and for what is no regular file: a pipe would be waited for without end. Raises `UnicodeDecodeError`.
    """
    # A pipe that nobody writes to is opened at once with this flag.
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(handle, encoding="utf-8", newline="") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return file.read(most + 1)
