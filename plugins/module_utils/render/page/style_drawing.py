# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The look of the drawings. Each mark has a shape of its own, so that none is told by its colour alone."""

from __future__ import annotations

DRAWING = """
.picture { container: picture / inline-size; margin-top: 1.2rem; }
svg { display: block; overflow: visible; }
svg.part { overflow: hidden; }
.defs { position: absolute; }
#hatch path { stroke: var(--soft); stroke-width: 1; }
#hatch-bar path { stroke: var(--paper); stroke-width: 1.6; }
.hatching { pointer-events: none; }
.pool .hatching { opacity: .55; }
.pool .part > rect:first-of-type { fill: var(--tier); stroke: var(--paper); stroke-width: 1.5; }
@container picture (max-width: 600px) { .pool .part > rect:first-of-type { stroke-width: .7; } }
.pool .reserve > rect:first-of-type, .pool .margin > rect:first-of-type { fill: var(--quiet); }
.pool .whole > rect:first-of-type { fill: var(--ink); }
.pool .left > rect:first-of-type { fill: var(--panel); stroke: var(--rule); }
.pool .off > rect:first-of-type { fill: var(--tier-soft); }
.pool text { display: none; fill: var(--on-tier); font-size: 12.5px; dominant-baseline: central; font-variant-numeric: tabular-nums; pointer-events: none; }
.pool .whole text { fill: var(--paper); }
.pool .reserve text, .pool .margin text, .pool .left text, .pool .off text { fill: var(--ink); }
.pool text.down { writing-mode: vertical-rl; font-size: 12px; }
.pool text.small { font-size: 11.5px; }
.dimension line { stroke: var(--soft); stroke-width: 1; }
.pool .dimension text {
  display: inline; fill: var(--ink); text-anchor: middle; paint-order: stroke; stroke: var(--paper); stroke-width: 14px;
}
.end-of-memory { stroke: var(--bad); stroke-width: 3; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.8rem; list-style: none; margin: .9rem 0 0; padding: 0; font-size: .9rem; color: var(--soft); }
.legend li { display: flex; align-items: center; gap: .55rem; }
.legend b { color: var(--ink); font-weight: 600; }
.legend svg { flex: none; }
.bars ul:not(.legend) { list-style: none; margin: 0; padding: 0; }
.bar-row { display: grid; grid-template-columns: 10.5rem minmax(0, 1fr) 5rem 5rem 6.5rem; gap: 0 .8rem; align-items: center; }
.live .bar-row { grid-template-columns: 10.5rem minmax(0, 1fr) 5rem 5rem 5rem 6.5rem; }
.bar-row > svg { margin-right: .6rem; width: calc(100% - .6rem); }
.bar-head { margin-top: 1.5rem; align-items: end; border-bottom: 1px solid var(--rule); padding-bottom: .2rem; }
.bar-head h3 { margin: 0; white-space: nowrap; }
.bar-head .label { color: var(--soft); font-size: .82rem; }
.bars .name { font-size: .95rem; text-decoration: none; }
.bars .name:hover { text-decoration: underline; }
.bars .figure { font-size: .92rem; color: var(--soft); }
.bars .strong { color: var(--ink); font-weight: 600; }
.bars .word { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.flags { display: flex; flex-wrap: wrap; gap: .25rem; padding-left: .3rem; }
.axis text { fill: var(--soft); font-size: 11.5px; font-variant-numeric: tabular-nums; }
.axis .middle { text-anchor: middle; } .axis .last { text-anchor: end; }
#grid line { stroke: var(--hair); stroke-width: 1; }
.bar .limit { fill: var(--tier-soft); }
.bar .floor { fill: var(--tier); }
.bar .wish { fill: none; stroke: var(--tier); stroke-width: 1; stroke-dasharray: 3 2.5; }
.bar .reservation { stroke: var(--mark); stroke-width: 2; }
.bar .asked { stroke: var(--tier); stroke-width: 2; }
.bar .in-use { fill: var(--mark); stroke: var(--paper); stroke-width: 1; }
@media screen and (max-width: 56rem) {
  .bar-row, .live .bar-row { display: flex; flex-wrap: wrap; gap: 0 .9rem; }
  .bar-row > svg { order: 1; flex: 0 0 100%; width: 100%; margin: 0; }
  .bar-row .name { margin-right: auto; }
  .bars li .bar-row { padding: .4rem 0 .2rem; }
  .bar-head .label { display: none; }
  .bars .figure { font-size: .86rem; }
  .bars .word { position: static; width: auto; height: auto; overflow: visible; clip-path: none; }
  .flags:empty, .bar-row .none { display: none; }
}
"""
