# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on paper: everything open, nothing cut off, links as plain text."""

from __future__ import annotations

PRINT = """
@media print {
  @page { size: A4; margin: 14mm 13mm; }
  @page broad { size: A4 landscape; }
  :root { color-scheme: light; }
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; background: none; }
  nav, .skip, .buttons { display: none; }
  a { color: inherit; text-decoration: none; }
  main > section { padding-top: 1.4rem; }
  section.broad { page: broad; }
  h2, h3, h4, summary, caption { break-after: avoid; }
  tr, li, .explained div, .picture, .key-figures, .ledger, .columns { break-inside: avoid; }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  .bar-row { grid-template-columns: 9rem minmax(0, 1fr) 3.4rem 3.4rem 5.5rem; }
  .live .bar-row { grid-template-columns: 9rem minmax(0, 1fr) 3.4rem 3.4rem 3.4rem 5.5rem; }
  .bars .name, .bars .figure, .legend { font-size: .86rem; }
  .key-figures { grid-template-columns: repeat(4, 1fr); }
  .key-figures .big { font-size: 1.3rem; }
  details::details-content { content-visibility: visible; block-size: auto; display: block; }
  summary::before, details[open] > summary::before { content: ""; }
  details { font-size: .86rem; }
  details > div { padding: 0 0 .6rem .7rem; }
  h4 { margin: .5rem 0 .1rem; }
  .explained { font-size: 1em; line-height: 1.4; }
  .explained div { grid-template-columns: 13rem 1fr; padding: 0; }
  .scroll { overflow: visible; }
  .figures { font-size: 7.4pt; line-height: 1.3; }
  .figures th, .figures td { padding: .14rem .28rem; }
  .figures th[scope=row] { position: static; }
  svg, .swatch, .findings li::before { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
