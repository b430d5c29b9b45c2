# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""gunicorn's settings; WEB_CONCURRENCY (workers) and GUNICORN_CMD_ARGS come from the environment and win."""

from __future__ import annotations

import os

from prometheus_client import multiprocess

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
worker_class = "uvicorn.workers.UvicornWorker"
worker_tmp_dir = "/dev/shm"
timeout = 60
graceful_timeout = 30
# Longer than the proxy keeps an idle upstream connection, so that the proxy never writes to a closed one.
keepalive = 75
errorlog = "-"


def child_exit(_server: object, worker: object) -> None:
    """Let a worker's gauges go with it."""
    multiprocess.mark_process_dead(worker.pid)
