# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The latencies of every arm as a picture: percentile across, milliseconds up, both so that the tail shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ansible_collections.ziggie.stack.tests.bench.isolation.figures import percentile

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 46, 44
SHARES = (0, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.9)
TICKS = (0, 50, 90, 95, 99, 99.9)
FONT = 'font-family="system-ui, sans-serif" font-size="12"'
# Told apart by tone and by dashes, too.
STYLES = {
    "quiet": ("#6b7280", "2 3", "quiet: no hogs"),
    "busy": ("#0f766e", "2 3", "busy: no hogs"),
    "plain": ("#b91c1c", "", "no limits"),
    "report": ("#b45309", "7 4", "the report's quotas"),
    "ours": ("#1d4ed8", "", "the budget"),
}


def drawing(latencies: Mapping[str, Sequence[float]], caption: str) -> str:
    """Return an SVG document of the latencies (ms) of each arm, all rounds together."""
    curves = {arm: [(share, max(percentile(values, share or 0.01), 0.1)) for share in SHARES] for arm, values in latencies.items()}
    least = 10 ** math.floor(math.log10(min(value for curve in curves.values() for _share, value in curve)))
    most = 10 ** math.ceil(math.log10(max(value for curve in curves.values() for _share, value in curve)))

    def across(share: float) -> float:
        # Equal room for 50, 90, 99 and 99.9 %.
        return LEFT + (WIDTH - LEFT - RIGHT) * -math.log10(1 - share / 100) / 3

    def up(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log10(value / least) / math.log10(most / least)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{caption}" {FONT}>',
        f"<title>{caption}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="14" font-weight="600" fill="#111827">{caption}</text>',
    ]
    value = float(least)
    while value <= most:
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(value):.1f}" y2="{up(value):.1f}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{up(value) + 4:.1f}" text-anchor="end" fill="#374151">{_milliseconds(value)}</text>')
        value *= 10
    for share in TICKS:
        parts.append(f'<line x1="{across(share):.1f}" x2="{across(share):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#f3f4f6"/>')
        parts.append(
            f'<text x="{across(share):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#374151">{f"P{share:g}" if share else "least"}</text>'
        )
    labels: list[float] = []
    for arm, curve in sorted(curves.items(), key=lambda pair: -pair[1][-1][1]):
        colour, dashes, words = STYLES[arm]
        points = " ".join(f"{across(share):.1f},{up(value):.1f}" for share, value in curve)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.2"{dashed}/>')
        # Labels at the end of the lines, moved apart where the lines meet.
        place = max(up(curve[-1][1]) + 4, labels[-1] + 15 if labels else 0)
        labels.append(place)
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{place:.1f}" fill="{colour}" font-weight="600">{words}</text>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _milliseconds(value: float) -> str:
    return f"{value / 1000:g} s" if value >= 1000 else f"{value:g} ms"
