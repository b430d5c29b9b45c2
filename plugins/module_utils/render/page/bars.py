# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bar for each service, all on one scale: floor, reservation, limit, request, and live use."""

from __future__ import annotations

from collections.abc import Iterator

from ...budget.units import GIB, MIB
from .figures import TIMES, mib, position
from .markup import Html, join, tag
from .view import View

_STEPS = tuple(step * unit for unit in (MIB, GIB, 1024 * GIB) for step in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512))


def bars(view: View) -> Html:
    """Return the legend, the scale and the bars, tier by tier."""
    longest = max(
        (max(view.whole(name, "limit"), view.whole(name, "request"), view.whole(name, "asked")) for name in view.services), default=0
    )
    step = next((step for step in _STEPS if step * 5 >= longest), _STEPS[-1])
    scale = max(longest, step)
    return tag("div", _legend(view), _grid(scale, step), *(_tier(view, tier, scale, step) for tier in view.tiers), class_="bars")


def _tier(view: View, tier: str, scale: int, step: int) -> Html:
    heading = tag("h3", tag("span", class_="swatch", aria_hidden="true"), tier.capitalize())
    words = ["limit", "asked", *(["in use"] if view.has_use() else [])]
    labels = [tag("span", word, class_="label number", aria_hidden="true") for word in words]
    rows = [tag("li", *_row(view, name, scale)) for name in view.by_size(tier)]
    kind = "tier live" if view.has_use() else "tier"
    return tag(
        "div", tag("div", heading, _axis(scale, step), *labels, class_="bar-row bar-head"), tag("ul", *rows), class_=f"{kind} tier-{tier}"
    )


def _row(view: View, name: str, scale: int) -> Iterator[Html]:
    replicas = view.services[name].get("replicas", 1)
    times = tag("span", f" {TIMES} {replicas:,}", class_="note") if replicas != 1 else None
    title = tag("a", name, times, href=f"#{view.anchors[name]}", class_="name")
    figures = [_figure("limit", view.whole(name, "limit"), "strong"), _figure("asked", view.whole(name, "asked"))]
    use = view.use(name)
    if view.has_use():
        figures.append(tag("span", class_="none") if use is None else _figure("in use", use))
    yield tag("div", title, _bar(view, name, scale), *figures, tag("span", *_flags(view, name), class_="flags"), class_="bar-row")


def _figure(word: str, size: int, kind: str = "") -> Html:
    return tag(
        "span",
        tag("span", f"{word} ", class_="word"),
        mib(size),
        class_=f"figure number {kind}".strip(),
    )


def _flags(view: View, name: str) -> Iterator[Html]:
    state = view.state(name)
    if state not in ("", "running", "healthy"):
        yield tag("span", state, class_="flag")
    if view.stands_in(name):
        yield tag("span", "stand-in", class_="flag quiet")


def _bar(view: View, name: str, scale: int) -> Html:
    floor, reservation, limit, request, asked = (view.whole(name, key) for key in ("floor", "reservation", "limit", "request", "asked"))
    wish, use, anchor = max(request, asked), view.use(name), view.anchors[name]
    shapes = [tag("use", href="#grid")]
    if wish > limit:
        shapes.append(tag("rect", x=position(limit, scale), y=7, width=position(wish - limit, scale), height=10, class_="wish"))
    shapes.append(tag("rect", y=4, width=position(limit, scale), height=16, class_="limit"))
    shapes.append(tag("rect", y=4, width=position(min(floor, limit), scale), height=16, class_="floor"))
    if not view.services[name]["enabled"]:
        shapes.append(tag("rect", y=4, width=position(limit, scale), height=16, fill="url(#hatch-bar)", class_="hatching"))
    if use is not None:
        shapes.append(tag("rect", y=10, width=position(min(use, scale), scale), height=4, class_="in-use"))
    mark = position(reservation, scale)
    shapes.append(tag("line", x1=mark, x2=mark, y1=1, y2=23, class_="reservation"))
    if wish != asked or asked < limit:
        shapes.append(_tick(asked, scale))
    words = [("floor", floor), ("reservation", reservation), ("limit", limit), ("request", request), ("asked", asked)]
    if use is not None:
        words.append(("in use", use))
    return tag(
        "svg",
        tag("title", name, id=f"{anchor}-bar"),
        tag("desc", ", ".join(f"{word} {mib(size)}" for word, size in words), " MiB", id=f"{anchor}-figures"),
        *shapes,
        role="img",
        aria_labelledby=f"{anchor}-bar {anchor}-figures",
        width="100%",
        height=24,
        class_="bar",
    )


def _tick(size: int, scale: int) -> Html:
    end = position(size, scale)
    return tag("line", x1=end, x2=end, y1=7, y2=17, class_="asked")


def _axis(scale: int, step: int) -> Html:
    ticks = []
    for size in range(0, scale + 1, step):
        place = "first" if size == 0 else "last" if size > scale * 0.94 else "middle"
        ticks.append(tag("text", _scale_label(size), x=position(size, scale), y=12, class_=place))
    return tag("svg", *ticks, width="100%", height=16, class_="axis", aria_hidden="true")


def _scale_label(size: int) -> str:
    return "0" if size == 0 else f"{size // GIB:,} GiB" if size % GIB == 0 else f"{size // MIB:,} MiB"


def _grid(scale: int, step: int) -> Html:
    """Return what all bars share: the scale's lines, drawn once and used by each."""
    lines = [tag("line", x1=position(size, scale), x2=position(size, scale), y1=0, y2="100%") for size in range(0, scale + 1, step)]
    return tag("svg", tag("g", *lines, id="grid"), class_="defs", aria_hidden="true", focusable="false", width=0, height=0)


def _legend(view: View) -> Html:
    entries = [
        ("floor", "below it the service does not work", [tag("rect", y=4, width=34, height=16, class_="floor")]),
        ("limit", "what it can never exceed", [tag("rect", y=4, width=34, height=16, class_="limit")]),
        ("reservation", "what it is guaranteed", [tag("line", x1=17, x2=17, y1=1, y2=23, class_="reservation")]),
        ("request", "what its author wants as limit", [tag("rect", x=1, y=7, width=32, height=10, class_="wish")]),
    ]
    if any(view.services[name]["memory"]["asked"] < view.services[name]["memory"]["request"] for name in view.services):
        entries.append(("asked", "before it was raised to the floor", [tag("line", x1=17, x2=17, y1=7, y2=17, class_="asked")]))
    if view.has_use():
        entries.append(("use", "what it uses now", [tag("rect", y=10, width=34, height=4, class_="in-use")]))
    if view.off():
        hatched = [
            tag("rect", y=4, width=34, height=16, class_="limit"),
            tag("rect", y=4, width=34, height=16, fill="url(#hatch-bar)", class_="hatching"),
        ]
        entries.append(("off", "held, but not running", hatched))
    return tag(
        "ul",
        *(
            tag(
                "li",
                tag("svg", *shapes, width=34, height=24, class_="bar", aria_hidden="true", focusable="false"),
                join([tag("b", word), meaning], " "),
            )
            for word, meaning, shapes in entries
        ),
        class_="legend",
        aria_label="How to read the bars",
    )
