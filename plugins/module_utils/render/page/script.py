# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page's script: only what HTML cannot do by itself. Without it everything can be read, opened and printed all the same."""

from __future__ import annotations

SCRIPT = """
"use strict";
const all = () => document.querySelectorAll("details");
const set = (open) => all().forEach((one) => { one.open = open; });
document.getElementById("open-all")?.addEventListener("click", () => set(true));
document.getElementById("close-all")?.addEventListener("click", () => set(false));
document.getElementById("buttons")?.removeAttribute("hidden");
let opened = [];
addEventListener("beforeprint", () => { opened = [...all()].filter((one) => !one.open); set(true); });
addEventListener("afterprint", () => { opened.forEach((one) => { one.open = false; }); opened = []; });
const reveal = () => {
  const target = document.getElementById(location.hash.slice(1));
  const hiding = target?.closest("details");
  if (hiding && !hiding.open) { hiding.open = true; target.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
reveal();
"""
