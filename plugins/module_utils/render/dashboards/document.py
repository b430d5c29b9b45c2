# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grafana's dashboards, from a Budget."""

from __future__ import annotations

from typing import Any

from ..watched import Watched
from . import api, budget, databases, host, logs

BOARDS = (api.board, budget.board, databases.board, host.board, logs.board)


def documents(watched: Watched) -> dict[str, dict[str, Any]]:
    """Return the dashboards that have something to show, by name."""
    boards = [make(watched) for make in BOARDS]
    return {board.name: board.to_dict() for board in boards if board is not None and board.panels}
