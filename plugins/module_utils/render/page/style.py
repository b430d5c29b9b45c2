# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page's look: paper and ink, one colour for each tier, figures that line up."""

from __future__ import annotations

from .pool import rules
from .style_drawing import DRAWING
from .style_print import PRINT

_COLOURS = """
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --panel: #f5f5f1; --ink: #1b2227; --soft: #57626a; --rule: #d7dad6; --hair: #e8eae6; --link: #1f4f7d;
  --critical: #2c5784; --critical-soft: #a9c1da; --workflow: #2c7566; --workflow-soft: #a5cfc3; --management: #8a6420; --management-soft: #dfc898;
  --other: #5b5f77; --other-soft: #c2c4d4; --on-tier: #ffffff;
  --good: #24683f; --fair: #835800; --bad: #a32a24; --note: #57626a; --mark: #1b2227; --quiet: #c9cdc9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --panel: #1c2125; --ink: #e6e8e6; --soft: #a2acb2; --rule: #363d42; --hair: #272d32; --link: #93bfea;
    --critical: #7badde; --critical-soft: #2f5377; --workflow: #66bda8; --workflow-soft: #22564b; --management: #d3aa5c; --management-soft: #644a1b;
    --other: #a9aed0; --other-soft: #44485f; --on-tier: #101416;
    --good: #7cc796; --fair: #e0b04e; --bad: #f08b80; --note: #a2acb2; --mark: #f2f4f2; --quiet: #454d53;
  }
}
.tier-critical { --tier: var(--critical); --tier-soft: var(--critical-soft); }
.tier-workflow { --tier: var(--workflow); --tier-soft: var(--workflow-soft); }
.tier-management { --tier: var(--management); --tier-soft: var(--management-soft); }
"""

_TEXT = """
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  --tier: var(--other); --tier-soft: var(--other-soft);
  margin: 0 auto; max-width: 84rem; padding: 0 clamp(1rem, 3.5vw, 3.5rem) 4rem; background: var(--paper); color: var(--ink);
  font: 400 1rem/1.55 Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: lining-nums; overflow-wrap: anywhere;
}
h1, h2 {
  font-family: Charter, "Bitstream Charter", "Iowan Old Style", "Palatino Linotype", P052, Cambria, Georgia, "Noto Serif", serif;
  text-wrap: balance;
}
h1 { font-size: 1.3rem; line-height: 1.3; font-weight: 600; margin: 0; }
h2 { font-size: 1.5rem; line-height: 1.25; font-weight: 600; margin: 0 0 .35rem; }
h3 { font-size: 1.05rem; line-height: 1.4; font-weight: 600; margin: 1.6rem 0 .4rem; }
h4 { font-size: .78rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); font-weight: 600; margin: 1.1rem 0 .2rem; }
p { margin: 0 0 .7rem; max-width: 46rem; text-wrap: pretty; }
a { color: var(--link); text-decoration-thickness: .06em; text-underline-offset: .18em; }
a:hover { text-decoration-thickness: .13em; }
:focus-visible { outline: .16rem solid var(--link); outline-offset: .15rem; border-radius: .1rem; }
code { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; }
.note { color: var(--soft); font-weight: 400; font-size: .92em; }
.none { color: var(--soft); }
.lead { color: var(--soft); margin-bottom: 1.2rem; }
.number { font-variant-numeric: lining-nums tabular-nums; text-align: right; white-space: nowrap; }
.swatch { display: inline-block; width: .7em; height: .7em; margin-right: .5em; background: var(--tier); border-radius: .1em; }
.flag {
  display: inline-block; padding: 0 .45em; border: 1px solid var(--soft); border-radius: .7em; font-size: .8rem; line-height: 1.35; white-space: nowrap;
}
.flag.quiet { border-color: transparent; padding: 0; color: var(--soft); }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; padding: .4rem .8rem; background: var(--paper); z-index: 3; }
"""

