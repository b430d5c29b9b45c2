# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the host: the backup program, killed right before its nth effect. `killed.py N PROGRAM WORDS...`; what it was about to do goes to standard error."""

from __future__ import annotations

import os
import runpy
import signal
import sys

# Names of Python's audit events: what moves or removes files, runs programs or asks the engine. An exchange of directories is a call of the C library.
EFFECTS = {
    *("os.rename", "os.mkdir", "os.rmdir", "os.remove", "shutil.rmtree"),
    *("subprocess.Popen", "socket.connect", "ctypes.dlsym"),
}


def main() -> None:
    """Count from the moment on at which the program has been read."""
    last, program = int(sys.argv[1]), sys.argv[2]
    sys.argv = sys.argv[2:]
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in EFFECTS:
            seen += 1
            if seen == last:
                os.write(2, f"{event} {arguments!r}\n".encode()[:300])
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
