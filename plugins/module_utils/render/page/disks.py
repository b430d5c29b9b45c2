# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk as a sum, filesystem by filesystem."""

from __future__ import annotations

from .figures import mib, percent
from .markup import Html, tag
from .view import View

_COLUMNS = ("size", "reserve", "images", "logs", "volumes", "left")


def disks(view: View) -> Html:
    """Return the table; there is one where the host's filesystems are known."""
    head = tag(
        "tr",
        tag("th", "Filesystem", scope="col"),
        *(tag("th", column, scope="col", class_="number") for column in _COLUMNS),
        tag("th", "taken", scope="col", class_="number"),
    )
    rows = [
        tag(
            "tr",
            tag("th", "the disk" if name == "disk" else tag("code", name), scope="row"),
            *(tag("td", mib(taken[column]), class_="number") for column in _COLUMNS),
            tag("td", percent(taken["size"] - taken["left"], taken["size"]), class_="number"),
        )
        for name, taken in view.budget["totals"]["disks"].items()
    ]
    caption = tag("caption", "In MiB: the system's reserve, all images, the logs at their caps, and what the volumes may grow to")
    table = tag("table", caption, tag("thead", head), tag("tbody", *rows), class_="ledger disks")
    return tag("div", table, class_="scroll", role="region", aria_label="The disk", tabindex=0)