_FRAME = """
.top { display: flex; flex-wrap: wrap; gap: .2rem 2rem; align-items: baseline; justify-content: space-between; padding: 1.4rem 0 .7rem; }
.top p { margin: 0; color: var(--soft); font-size: .92rem; }
nav { border-top: 2px solid var(--ink); border-bottom: 1px solid var(--rule); padding: .5rem 0; font-size: .92rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .15rem 1.5rem; list-style: none; margin: 0; padding: 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
main > section { padding: 2.4rem 0 0; scroll-margin-top: .5rem; }
.verdict .word { display: flex; align-items: center; gap: .5rem; margin: 0 0 .5rem; font-weight: 600; color: var(--tone); }
.verdict .mark { width: 1.5rem; height: 1.5rem; padding: .22rem; border-radius: 50%; background: var(--tone); flex: none; }
.verdict .mark path { fill: none; stroke: var(--paper); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
.verdict h2 { font-size: clamp(1.5rem, 1.1rem + 1.6vw, 2.25rem); line-height: 1.22; font-weight: 400; max-width: 38em; margin-bottom: .7rem; }
.good { --tone: var(--good); } .fair { --tone: var(--fair); } .bad { --tone: var(--bad); }
.asides { color: var(--soft); max-width: none; }
.key-figures {
  display: grid; grid-template-columns: repeat(2, 1fr); gap: .9rem 1.4rem; margin: 1.4rem 0 1.6rem; padding: .9rem 0;
  border: solid var(--rule); border-width: 1px 0;
}
@media (min-width: 40rem) { .key-figures { grid-template-columns: repeat(4, 1fr); } }
@media (min-width: 84rem) { .key-figures { grid-template-columns: repeat(8, 1fr); } }
.key-figures dt { color: var(--soft); font-size: .86rem; }
.key-figures dd { margin: 0; font-variant-numeric: lining-nums tabular-nums; }
.key-figures .big { font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em; }
.key-figures .big small { font-size: .9rem; color: var(--soft); letter-spacing: 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0 3rem; }
.columns h3 { margin-top: .8rem; }
.facts-list { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: .2rem 1.2rem; margin: 0; }
.facts-list dd { margin: 0; }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: .86rem; }
"""

_TABLES = """
.scroll { overflow-x: auto; max-width: 100%; overscroll-behavior-x: contain; }
table { border-collapse: collapse; font-size: .92rem; overflow-wrap: normal; }
caption { text-align: left; color: var(--soft); font-size: .86rem; padding: 0 0 .5rem; }
th, td { padding: .3rem .7rem; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--hair); font-weight: 400; }
th.number, td.number { text-align: right; }
thead th { color: var(--soft); font-size: .82rem; vertical-align: bottom; border-bottom: 1px solid var(--ink); }
thead th.group { border-bottom-color: var(--rule); }
abbr { text-decoration: none; }
.total th, .total td, .sum th, .sum td { font-weight: 600; }
.sum th, .sum td { border-top: 1px solid var(--ink); }
.figures { width: 100%; white-space: nowrap; }
.figures caption { white-space: normal; }
.figures th, .figures td { padding: .26rem .5rem; }
.figures th[scope=row], .figures thead tr:first-child th:first-child {
  position: sticky; left: 0; background: var(--paper); padding-left: 0; white-space: nowrap; z-index: 1;
}
.figures .first, .figures .group { padding-left: 1.3rem; }
.figures tbody .total th, .figures tbody .total td { border-top: 1.3rem solid var(--paper); border-bottom-color: var(--rule); }
.figures tbody tr:not(.total) th { padding-left: 1.2rem; }
.figures tfoot th, .figures tfoot td { border-top: 1px solid var(--ink); border-bottom: 0; }
.figures tbody tr:not(.total):hover > * { background: var(--panel); }
.accounts { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.8rem 3.5rem; align-items: start; margin-top: 1.6rem; }
@media (min-width: 68rem) { .accounts { grid-template-columns: minmax(0, 8fr) minmax(0, 5fr); } }
.ledger { width: 100%; }
.ledger th:first-child { padding-left: 0; }
@media screen and (max-width: 36rem) {
  .ledger .note { display: none; }
  .ledger th, .ledger td { padding-left: .3rem; padding-right: .3rem; }
}
.steps h3 { margin-top: 0; }
.steps ol { margin: 0; padding-left: 1.2rem; font-size: .95rem; max-width: 46rem; }
.steps li { margin-bottom: .45rem; padding-left: .2rem; font-variant-numeric: lining-nums tabular-nums; text-wrap: pretty; }
.steps li::marker { color: var(--soft); }
.ledger .sign { display: inline-block; width: 1.2em; color: var(--soft); }
.ledger td:last-child, .ledger th:last-child { padding-right: 0; }
.changes { width: 100%; margin-bottom: .7rem; }
.changes th[scope=rowgroup], .changes th:first-child, .policy th { padding-left: 0; }
.changes tbody + tbody tr:first-child > * { border-top: 1px solid var(--rule); }
.changes td { overflow-wrap: anywhere; min-width: 7rem; }
.changes .before { color: var(--soft); }
.policy td.number { text-align: left; white-space: normal; }
"""

