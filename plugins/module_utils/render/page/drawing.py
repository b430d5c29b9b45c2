# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The geometry of the page's drawings: the pool's parts with their labels, and the scale of the bars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...budget.model import Budget
from ...units import GIB, MIB
from .figures import amount, percent
from .view import View

# From which width of the picture, in px, a label that needs so much room is shown: the classes from-<width> and to-<width> of the style sheet.
WIDTHS = (280, 440, 600, 760, 920, 1080)

TOP, SERVICES_HEIGHT = 28, 124

# What a character and a line take at the labels' size, in px, in a wide font.
_CHARACTER, _LINE, _PADDING = 7.4, 17, 12

# Narrower services are drawn together: a thousand of them would be hairlines.
_NARROWEST = 0.0012

_STEPS = tuple(step * unit for unit in (MIB, GIB, 1024 * GIB) for step in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512))


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text, its place in its part, and its style with the widths of the picture at which it is shown."""

    text: str
    x: str
    y: float
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A box of the picture: start and size in bytes, top and height in px. `unlabelled` is the width below which nothing names it, `None` for all."""

    kind: str
    start: int
    size: int
    top: int
    height: int
    hint: str
    labels: list[Label]
    unlabelled: int | None

    @property
    def hatched(self) -> bool:
        """Tell whether nothing runs in it."""
        return self.kind in ("reserve", "margin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The pool as a drawing whose whole width is `scale` bytes."""

    scale: int
    height: int
    parts: list[Part]

    @property
    def unlabelled(self) -> list[Part]:
        """Return the parts that some width of the picture leaves without a label."""
        return [part for part in self.parts if part.unlabelled != WIDTHS[0]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How many bytes the width of a bar stands for, and where its axis has marks."""

    size: int
    marks: list[int]


def picture(view: View, budget: Budget) -> Picture:
    """Return the drawing: host, tiers and services, one below the other."""
    scale = max(budget.capacity.memory, budget.reserve.memory + view.total.memory.limit)
    levels = (
        (TOP, 34, _host(budget)),
        (TOP + 37, 46, _tiers(view, budget)),
        (TOP + 86, SERVICES_HEIGHT, _services(view, budget, scale)),
    )
    parts = [_part(box, top, height, scale) for top, height, boxes in levels for box in boxes]
    return Picture(scale=scale, height=TOP + 86 + SERVICES_HEIGHT, parts=parts)


def bar_scale(view: View) -> Scale:
    """Return the one scale of all bars."""
    longest = max(view.whole(name, figure) for name in view.services for figure in ("limit", "request", "asked"))
    step = next((step for step in _STEPS if step * 5 >= longest), _STEPS[-1])
    size = max(longest, step)
    return Scale(size=size, marks=list(range(0, size + 1, step)))


# Kind, label, start, size, and a second line.
_Box = tuple[str, str, int, int, str]


def _host(budget: Budget) -> Iterator[_Box]:
    reserve, pool = budget.reserve.memory, budget.pool.memory
    yield "reserve", "reserve", 0, reserve, ""
    yield "whole", f"pool {amount(pool)}", reserve, pool, ""


def _tiers(view: View, budget: Budget) -> Iterator[_Box]:
    start, pool, end = budget.reserve.memory, budget.pool.memory, budget.capacity.memory
    for tier in view.tiers:
        size = view.totals[tier].memory.limit
        yield f"tier-{tier}", tier, start, size, f"{amount(size)} · {percent(size, pool)}"
        start += size
    if end - budget.margin > start:
        yield "left", "left", start, end - budget.margin - start, ""
    if end > start:
        yield "margin", "margin", max(start, end - budget.margin), end - max(start, end - budget.margin), ""


def _services(view: View, budget: Budget, scale: int) -> Iterator[_Box]:
    start = budget.reserve.memory
    for tier in view.tiers:
        names = [name for name in view.by_size(tier) if view.whole(name, "limit") > 0]
        wide = [name for name in names if view.whole(name, "limit") >= _NARROWEST * scale]
        for name in wide:
            yield f"tier-{tier}", name, start, view.whole(name, "limit"), ""
            start += view.whole(name, "limit")
        rest = sum(view.whole(name, "limit") for name in names[len(wide) :])
        if rest:
            yield f"tier-{tier}", f"{len(names) - len(wide):,} smaller", start, rest, ""
            start += rest


def _part(box: _Box, top: int, height: int, scale: int) -> Part:
    kind, label, start, size, second = box
    lines = [label, second] if second else [label]
    shown = _widths(lines, height, size / scale)
    return Part(
        kind=kind,
        start=start,
        size=size,
        top=top,
        height=height,
        hint=f"{label}: {second or amount(size)}",
        labels=list(_labels(lines, height, shown)),
        unlabelled=next((width for width in (shown.down, shown.first, shown.across) if width is not None), None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """From which width of the picture a label fits: the name down, the name alone across, all lines across."""

    down: int | None
    first: int | None
    across: int | None


def _widths(lines: list[str], height: int, share: float) -> _Shown:
    def fits(room: float) -> int | None:
        return next((width for width in WIDTHS if width * share >= room), None)

    return _Shown(
        down=fits(_LINE) if height == SERVICES_HEIGHT else None,
        first=fits(len(lines[0]) * _CHARACTER + _PADDING) if len(lines) > 1 else None,
        across=fits(max(map(len, lines)) * _CHARACTER + _PADDING),
    )


def _labels(lines: list[str], height: int, shown: _Shown) -> Iterator[Label]:
    """Yield the label across where there is room for it, else down, else none."""
    middle = height / 2
    if shown.down is not None and shown.down != shown.across:
        room = int((height - _PADDING) / _CHARACTER)
        name = lines[0] if len(lines[0]) <= room else f"{lines[0][: room - 1]}…"
        yield Label(text=name, x="50%", y=8, style=_style("down", shown.down, shown.across))
    if shown.first is not None and shown.first != shown.across:
        yield Label(text=lines[0], x="6", y=middle, style=_style("across", shown.first, shown.across))
    if shown.across is not None:
        for line, style, y in zip(
            lines, ("across", "across small"), (middle - 8, middle + 9) if len(lines) > 1 else (min(middle, 23),), strict=False
        ):
            yield Label(text=line, x="6", y=y, style=_style(style, shown.across, None))


def _style(kind: str, start: int, end: int | None) -> str:
    return f"{kind} from-{start}" + (f" to-{end}" if end else "")
