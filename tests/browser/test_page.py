# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report page as a browser shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ziggie.stack.tests.browser.chromium import Browser
from ansible_collections.ziggie.stack.tests.unit.plugins.module_utils.render.page import sample

WIDTHS = (400, 1000, 1280, 1600)

# Elements that stick out of the window and lie in no region that scrolls or clips.
STICKING_OUT = """
const clipped = (one) => {
  for (let up = one.parentElement; up; up = up.parentElement) if (getComputedStyle(up).overflowX !== "visible") return true;
  return false;
};
return [...document.body.querySelectorAll("*")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 1 || box.left < -1) && !one.closest(".skip") && !clipped(one);
}).map((one) => one.outerHTML.slice(0, 120));
"""

# The contrast of every text with what lies behind it, by WCAG 2.2; large text needs 3, other text 4.5.
FAINT = """
const light = (colour) => colour.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
const parts = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (one) => {
  for (let up = one; up; up = up.parentElement) {
    const colour = parts(getComputedStyle(up).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour.slice(0, 3);
  }
};
return [...document.body.querySelectorAll("*")].filter((one) => {
  const drawn = one.namespaceURI.endsWith("svg");
  const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!words || ["SCRIPT", "title", "desc"].includes(one.tagName) || !one.checkVisibility()) return false;
  const style = getComputedStyle(one);
  const part = one.closest(".part > text") && one.parentElement.querySelector("rect");
  const back = part ? parts(getComputedStyle(part).fill).slice(0, 3) : behind(drawn ? one.closest("div") : one);
  const [high, low] = [light(parts(drawn ? style.fill : style.color).slice(0, 3)), light(back)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05) < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5);
}).map((one) => one.outerHTML.slice(0, 120));
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_its_window_and_the_console_is_silent(
    chromium: Browser, pages: dict[str, Path], output: Path, kind: str, width: int, dark: bool
) -> None:
    chromium.open(pages[kind], width=width, dark=dark)
    chromium.picture(output / f"{kind}-{width}-{'dark' if dark else 'light'}.png")
    assert chromium.run("return document.documentElement.scrollWidth") == width
    assert chromium.run(STICKING_OUT) == []
    chromium.run('document.querySelectorAll("details").forEach((one) => { one.open = true; })')
    assert chromium.run("return document.documentElement.scrollWidth") == width
    assert chromium.run(STICKING_OUT) == []
    assert chromium.log() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(chromium: Browser, pages: dict[str, Path], kind: str, dark: bool) -> None:
    chromium.open(pages[kind], width=1000, dark=dark)
    chromium.run('document.querySelectorAll("details").forEach((one) => { one.open = true; })')
    assert chromium.run(FAINT) == []


def _held() -> list[str]:
    """Return the services that hold a part of the pool: one that is off holds nothing."""
    return sorted(name for name, share in sample.budget()["services"].items() if share["enabled"])


@pytest.mark.parametrize("width", WIDTHS)
def test_every_service_is_visible_with_a_bar(chromium: Browser, pages: dict[str, Path], width: int) -> None:
    chromium.open(pages["full"], width=width)
    visible = """
    return [...document.querySelectorAll(".bars li .bar-row")].filter((row) => {
      const bar = row.querySelector("svg.bar .limit").getBoundingClientRect();
      return row.checkVisibility() && bar.width > 1 && bar.height > 10;
    }).map((row) => row.querySelector(".name").textContent);
    """
    assert sorted(chromium.run(visible)) == _held()


def test_the_state_of_every_service_is_seen_without_scrolling(chromium: Browser, pages: dict[str, Path]) -> None:
    for width in WIDTHS:
        chromium.open(pages["full"], width=width)
        ends = chromium.run('return [...document.querySelectorAll("td.state")].map((one) => one.getBoundingClientRect().right)')
        assert len(ends) == 27
        assert max(ends) <= width


def test_every_service_is_named_at_the_drawing_of_the_pool(chromium: Browser, pages: dict[str, Path]) -> None:
    for width in WIDTHS:
        chromium.open(pages["full"], width=width)
        named = """
        const shown = [...document.querySelectorAll(".pool .part text, .unlabelled li")].filter((one) => one.checkVisibility());
        return shown.map((one) => one.textContent.split(":")[0].replace(/…$/, ""));
        """
        assert sorted(name for name in chromium.run(named) if name.startswith("service-")) == _held()


def test_the_disk_is_read_without_scrolling_on_a_phone(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.open(pages["full"], width=400)
    assert chromium.run('const table = document.querySelector("#disk .scroll"); return table.scrollWidth - table.clientWidth') == 0


def test_light_and_dark_differ(chromium: Browser, pages: dict[str, Path]) -> None:
    grounds = []
    for dark in (False, True):
        chromium.open(pages["full"], width=1000, dark=dark)
        grounds.append(chromium.run("return getComputedStyle(document.body).backgroundColor"))
    assert len(set(grounds)) == 2


def test_a_name_opens_the_arithmetic_of_its_numbers(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.open(pages["full"], width=1000)
    assert chromium.run('return document.querySelectorAll("details[open]").length') == 0
    chromium.run('document.querySelector(".bars .name").click()')
    opened = 'return [...document.querySelectorAll("details[open]")].map((one) => one.querySelector("summary b").textContent)'
    assert chromium.run(opened) == [chromium.run('return document.querySelector(".bars .name").textContent')]


def test_all_arithmetic_is_opened_and_closed_at_once(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.open(pages["full"], width=1000)
    opened = 'return document.querySelectorAll("details[open]").length'
    chromium.run('document.getElementById("open-all").click()')
    assert chromium.run(opened) == 27
    chromium.run('document.getElementById("close-all").click()')
    assert chromium.run(opened) == 0


def test_the_keyboard_reaches_everything_and_shows_where_it_is(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.open(pages["full"], width=1000)
    seen = []
    for _press in range(60):
        for event in ("keyDown", "keyUp"):
            chromium.command("Input.dispatchKeyEvent", type=event, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        seen.append(
            chromium.run("const one = document.activeElement; return [one.tagName, getComputedStyle(one).outlineStyle, one.textContent]")
        )
    assert seen[0][2] == "Skip to the verdict"
    assert {style for _name, style, _text in seen} == {"solid"}
    assert sum("service-" in text and name == "A" for name, _style, text in seen) >= 27


def test_paper_shows_everything(chromium: Browser, pages: dict[str, Path], output: Path) -> None:
    chromium.open(pages["full"], width=1000)
    chromium.document(output / "full.pdf")
    assert (output / "full.pdf").stat().st_size > 50_000
    chromium.command("Emulation.setEmulatedMedia", media="print")
    shown = 'return [...document.querySelectorAll("details dd")].filter((one) => one.checkVisibility()).length'
    assert chromium.run(shown) == chromium.run('return document.querySelectorAll("details dd").length') > 300


def test_a_thousand_services_are_shown_too(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.open(pages["thousand"], width=1000)
    assert chromium.run('return document.querySelectorAll(".bars .tier li").length') == 1000
    assert chromium.run("return document.documentElement.scrollWidth") == 1000
    assert chromium.log() == []
