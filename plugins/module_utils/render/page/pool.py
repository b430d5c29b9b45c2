# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pool as a picture: capacity, then reserve and pool, then tiers, then services, each below what it is part of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .figures import amount, mib, percent, position
from .markup import Html, join, tag
from .view import View

# From which width of the picture, in px, a label that needs so much room is shown.
_WIDTHS = (280, 440, 600, 760, 920, 1080)

# What a character and a line take at the labels' size, in px, in a wide font.
_CHARACTER, _LINE, _PADDING = 7.4, 17, 12

_TOP, _SERVICES_HEIGHT = 28, 124

# Narrower services are drawn together: a thousand of them would be hairlines.
_NARROWEST = 0.0012


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    kind: str
    lines: tuple[str, ...]
    start: int
    size: int
    hint: str


def picture(view: View) -> Html:
    """Return the drawing, as wide as its place."""
    scale = max(view.budget["capacity"]["memory"], view.budget["reserve"]["memory"] + view.budget["totals"]["all"]["memory"]["limit"])
    levels = (
        (_TOP, 34, list(_host(view))),
        (_TOP + 37, 46, list(_tiers(view))),
        (_TOP + 86, _SERVICES_HEIGHT, list(_services(view, scale))),
    )
    drawn = [_dimension(view.budget["capacity"]["memory"], scale)]
    drawn += [_draw(part, top, height, scale) for top, height, parts in levels for part in parts]
    if scale > view.budget["capacity"]["memory"]:
        end = position(view.budget["capacity"]["memory"], scale)
        drawn.append(tag("line", x1=end, x2=end, y1="0", y2="100%", class_="end-of-memory"))
    drawing = tag(
        "svg",
        tag("title", "The pool", id="pool-title"),
        tag("desc", _description(view), id="pool-desc"),
        *drawn,
        role="img",
        aria_labelledby="pool-title pool-desc",
        class_="pool",
        width="100%",
        height=_TOP + 86 + _SERVICES_HEIGHT,
    )
    return tag("div", drawing, class_="picture")


def _dimension(capacity: int, scale: int) -> Html:
    """Draw the measure of the whole, as an engineer's drawing has it."""
    end = position(capacity, scale)
    lines = [(0, end, 10, 10), (0, 0, 3, 17), (end, end, 3, 17)]
    measure = [tag("line", x1=x1, x2=x2, y1=y1, y2=y2) for x1, x2, y1, y2 in lines]
    return tag("g", *measure, tag("text", f"capacity {amount(capacity)}", x=position(capacity, 2 * scale), y=10), class_="dimension")


def _host(view: View) -> Iterator[_Part]:
    reserve, pool = view.budget["reserve"]["memory"], view.budget["pool"]["memory"]
    yield _part("reserve", "reserve", 0, reserve)
    yield _part("whole", f"pool {amount(pool)}", reserve, pool)


def _tiers(view: View) -> Iterator[_Part]:
    budget = view.budget
    start, pool, margin = budget["reserve"]["memory"], budget["pool"]["memory"], budget["margin"]["memory"]
    for tier in view.tiers:
        size = budget["totals"]["tiers"][tier]["memory"]["limit"]
        yield _part(f"tier-{tier}", tier, start, size, f"{amount(size)} · {percent(size, pool)}")
        start += size
    end = budget["capacity"]["memory"]
    if end - margin > start:
        yield _part("left", "left", start, end - margin - start)
    if end > start:
        yield _part("margin", "margin", max(start, end - margin), end - max(start, end - margin))


def _services(view: View, scale: int) -> Iterator[_Part]:
    start = view.budget["reserve"]["memory"]
    for tier in view.tiers:
        names = [name for name in view.by_size(tier) if view.whole(name, "limit") > 0]
        wide = [name for name in names if view.whole(name, "limit") >= _NARROWEST * scale]
        for name in wide:
            off = " off" if not view.services[name]["enabled"] else ""
            yield _part(f"tier-{tier}{off}", name, start, view.whole(name, "limit"))
            start += view.whole(name, "limit")
        rest = sum(view.whole(name, "limit") for name in names[len(wide) :])
        if rest:
            yield _part(f"tier-{tier}", f"{len(names) - len(wide):,} smaller", start, rest)
            start += rest


def _part(kind: str, label: str, start: int, size: int, second: str = "") -> _Part:
    hint = f"{label}: {second or amount(size)}"
    return _Part(kind=kind, lines=(label, second) if second else (label,), start=start, size=size, hint=hint)


def _draw(part: _Part, top: int, height: int, scale: int) -> Html:
    box = {"x": position(part.start, scale), "y": top, "width": position(part.size, scale), "height": height}
    shapes = [tag("title", part.hint), tag("rect", width="100%", height="100%")]
    if part.kind.startswith("reserve") or part.kind.endswith(("margin", "off")):
        shapes.append(tag("rect", width="100%", height="100%", fill="url(#hatch)", class_="hatching"))
    return tag("svg", *shapes, *_labels(part, height, scale), class_=f"part {part.kind}", **box)


def _labels(part: _Part, height: int, scale: int) -> Iterator[Html]:
    """Draw the label across where there is room for it, else down, else not at all: each from the width at which it fits."""
    share = part.size / scale
    across = _from(max(len(line) for line in part.lines) * _CHARACTER + _PADDING, share)
    first = _from(len(part.lines[0]) * _CHARACTER + _PADDING, share)
    down = _from(_LINE, share) if height == _SERVICES_HEIGHT else None
    if down is not None and down != across:
        room = int((height - _PADDING) / _CHARACTER)
        name = part.lines[0] if len(part.lines[0]) <= room else f"{part.lines[0][: room - 1]}…"
        yield tag("text", name, x="50%", y=8, class_=_shown("down", down, across))
    middle = height / 2
    if len(part.lines) > 1:
        if first is not None and first != across:
            yield tag("text", part.lines[0], x=6, y=f"{middle:g}", class_=_shown("across", first, across))
        if across is not None:
            yield tag("text", part.lines[0], x=6, y=f"{middle - 8:g}", class_=_shown("across", across, None))
            yield tag("text", part.lines[1], x=6, y=f"{middle + 9:g}", class_=_shown("across small", across, None))
    elif across is not None:
        yield tag("text", part.lines[0], x=6, y=f"{min(middle, 23):g}", class_=_shown("across", across, None))


def _from(room: float, share: float) -> int | None:
    return next((width for width in _WIDTHS if width * share >= room), None)


def _shown(kind: str, start: int, end: int | None) -> str:
    return f"{kind} from-{start}" + (f" to-{end}" if end else "")


def rules() -> str:
    """Return the style rules that show each label from the width at which it fits."""
    shown = "".join(f"@container picture (min-width:{width}px){{.pool text.from-{width}{{display:inline}}}}\n" for width in _WIDTHS)
    hidden = "".join(f"@container picture (min-width:{width}px){{.pool text.to-{width}{{display:none}}}}\n" for width in _WIDTHS)
    return shown + hidden


def _description(view: View) -> Html:
    budget = view.budget
    tiers = [f"{tier} {mib(budget['totals']['tiers'][tier]['memory']['limit'])}" for tier in view.tiers]
    return join(
        [
            f"Of {amount(budget['capacity']['memory'])} the operating system keeps {mib(budget['reserve']['memory'])};",
            f"the pool of {mib(budget['pool']['memory'])} is shared by limit: {', '.join(tiers)};",
            f"{mib(budget['margin']['memory'])} of it are margin.",
            "Every service's figures are in the table below.",
        ],
        " ",
    )