_FINDINGS = """
.findings .group { --tone: var(--note); }
.findings .error { --tone: var(--bad); } .findings .warning { --tone: var(--fair); } .findings .accepted { --tone: var(--good); }
.findings h3 .mark { display: inline-block; width: .8rem; height: .8rem; margin-right: .45rem; }
.findings .mark path { fill: none; stroke: var(--tone); stroke-width: 1.8; stroke-linejoin: round; }
.findings ol { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); gap: 0 3rem; }
.findings ol > li { border-bottom: 1px solid var(--hair); padding: .7rem 0 .8rem .9rem; position: relative; }
.findings ol > li::before { content: ""; position: absolute; left: 0; top: .8rem; bottom: .9rem; width: .2rem; background: var(--tone); border-radius: .1rem; }
.findings p { margin: 0; }
.findings .path { color: var(--soft); font-size: .9rem; }
.findings .code { font-weight: 600; font-size: .86rem; color: var(--tone); letter-spacing: .02em; margin-right: .35em; }
.findings .fix { color: var(--soft); font-size: .94rem; }
.findings .fix b { font-weight: 600; color: var(--ink); }
.findings ul.fix { margin: .1rem 0 0; padding-left: 1.1rem; }
"""

_ARITHMETIC = """
.buttons { display: flex; gap: .6rem; }
.buttons[hidden] { display: none; }
button {
  font: inherit; font-size: .9rem; color: var(--ink); background: var(--panel); border: 1px solid var(--rule);
  border-radius: .3rem; padding: .25rem .8rem; cursor: pointer;
}
button:hover { border-color: var(--soft); }
details { border-bottom: 1px solid var(--hair); }
summary { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; padding: .42rem 0; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "+"; width: .7rem; color: var(--soft); font-weight: 600; }
details[open] > summary::before { content: "\\2212"; }
summary b { font-weight: 600; min-width: 11rem; }
summary .number { min-width: 6rem; }
summary .note.number { min-width: 8.5rem; }
details > div { padding: 0 0 1.3rem 1.7rem; scroll-margin-top: 3rem; }
.image { color: var(--soft); font-size: .92rem; max-width: none; }
.explained { margin: 0; font-size: .95rem; }
.explained div { display: grid; grid-template-columns: minmax(11rem, 17rem) 1fr; gap: 0 1.2rem; padding: .16rem 0; }
.explained dd { margin: 0; max-width: 52rem; font-variant-numeric: lining-nums tabular-nums; }
.explained dt { color: var(--soft); }
@media screen and (max-width: 44rem) {
  .explained div { grid-template-columns: 1fr; padding: .3rem 0; }
  details > div { padding-left: 0; }
  summary b { min-width: 0; flex: 1; }
  summary .note { display: none; }
}
"""


def stylesheet() -> str:
    """Return the whole style sheet."""
    return "".join((_COLOURS, _TEXT, _FRAME, _TABLES, _FINDINGS, _ARITHMETIC, DRAWING, rules(), PRINT))
